"""WAV files whose header states the wrong amount of sound.

A recorder writes the length of the sound into the header of its file, and brings it up to
date from time to time. After a crash the length is that of the last update: FFmpeg, like most
programs, reads no further. Of a file that was copied in part it reads what is there, and
reports the shorter length as the whole.
"""

from dataclasses import dataclass
from typing import IO

_UNKNOWN = 0xFFFFFFFF
"""The length is not known, or in a chunk of its own (RF64)."""

_UNTOLD = 0x7FFFFFFF
"""What some recorders write until they know better."""


_UNTOLD_LONG = 2**62

_WAVE64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"

_HEAD_BYTES = 65536
"""Within which the sound of a Wave64 or Core Audio file begins."""


@dataclass(frozen=True)
class _Data:
    """The data chunk."""

    start: int
    size: int
    order: str

    @property
    def end(self) -> int:
        return self.start + self.size + self.size % 2


def understates_length(stream: IO[bytes], end: int) -> bool:
    """Whether sound follows the data chunk of a WAV file that ends at `end`.

    What follows a data chunk of the right length is nothing or further chunks up to the end
    of the file. The stream's position is not kept.
    """
    data = _data_chunk(stream)
    return data is not None and not _only_chunks(stream, data.end, end, data.order)


def share_present(stream: IO[bytes], end: int) -> float:
    """Of the sound that a WAV, Wave64 or Core Audio file names, 0 to 1; 1 for any other file."""
    data = _data_chunk(stream) or _long_data_chunk(stream)
    return 1.0 if data is None else min(1.0, max(0, end - data.start) / data.size)


def _data_chunk(stream: IO[bytes]) -> _Data | None:
    """None if there is none that names its length."""
    stream.seek(0)
    head = stream.read(12)
    if head[:4] not in (b"RIFF", b"RIFX") or head[8:12] != b"WAVE":
        return None
    order = "big" if head[:4] == b"RIFX" else "little"
    at = 12
    while (chunk := _chunk(stream, at, order)) is not None:
        name, size = chunk
        if name == b"data":
            known = size not in (0, _UNKNOWN, _UNTOLD)
            return _Data(at + 8, size, order) if known else None
        at += 8 + size + size % 2
    return None


def _long_data_chunk(stream: IO[bytes]) -> _Data | None:
    """That of Wave64 or the Core Audio Format, whose sizes have eight bytes."""
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    if head.startswith(b"caff") and (at := head.find(b"data")) > 0:
        start, size = at + 12, int.from_bytes(head[at + 4 : at + 12], "big", signed=True)
    elif head.startswith(b"riff") and (at := head.find(_WAVE64_DATA)) > 0:
        start, size = at + 24, int.from_bytes(head[at + 16 : at + 24], "little") - 24
    else:
        return None
    return _Data(start, size, "") if 0 < size < _UNTOLD_LONG else None


def _only_chunks(stream: IO[bytes], at: int, end: int, order: str) -> bool:
    """Whether chunks lie between the two places. Too little for a chunk is padding."""
    while end - at >= 8:
        chunk = _chunk(stream, at, order)
        if chunk is None:
            return False
        name, size = chunk
        if not all(0x20 <= byte < 0x7F for byte in name) or at + 8 + size > end:
            return False
        at += 8 + size + size % 2
    return True


def _chunk(stream: IO[bytes], at: int, order: str) -> tuple[bytes, int] | None:
    stream.seek(at)
    head = stream.read(8)
    if len(head) < 8:
        return None
    return head[:4], int.from_bytes(head[4:], "big" if order == "big" else "little")
