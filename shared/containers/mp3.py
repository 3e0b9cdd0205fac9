"""How many frames the writer of an MP3 file has counted."""

_TAGS = (b"Xing", b"Info")
"""Of a first frame without sound; both are followed by flags, of which the lowest announces the
number of frames (Xing's and LAME's tag)."""

_TAG_REACH = 64
"""Behind the frame's beginning, past its header and side information."""

SEARCHED_BYTES = 4096
"""From where the ID3 tag ends: a few bytes of padding may precede the first frame."""


def id3_length(head: bytes) -> int:
    """How long the ID3v2 tag is that a file, or a part of it, begins with; 0 without one."""
    if len(head) < 10 or not head.startswith(b"ID3"):
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length


def counted_seconds(first: bytes, *, rate: int) -> float | None:
    """The length that the first frame names, None if it names none.

    `first` are the bytes behind the ID3 tag, `rate` is in Hz.
    """
    start = next((at for at in range(len(first) - 1) if _begins_frame(first, at)), None)
    if start is None or rate <= 0:
        return None
    places = [first.find(tag, start, start + _TAG_REACH) for tag in _TAGS]
    at = max(places)
    if at < 0 or len(first) < at + 12 or not first[at + 7] & 1:
        return None
    frames = int.from_bytes(first[at + 8 : at + 12], "big")
    return frames * (1152 if rate >= 32_000 else 576) / rate if frames else None


def _begins_frame(data: bytes, at: int) -> bool:
    return data[at] == 0xFF and data[at + 1] & 0xE0 == 0xE0
