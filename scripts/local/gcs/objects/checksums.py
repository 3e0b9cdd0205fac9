"""CRC32C and MD5 as Cloud Storage writes them: base64 of the big-endian digest."""

import base64
import hashlib
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import google_crc32c

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.messages import BLOCK_BYTES


@dataclass(frozen=True)
class Content:
    """Bytes at rest in a file that will not change any more."""

    path: Path
    size: int
    crc32c: str
    md5: str


def measure(path: Path) -> Content:
    crc32c, md5, size = 0, hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            crc32c = google_crc32c.extend(crc32c, block)
            md5.update(block)
            size += len(block)
    return Content(path, size, _base64(crc32c.to_bytes(4, "big")), _base64(md5.digest()))


@dataclass(frozen=True)
class Expected:
    """What the client says that its bytes add up to."""

    crc32c: str | None = None
    md5: str | None = None

    @classmethod
    def from_headers(cls, headers: Message) -> "Expected":
        """`x-goog-hash: crc32c=…,md5=…`, in one header or several, and `Content-MD5`."""
        given = {}
        for item in ",".join(headers.get_all("x-goog-hash", [])).split(","):
            kind, _, digest = item.strip().partition("=")
            given[kind] = digest
        return cls(crc32c=given.get("crc32c"), md5=given.get("md5") or headers.get("Content-MD5"))

    def or_else(self, *, crc32c: str | None, md5: str | None) -> "Expected":
        """With what the object's resource states where the headers state nothing."""
        return Expected(crc32c=self.crc32c or crc32c, md5=self.md5 or md5)

    def verify(self, content: Content) -> None:
        """Raises StorageError if the bytes add up to something else."""
        for label, expected, actual in (
            ("CRC32C", self.crc32c, content.crc32c),
            ("MD5 hash", self.md5, content.md5),
        ):
            if expected is not None and expected != actual:
                raise StorageError(
                    Refusal.BAD_DIGEST,
                    f'Provided {label} "{expected}" doesn\'t match calculated {label} "{actual}".',
                )


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
