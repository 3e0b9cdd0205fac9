"""Downloads: the bytes of an object, or a range of them, with the headers of both APIs."""

import re
from email.utils import format_datetime
from typing import BinaryIO

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.messages import FileSlice, Response
from scripts.local.gcs.objects.resources import ObjectRecord


def object_headers(record: ObjectRecord) -> dict[str, str]:
    """The headers that describe an object in both APIs."""
    attributes = record.attributes
    hashes = [f"crc32c={record.crc32c}"]
    if record.md5 is not None:
        hashes.append(f"md5={record.md5}")
    optional = {
        "Content-Disposition": attributes.content_disposition,
        "Cache-Control": attributes.cache_control,
        **{f"x-goog-meta-{key}": value for key, value in attributes.metadata.items()},
    }
    return {
        "ETag": f'"{record.etag}"',
        "Last-Modified": format_datetime(record.updated, usegmt=True),
        "x-goog-generation": str(record.generation),
        "x-goog-metageneration": str(record.metageneration),
        "x-goog-stored-content-encoding": "identity",
        "x-goog-stored-content-length": str(record.size),
        "x-goog-hash": ",".join(hashes),
        "x-goog-storage-class": "STANDARD",
        **{key: value for key, value in optional.items() if value is not None},
    }


def download(record: ObjectRecord, file: BinaryIO, range_header: str | None) -> Response:
    """200, or 206 for a range; raises StorageError (416) for one past the end."""
    headers = {
        "Content-Type": record.attributes.content_type or "application/octet-stream",
        "Accept-Ranges": "bytes",
        **object_headers(record),
    }
    try:
        wanted = _requested(range_header, record.size)
    except StorageError:
        file.close()
        raise
    if wanted is None:
        return Response(200, headers, FileSlice(file, 0, record.size))
    start, end = wanted
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{record.size}"
    return Response(206, headers, FileSlice(file, start, end - start))


def _requested(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte, and the one after the last. What is no single range is ignored (RFC 9110)."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", (header or "").strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise StorageError(
            Refusal.RANGE,
            "The requested range cannot be satisfied.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end
