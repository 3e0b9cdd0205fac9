"""A zip archive that is read while it is written: memory does not grow with its size.

The last entry, `manifest.json`, lists the others with size and SHA-256.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any

from shared.errors import ObjectMissingError

CHUNK_BYTES = 1 << 20
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Entry:
    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]


def text_entry(name: str, text: str) -> Entry:
    return Entry(name, lambda: io.BytesIO(text.encode()))


class ZipStream:
    """Readable once. An entry whose object is gone by the time it is opened is left out."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._pieces = _zipped(entries)
        self._rest = bytearray()
        self._position = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._digest.hexdigest()

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        """As many bytes as asked for, except at the end: an upload takes fewer for the last."""
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece
        taken = bytes(self._rest if size < 0 else self._rest[:size])
        del self._rest[: len(taken)]
        self._position += len(taken)
        self._digest.update(taken)
        return taken


class _Written(io.RawIOBase):
    """What the archive has written and is yet to be read. It cannot be sought in."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def _zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    written = _Written()
    manifest: list[dict[str, Any]] = []
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            digest, size = hashlib.sha256(), 0
            try:
                with entry.open() as source:
                    data = source.read(CHUNK_BYTES)
                    with archive.open(_info(entry.name), "w", force_zip64=True) as target:
                        while data:
                            digest.update(data)
                            size += len(data)
                            target.write(data)
                            yield written.take()
                            data = source.read(CHUNK_BYTES)
            except ObjectMissingError:
                if size:
                    raise  # Half of it is in the archive.
                continue
            manifest.append({"name": entry.name, "sizeBytes": size, "sha256": digest.hexdigest()})
        archive.writestr(_info(MANIFEST), json.dumps({"files": manifest}, indent=2))
    yield written.take()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
