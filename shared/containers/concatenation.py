"""Recordings that follow each other in one file.

Recorders append, and people join files by copying one behind the other. Where the second has
another form, FFmpeg's demuxers end with the first, or decode the second by the first's
header, and report no error.
"""

import re
from collections.abc import Iterator
from typing import IO

from shared.containers.mp4 import top_level_boxes

MOST_PARTS = 64
"""What a file holds beyond these stays with the last one."""

_BLOCK = 1 << 20
_OVERLAP = 128
"""Bytes; longer than anything that a pattern matches."""

_BEGINNINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        # A page that begins a logical stream: version 0, granule position 0, number 0.
        rb"OggS\0[\x02\x06]\0{8}.{4}\0{4}",
        rb"\x1a\x45\xdf\xa3.{1,64}?\x42\x82.(?:webm|matroska)",
        rb"RIFF.{4}WAVE",
        rb"RIFX.{4}WAVE",
        rb"RIFF.{4}AVI ",
        rb"FORM.{4}AIF[FC]",
        rb"fLaC[\0\x80]\0\0\x22",
        rb"caff\0\x01..desc",
        rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c",
        rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0",
        rb"#!AMR(?:-WB)?\n",
    )
)
"""How files of each container begin that has a header. Those without one, as MP3, are streams
of frames and may change their form anywhere."""


def beginnings(stream: IO[bytes], end: int) -> list[int]:
    """Where recordings of the first one's container begin; the first is 0.

    Reads the file once if its container is one that a header begins. The stream's position is
    not kept.
    """
    stream.seek(0)
    head = stream.read(_OVERLAP)
    if head[4:8] == b"ftyp":
        found = [box.start for box in top_level_boxes(stream, end) if box.kind == "ftyp"]
    elif (pattern := next((p for p in _BEGINNINGS if p.match(head)), None)) is not None:
        found = list(_matches(stream, pattern))
        if head.startswith(b"OggS"):
            found = _groups_of_pages(stream, found)
    else:
        found = [0]
    return found[:MOST_PARTS] or [0]


def _matches(stream: IO[bytes], pattern: re.Pattern[bytes]) -> Iterator[int]:
    stream.seek(0)
    kept = b""
    at = 0  # of the first kept byte
    last = -1
    while block := stream.read(_BLOCK):
        window = kept + block
        for match in pattern.finditer(window):
            if at + match.start() > last:
                last = at + match.start()
                yield last
        kept = window[-_OVERLAP:]
        at += len(window) - len(kept)


def _groups_of_pages(stream: IO[bytes], pages: list[int]) -> list[int]:
    """Pages that begin streams side by side, as sound and picture, begin one recording."""
    groups: list[int] = []
    end_of_last = -1
    for at in pages:
        stream.seek(at + 26)
        count = stream.read(1)
        sizes = stream.read(count[0]) if count else b""
        if at != end_of_last:
            groups.append(at)
        end_of_last = at + 27 + len(sizes) + sum(sizes)
    return groups
