"""The speech of a recording without its pauses, in pieces that fit Whisper's 30 s window.

Whisper invents words in silence, so it receives speech alone. It decodes each piece
separately: the result of one does not depend on the others, and a lecture that is cut
between its pieces is recognized as if it were whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.voice_activity import voice_activity
from functions.transcribe.speech.regions import Region, SpeechRegions
from functions.transcribe.speech.voice_onset import with_onset

PIECE_SEC = 30.0
"""Whisper's window."""

OVERLAP_SEC = 4.0
"""What two pieces share where speech has no pause: some ten words, of which both pieces
recognize those at the very edges badly and those in the middle well."""

SPAN_SEC = 60.0
"""From a piece's beginning to its end, with its pauses: what is said minutes apart is no
context of each other, and a lecture can be cut only between pieces."""

EARLY_SEC = 0.1
"""Voice activity notices a soft first sound this much too late."""
_EARLY = round(EARLY_SEC * SAMPLE_RATE)

Group = tuple[Region, ...]
"""Neighbouring regions, the speech of one piece."""


@dataclass(frozen=True)
class Speech:
    """A sound, mono, 16 kHz, -1 to 1, and its speech regions."""

    samples: NDArray[np.float32]
    regions: Group
    """In order. They touch or overlap where speech has no pause."""

    @property
    def duration_sec(self) -> float:
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True)
class Piece:
    """Neighbouring regions played without the pauses between them: up to 30 s."""

    regions: Group
    samples: NDArray[np.float32]

    @property
    def start_sec(self) -> float:
        return self.regions[0].start / SAMPLE_RATE

    @property
    def end_sec(self) -> float:
        return self.regions[-1].end / SAMPLE_RATE

    def part(self, first: int, stop: int) -> "Piece":
        """The regions [first, stop) alone."""
        begin = sum(map(len, self.regions[:first]))
        regions = self.regions[first:stop]
        return Piece(regions, self.samples[begin : begin + sum(map(len, regions))])

    def windows(self, shortest_sec: float) -> list[tuple[int, int]]:
        """Its regions in groups of so many seconds and more, each as first and stop; one if there
        is less."""
        groups, first, length = [], 0, 0
        for index, region in enumerate(self.regions):
            length += len(region)
            if length >= shortest_sec * SAMPLE_RATE:
                groups.append((first, index + 1))
                first, length = index + 1, 0
        if first < len(self.regions):
            start = groups.pop()[0] if groups else 0
            groups.append((start, len(self.regions)))
        return groups

    def place(self, start_sec: float, end_sec: float) -> tuple[float, float]:
        """Times in the piece to times in the segment.

        A word across a joint belongs to the region that its middle lies in. It starts no earlier
        than the voice, up to `EARLY_SEC`: Whisper, which hears no pause at a joint, often lets a
        word begin where the one before it ended.
        """
        middle = (start_sec + end_sec) / 2 * SAMPLE_RATE
        begin = 0
        for region in self.regions:
            if middle < begin + len(region) or region is self.regions[-1]:
                break
            begin += len(region)
        shift = (region.start - begin) / SAMPLE_RATE
        low = (region.start + max(0, region.padded - _EARLY)) / SAMPLE_RATE
        high = region.end / SAMPLE_RATE
        return (
            min(max(start_sec + shift, low), high),
            min(max(end_sec + shift, low), high),
        )


def speech_in(samples: NDArray[np.float32]) -> Speech:
    """Find the speech regions of a sound."""
    stream = stream_regions(PIECE_SEC)
    regions = stream.add(voice_activity(samples)) + stream.finish(len(samples))
    return Speech(samples, tuple(regions))


def stream_regions(longest_sec: float) -> SpeechRegions:
    """Regions of at most `longest_sec`, overlapping where they must be divided."""
    return SpeechRegions(
        longest=round(longest_sec * SAMPLE_RATE),
        overlap=round(min(OVERLAP_SEC, longest_sec / 4) * SAMPLE_RATE),
    )


def speech_pieces(speech: Speech) -> list[Piece]:
    """The pieces, in order; none without speech."""
    grouping = Grouping(PIECE_SEC)
    groups = [group for region in speech.regions for group in grouping.add(region)]
    return [
        Piece(
            tuple(with_onset(region, speech.samples) for region in group),
            np.concatenate([speech.samples[region.start : region.end] for region in group]),
        )
        for group in [*groups, *grouping.finish()]
    ]


class Grouping:
    """Gathers regions in their order until a piece is full."""

    def __init__(self, longest_sec: float) -> None:
        self._longest = round(longest_sec * SAMPLE_RATE)
        self._span = round(SPAN_SEC * SAMPLE_RATE)
        self._open: list[Region] = []

    @property
    def is_open(self) -> bool:
        """Whether there are regions of which no piece is made yet."""
        return bool(self._open)

    def add(self, region: Region) -> Iterator[Group]:
        """The piece that is full because this region does not fit into it."""
        if self._open and not self._fits(region):
            yield from self.finish()
        self._open.append(region)

    def close_before(self, end: int) -> Iterator[Group]:
        """The piece that no region fits into any more, as none begins before `end`."""
        if self._open and end - self._open[0].start >= self._span:
            yield from self.finish()

    def finish(self) -> Iterator[Group]:
        if self._open:
            yield tuple(self._open)
            self._open = []

    def _fits(self, region: Region) -> bool:
        return (
            sum(map(len, self._open)) + len(region) <= self._longest
            and region.end - self._open[0].start <= self._span
        )
