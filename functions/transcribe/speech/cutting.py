"""Cut a lecture into segments between its pieces of speech, while it is being decoded.

Whisper decodes a lecture in pieces of up to half a minute, each separately (pieces.py).
The pieces are those of the whole lecture and each is in one segment, so the words of all
segments are the words of the lecture heard in one go. Where it is cut depends on the sound
and the length asked for alone: a second run over the same recording makes the same segments.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, Samples
from functions.transcribe.audio.voice_activity import VoiceActivity
from functions.transcribe.speech.pieces import PIECE_SEC, Group, Grouping, stream_regions
from functions.transcribe.speech.regions import Region

_NO_LAST_SCRAP = 0.25
"""Of the usual length: what has to follow a cut. Each segment has its fixed costs."""


@dataclass(frozen=True)
class CutSegment:
    """One stretch of a lecture. Times are seconds from its start."""

    index: int
    start_sec: float
    end_sec: float
    samples: Samples
    """int16, mono, 16 kHz."""
    regions: Group
    """The speech regions in the samples; none means that there is nothing to recognize."""

    @property
    def span(self) -> tuple[float, float]:
        return self.start_sec, self.end_sec

    @property
    def speech_sec(self) -> float:
        return sum(map(len, self.regions)) / SAMPLE_RATE


def cut(blocks: Iterable[Samples], *, target_sec: float) -> Iterator[CutSegment]:
    """Yield the segments of a lecture, of which the samples come in blocks of any size.

    The cuts are those nearest to the multiples of `target_sec`, so a lecture of n times
    that has n segments. They meet between two pieces, or overlap where speech has no pause.
    Memory is that of two segments.
    """
    pending = _Pending(target_sec)
    for block in blocks:
        pending.add(block)
        yield from pending.segments()
    pending.finish()
    yield from pending.segments()
    yield from pending.rest()


class _Blocks:
    """Samples in the blocks in which they came: appending to one array would copy it each time."""

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque()

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def append(self, samples: Samples) -> None:
        self._blocks.append(samples)

    def take(self, count: int, *, kept: int) -> Samples:
        """Cut off the first `count` samples; the last `kept` of them stay here as well.

        Block by block, so that what is taken is never there twice.
        """
        taken = np.empty(count, np.int16)
        filled = 0
        while filled < count:
            block = self._blocks.popleft()
            part = block[: count - filled]
            taken[filled : filled + len(part)] = part
            filled += len(part)
            if len(part) < len(block):
                self._blocks.appendleft(block[len(part) :])
        if kept:
            self._blocks.appendleft(taken[count - kept :].copy())
        return taken


@dataclass(frozen=True)
class _Cut:
    """In samples of the lecture: one segment ends, and the next starts."""

    end: int
    start: int
    off: int
    """How far from the wished place."""

    @classmethod
    def between(cls, end: int, start: int, *, wished: int) -> "_Cut":
        """After a piece that ends, and before one that starts; that may be the earlier."""
        if end > start:
            return cls(end, start, abs((start + end) // 2 - wished))
        at = min(max(end, wished), start)
        return cls(at, at, abs(at - wished))


class _Pending:
    """What is decoded but not yet cut off. All positions are samples of the lecture."""

    def __init__(self, target_sec: float) -> None:
        longest_sec = min(PIECE_SEC, target_sec)
        self._target = round(target_sec * SAMPLE_RATE)
        self._voice = VoiceActivity()
        self._regions = stream_regions(longest_sec)
        self._grouping = Grouping(longest_sec)
        self._groups: list[Group] = []
        self._silent_until = 0
        """Before this no further region begins."""
        self._samples = _Blocks()
        self._start = 0
        self._index = 0

    @property
    def _end(self) -> int:
        return self._start + len(self._samples)

    def add(self, samples: Samples) -> None:
        self._samples.append(samples)
        self._gather(self._regions.add(self._voice.add(samples)))
        self._silent_until = self._regions.silent_until
        self._groups += self._grouping.close_before(self._silent_until)

    def finish(self) -> None:
        """Nothing comes after this."""
        self._gather(self._regions.add(self._voice.finish()))
        self._gather(self._regions.finish(self._end))
        self._groups += self._grouping.finish()
        self._silent_until = self._end

    def segments(self) -> Iterator[CutSegment]:
        """Those that can be cut off by now."""
        scrap = round(_NO_LAST_SCRAP * self._target)
        while (cut := self._next_cut()) is not None and self._end - cut.start >= scrap:
            yield self._take(cut)

    def rest(self) -> Iterator[CutSegment]:
        """What is left at the end, however short."""
        if len(self._samples):
            yield self._take(_Cut(self._end, self._end, 0))

    def _gather(self, regions: Iterable[Region]) -> None:
        for region in regions:
            self._groups += self._grouping.add(region)

    def _next_cut(self) -> _Cut | None:
        """The possible one that is nearest to where it is wished; None while that is not known."""
        wished = self._wished()
        best: _Cut | None = None
        end = self._start
        for group in self._groups:
            best = self._better(best, _Cut.between(end, group[0].start, wished=wished))
            if best is not None and group[0].start >= wished:
                return best
            end = group[-1].end
        if self._grouping.is_open or self._silent_until < max(wished, end):
            return None
        return self._better(best, _Cut.between(end, self._silent_until, wished=wished))

    def _wished(self) -> int:
        # A multiple of the length, not one length on: deviations must not add up, or the
        # last worker would be left with far less than the others, or more.
        return (round(self._start / self._target) + 1) * self._target

    def _better(self, one: _Cut | None, other: _Cut) -> _Cut | None:
        if other.start <= self._start or (one is not None and one.off <= other.off):
            return one
        return other

    def _take(self, cut: _Cut) -> CutSegment:
        start = self._start
        groups = [group for group in self._groups if group[-1].end <= cut.end]
        segment = CutSegment(
            index=self._index,
            start_sec=start / SAMPLE_RATE,
            end_sec=cut.end / SAMPLE_RATE,
            samples=self._samples.take(cut.end - start, kept=cut.end - cut.start),
            regions=tuple(region.moved(-start) for group in groups for region in group),
        )
        self._groups = self._groups[len(groups) :]
        self._index, self._start = self._index + 1, cut.start
        return segment
