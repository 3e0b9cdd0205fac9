"""The length that the header of an AVI file states.

FFmpeg replaces it by what the size of the file suggests, which of a file that breaks off is
what is left of it.
"""

import re
from typing import IO

_HEADER_BYTES = 65536
"""Within which the headers of all tracks lie."""

_TRACK = re.compile(rb"strh.{4}(?:auds|vids|txts|mids)", re.DOTALL)


def stated_seconds(stream: IO[bytes], index: int) -> float | None:
    """Seconds of the track with this index, None if none are stated."""
    stream.seek(0)
    head = stream.read(_HEADER_BYTES)
    tracks = list(_TRACK.finditer(head))
    if index >= len(tracks):
        return None
    # AVISTREAMHEADER behind the chunk's name and size: scale, rate and length from byte 20 on.
    fields = head[tracks[index].start() + 8 :][20:36]
    scale, rate, _, length = (
        int.from_bytes(fields[at : at + 4], "little") for at in range(0, 16, 4)
    )
    return length * scale / rate if rate else None
