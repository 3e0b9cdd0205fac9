"""What may follow the last block of a Matroska or WebM file (RFC 9559, section 5)."""

from typing import IO

_ELEMENTS = (
    b"\xa3",
    b"\xa0",
    b"\xec",
    b"\xbf",
    b"\xab",
    b"\xa7",
    b"\x75\xa1",
    b"\x9b",
    b"\xfb",
    b"\x1f\x43\xb6\x75",
    b"\x1c\x53\xbb\x6b",
    b"\x12\x54\xc3\x67",
    b"\x19\x41\xa4\x69",
    b"\x10\x43\xa7\x70",
    b"\x11\x4d\x9b\x74",
    b"\x15\x49\xa9\x66",
    b"\x16\x54\xae\x6b",
    b"\x1a\x45\xdf\xa3",
)
"""Block, group and its parts, void, checksum, cluster, cues, tags, attachments, chapters,
seek head, information, tracks, and the header of another recording."""


def unread_tail(stream: IO[bytes], after: int, end: int) -> int:
    """Bytes behind the packet that ends at `after`, if they belong to no element."""
    stream.seek(after)
    head = stream.read(4)
    return 0 if not head or head.startswith(_ELEMENTS) else max(0, end - after)
