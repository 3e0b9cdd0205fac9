"""An HTTP request as it came off the wire, and the answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from scripts.local.gcs.errors import BrokenConnectionError, Refusal, StorageError

BLOCK_BYTES = 256 * 1024
"""Most that is held in memory of any body."""


class Body:
    """A request's body, read once, in pieces as they arrive.

    `length` in bytes, or None for a chunked body.
    """

    def __init__(self, source: BufferedReader, length: int | None) -> None:
        self._source = source
        self.length = length
        self._left = length or 0
        self._chunks_follow = length is None

    def read(self, limit: int = BLOCK_BYTES) -> bytes:
        """Up to `limit` bytes; empty at the end. Raises BrokenConnectionError."""
        try:
            if self._left == 0 and self._chunks_follow:
                self._start_chunk()
            if self._left == 0:
                return b""
            # read1 hands over what has arrived: of a broken upload every byte counts.
            data = self._source.read1(min(limit, self._left))
            if not data:
                raise BrokenConnectionError
            self._left -= len(data)
            if self._left == 0 and self._chunks_follow:
                self._source.readline()
            return data
        except (OSError, ValueError) as error:
            raise BrokenConnectionError from error

    def _start_chunk(self) -> None:
        size_line = self._source.readline(1024)
        self._left = int(size_line.split(b";")[0], 16)
        if self._left == 0:
            self._chunks_follow = False
            while self._source.readline().strip():
                pass  # trailers

    def read_all(self, limit: int) -> bytes:
        """The whole body of a request that is small by its nature."""
        data = b""
        while piece := self.read():
            data += piece
            if len(data) > limit:
                raise StorageError(Refusal.INVALID, f"More than {limit} bytes of metadata.")
        return data

    def save(self, path: Path) -> int:
        """Write it to a file; returns its size in bytes."""
        with path.open("wb") as file:
            while piece := self.read():
                file.write(piece)
            return file.tell()

    def drain(self) -> None:
        """Skip the unread rest, so that the next request on the connection can be read."""
        while self.read():
            pass


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    """Path and query as sent, still percent-encoded."""
    headers: Message
    body: Body
    base_url: str
    """`http://host:port` the client used."""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        return dict(self.query_pairs)

    @property
    def bucket_and_name(self) -> tuple[str, str]:
        """Of a path-style URL, `/bucket/object`."""
        bucket, _, name = self.path.lstrip("/").partition("/")
        return unquote(bucket), unquote(name)


@dataclass(frozen=True)
class FileSlice:
    """`length` bytes of an open file from `start`; the sender closes the file."""

    file: BinaryIO
    start: int
    length: int


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | FileSlice = b""
    breaks_off: bool = False
    """Half of the body is sent, and the connection closed."""

    @property
    def length(self) -> int:
        return self.body.length if isinstance(self.body, FileSlice) else len(self.body)
