"""The length that the header of an ASF (WMA, WMV) file states.

FFmpeg replaces it by what the size of the file suggests, which of a file that breaks off is
what is left of it.
"""

from typing import IO

_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_HEADER_BYTES = 1 << 20
_BROADCAST = 1
"""Flag of a file whose writer could not go back to state its length."""


def stated_seconds(stream: IO[bytes]) -> float | None:
    """Seconds without what players buffer before they begin, None if none are stated.

    Advanced Systems Format, section 3.2: behind the object's name (16 bytes) and size (8)
    the file's name, size, date and number of packets, the duration in units of 100 ns, that of
    sending, the preroll in milliseconds, and flags.
    """
    stream.seek(0)
    head = stream.read(_HEADER_BYTES)
    at = head.find(_FILE_PROPERTIES)
    if at < 0 or len(head) < at + 92:
        return None
    duration, _, preroll = (
        int.from_bytes(head[start : start + 8], "little") for start in (at + 64, at + 72, at + 80)
    )
    flags = int.from_bytes(head[at + 88 : at + 92], "little")
    seconds = duration / 1e7 - preroll / 1e3
    return seconds if seconds > 0 and not flags & _BROADCAST else None
