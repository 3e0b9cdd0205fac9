"""A stretch of a file as a file of its own."""

import io
from typing import IO, cast


def window(stream: IO[bytes], start: int, end: int) -> IO[bytes]:
    """The bytes [start, end) of a seekable stream, which others may read meanwhile."""
    return cast("IO[bytes]", _Window(stream, start, end))


class _Window(io.RawIOBase):
    def __init__(self, stream: IO[bytes], start: int, end: int) -> None:
        self._stream = stream
        self._start = start
        self._end = end
        self._at = start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._end - self._at)
        self._stream.seek(self._at)
        data = self._stream.read(left if size is None or size < 0 else min(size, left))
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: self._start, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        if base + offset < self._start:
            raise ValueError("a position before the beginning")
        self._at = base + offset
        return self.tell()

    def tell(self) -> int:
        return self._at - self._start
