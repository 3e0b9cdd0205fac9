"""The `Content-Range` of a resumable upload's requests.

"Perform resumable uploads": `bytes 0-99/200`, `bytes 0-99/*`, `bytes */200`, `bytes */*`.
"""

import re
from dataclasses import dataclass

from scripts.local.gcs.errors import Refusal, StorageError

CHUNK_UNIT_BYTES = 256 * 1024
"""Chunks but the last are multiples of this, and so is what an unfinished session keeps."""


@dataclass(frozen=True)
class UploadRange:
    """Bytes from `start` to before `end`, both None in a status query; `total` if known."""

    start: int | None
    end: int | None
    total: int | None

    @property
    def is_status_query(self) -> bool:
        return self.start is None

    @property
    def is_last(self) -> bool:
        """Whether the object is complete once these bytes are in."""
        return self.end is None or self.end == self.total


def parse_upload_range(header: str | None, length: int | None) -> UploadRange:
    """`length` is the body's, None if it does not say. Raises StorageError.

    Without the header the body is the whole object; what a body of unknown length adds
    up to is known when it has ended.
    """
    if header is None:
        return UploadRange(start=0, end=length, total=length)
    match = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", header.strip())
    if match is None:
        raise StorageError(Refusal.INVALID, f"Failed to parse Content-Range header: {header}")
    first, last, total_text = match.groups()
    total = None if total_text == "*" else int(total_text)
    if first is None:
        return UploadRange(start=None, end=None, total=total)
    start, end = int(first), int(last) + 1
    if end <= start or (total is not None and end > total):
        raise StorageError(Refusal.INVALID, f"Invalid Content-Range header: {header}")
    if length is not None and length != end - start:
        raise StorageError(
            Refusal.INVALID,
            f"Content-Range {header} does not fit a body of {length} byte(s).",
        )
    if end != total and end - start < CHUNK_UNIT_BYTES:
        raise StorageError(
            Refusal.INVALID,
            "Invalid request.  The number of bytes uploaded is required to be equal or greater "
            f"than {CHUNK_UNIT_BYTES}, except for the final request (it's recommended to be the "
            f"exact multiple of {CHUNK_UNIT_BYTES}).  The received request contained "
            f"{end - start} bytes, which does not meet this requirement.",
        )
    return UploadRange(start=start, end=end, total=total)


def whole_units(size: int) -> int:
    return size - size % CHUNK_UNIT_BYTES
