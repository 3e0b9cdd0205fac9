"""The boxes of an MP4 file that show whether it is complete.

ISO/IEC 14496-12, section 4.2: a box is its size in 32 bits, its type, and, if that size is 1,
its size in 64 bits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_MOST_BOXES = 100_000
"""Of a fragmented recording of a day; bounds the work for a hostile file."""


@dataclass(frozen=True)
class Box:
    start: int
    size: int
    """As it is stated, which may reach beyond the end of the file."""
    kind: str

    @property
    def end(self) -> int:
        return self.start + self.size


def lacks_index(stream: IO[bytes], end: int) -> bool:
    """Whether there is sound but not the table that says where in the file it lies.

    A recorder writes it last, and one that is stopped by a crash does not get there.
    """
    kinds = {box.kind for box in top_level_boxes(stream, end)}
    return "ftyp" in kinds and "mdat" in kinds and "moov" not in kinds


def missing_fragments(stream: IO[bytes], end: int) -> float:
    """How much of a fragmented file is missing or out of reach, against what can be read; 0 for
    any other file.

    No table lists the fragments, so one that breaks off, or whose boxes cannot be followed behind
    a damaged one, is read up to there without an error.
    """
    boxes = list(top_level_boxes(stream, end))
    first = next((box.start for box in boxes if box.kind == "moof"), None)
    if first is None or len(boxes) == _MOST_BOXES:
        return 0.0
    reached = boxes[-1].end
    readable = min(reached, end) - first
    return abs(reached - end) / readable


def top_level_boxes(stream: IO[bytes], end: int) -> Iterator[Box]:
    """As far as the file can be followed."""
    at = 0
    for _ in range(_MOST_BOXES):
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8 or not head[4:8].isascii() or not head[4:8].decode().isprintable():
            return
        size = int.from_bytes(head[:4], "big")
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:], "big")
        if size == 0:
            size = end - at  # up to the end of the file
        if size < 8:
            return
        yield Box(at, size, head[4:8].decode())
        if (at := at + size) >= end:
            return
