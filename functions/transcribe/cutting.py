"""Cut a lecture into segments at its pauses, while it is being decoded.

The segments cover the lecture: they meet in a pause, or overlap where there is none.
Where they are cut depends on the sound and the length asked for alone, so a second run
over the same recording makes the same segments.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.cut_points import Cut, CutLimits, best_cut
from functions.transcribe.voice import SPEECH, WINDOW, VoiceActivity

OVERLAP_SEC = 4.0
"""What two segments share where nobody pauses: some ten words, of which those at the very
edges are heard badly and those in the middle well, by both."""

_NO_LAST_SCRAP = 0.2
"""Of the usual length: what has to follow the latest possible cut before one is made, so
that the last segment is not shorter. Short segments cost words."""


@dataclass(frozen=True)
class CutSegment:
    """One piece of a lecture. Times are seconds from its start."""

    index: int
    start_sec: float
    end_sec: float
    samples: Samples
    """int16, mono, 16 kHz."""
    speech_sec: float
    """How much of it sounds like speech; 0 means that there is nothing to recognize."""

    @property
    def span(self) -> tuple[float, float]:
        return self.start_sec, self.end_sec


def cut(stream: IO[bytes], *, target_sec: float) -> Iterator[CutSegment]:
    """Decode a seekable stream and yield its segments as they are found.

    Cuts lie near the multiples of `target_sec`, so a lecture of n times that has n
    segments; one of up to 1.6 is one segment. Memory is that of two segments.

    Raises NotAudioError if the stream is no audio or nothing of it can be decoded.
    """
    return cut_samples(decode(stream), target_sec=target_sec)


def cut_samples(blocks: Iterable[Samples], *, target_sec: float) -> Iterator[CutSegment]:
    """The same for samples that are decoded already, in blocks of any size."""
    voice = VoiceActivity()
    pending = _Pending(target_sec)
    for block in blocks:
        pending.add(block, voice.add(block))
        yield from pending.segments()
    pending.add(np.zeros(0, np.int16), voice.finish())
    yield from pending.segments()
    yield from pending.rest()


class _Blocks:
    """Samples in the blocks in which they came: appending to one array would copy it each time."""

    def __init__(self) -> None:
        self._blocks: list[Samples] = []

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def append(self, samples: Samples) -> None:
        self._blocks.append(samples)

    def __getitem__(self, part: slice) -> Samples:
        """A copy of a part with a step of 1."""
        start, stop, _ = part.indices(len(self))
        taken = [np.zeros(0, np.int16)]
        begin = 0
        for block in self._blocks:
            taken.append(block[max(0, start - begin) : max(0, stop - begin)])
            begin += len(block)
        return np.concatenate(taken)

    def drop(self, count: int) -> None:
        while count and len(self._blocks[0]) <= count:
            count -= len(self._blocks.pop(0))
        if count:
            self._blocks[0] = self._blocks[0][count:]


class _Pending:
    """What is decoded but not yet cut off; starts at a window's edge."""

    def __init__(self, target_sec: float) -> None:
        self._target_sec = target_sec
        self._samples = _Blocks()
        self._speech = np.zeros(0, np.float32)
        self._index = 0
        self._start = 0
        self._limits = self._next_limits()

    def add(self, samples: Samples, speech: np.ndarray) -> None:
        self._samples.append(samples)
        self._speech = np.concatenate((self._speech, speech))

    def segments(self) -> Iterator[CutSegment]:
        """Those that can be cut off by now."""
        spare = round(_NO_LAST_SCRAP * self._target_sec * SAMPLE_RATE / WINDOW)
        while len(self._speech) > self._limits.longest + spare:
            yield self._take(best_cut(self._speech, self._samples, self._limits))

    def rest(self) -> Iterator[CutSegment]:
        """What is left at the end, however short."""
        if len(self._samples):
            yield self._segment(len(self._samples))

    def _take(self, cut: Cut) -> CutSegment:
        # Never more than what has to follow the cut, nor back to before this segment.
        shared = 0 if cut.in_pause else self._half_overlap(cut)
        segment = self._segment((cut.at + shared) * WINDOW)
        kept = cut.at - shared
        self._samples.drop(kept * WINDOW)
        self._speech = self._speech[kept:]
        self._index, self._start = self._index + 1, self._start + kept * WINDOW
        self._limits = self._next_limits()
        return segment

    def _half_overlap(self, cut: Cut) -> int:
        wanted = round(OVERLAP_SEC / 2 * SAMPLE_RATE / WINDOW)
        return min(wanted, len(self._speech) - cut.at, cut.at // 4)

    def _segment(self, length: int) -> CutSegment:
        speech = self._speech[: -(-length // WINDOW)]
        return CutSegment(
            index=self._index,
            start_sec=self._start / SAMPLE_RATE,
            end_sec=(self._start + length) / SAMPLE_RATE,
            samples=self._samples[:length],
            speech_sec=float(np.count_nonzero(speech >= SPEECH)) * WINDOW / SAMPLE_RATE,
        )

    def _next_limits(self) -> CutLimits:
        # Wished at a multiple of the length, not one length on: deviations must not add
        # up, or the last worker would be left with far less than the others, or more.
        wished_sec = (self._index + 1) * self._target_sec - self._start / SAMPLE_RATE
        return CutLimits.around(wished_sec, target_sec=self._target_sec)
