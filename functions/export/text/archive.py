"""Zip archives whose bytes follow from their contents alone."""

import io
import zipfile
from collections.abc import Iterable


def zipped(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """Names and contents, in this order, dated 1980-01-01 whatever the clock says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()
