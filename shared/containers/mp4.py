"""The boxes of an MP4 file that show whether it is complete.

ISO/IEC 14496-12, section 4.2: a box is its size in 32 bits, its type, and, if that size is 1,
its size in 64 bits.
"""

from collections.abc import Iterator
from typing import IO

_MOST_BOXES = 100_000
"""Of a fragmented recording of a day; bounds the work for a hostile file."""


def lacks_index(stream: IO[bytes], end: int) -> bool:
    """Whether there is sound but not the table that says where in the file it lies.

    A recorder writes it last, and one that is stopped by a crash does not get there.
    """
    types = {kind for _, kind in top_level_boxes(stream, end)}
    return "ftyp" in types and "mdat" in types and "moov" not in types


def top_level_boxes(stream: IO[bytes], end: int) -> Iterator[tuple[int, str]]:
    """Where each box begins, and its type; as far as the file can be followed."""
    at = 0
    for _ in range(_MOST_BOXES):
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8 or not head[4:8].isascii() or not head[4:8].decode().isprintable():
            return
        yield at, head[4:8].decode()
        size = int.from_bytes(head[:4], "big")
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:], "big")
        if size < 8 or (at := at + size) >= end:  # 0: up to the end of the file
            return
