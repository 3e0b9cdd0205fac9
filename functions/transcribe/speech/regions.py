"""Speech regions, from the probability of speech in each 32 ms of sound.

Silero's way, with the options of faster-whisper's batched pipeline, and with the same
result. That has it only in one piece with the network and for a whole recording at once;
here the probabilities come from a stream, and the regions are one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.voice_activity import BEGINS, PAUSE, SPEECH, WINDOW

PAD = round(0.4 * SAMPLE_RATE)
"""Samples of what lies around speech that are taken for it."""

SHORT_PAUSE = 0.098 * SAMPLE_RATE
"""Silence at which a region is divided that would become too long."""


@dataclass(frozen=True)
class Region:
    """Samples [start, end) that hold speech."""

    start: int
    end: int
    padded: int = field(default=0, compare=False)
    """How many samples at its start come before the voice; 0 where that is unknown, or where
    there was no pause."""

    def __len__(self) -> int:
        return self.end - self.start

    def moved(self, by: int) -> "Region":
        """The same with its clock set otherwise, by so many samples."""
        return replace(self, start=self.start + by, end=self.end + by)


class SpeechRegions:
    """Takes probabilities in any portions; returns each region as soon as its end is certain."""

    def __init__(self, *, longest: int, overlap: int) -> None:
        """Lengths in samples.

        A region without a pause is divided at `longest`, and its second part begins
        `overlap` before that: the word spoken there is whole in one of them. With an
        overlap of 0 what is left begins again, as in faster-whisper.
        """
        self._spoken = _Spoken(longest=longest - 2 * PAD - WINDOW, overlap=overlap)
        self._last: Region | None = None
        """Found; how much after it belongs to it depends on what follows."""

    def add(self, probabilities: NDArray[np.float32]) -> list[Region]:
        """The regions that are now complete, in order."""
        known: list[Region] = []
        for probability in probabilities.tolist():
            if (found := self._spoken.hear(probability)) is not None:
                known += self._followed_by(found)
        if self._last is not None and self._spoken.silent_until >= self._last.end + 2 * PAD:
            known += self._ended()
        return known

    def finish(self, length: int) -> list[Region]:
        """Those that are left of a sound of `length` samples."""
        known: list[Region] = []
        if (found := self._spoken.finish(length)) is not None:
            known += self._followed_by(found)
        known += self._ended()
        return [replace(each, end=min(each.end, length)) for each in known]

    @property
    def silent_until(self) -> int:
        """The sample before which no further region will begin."""
        if self._last is not None:
            return self._last.start
        return max(0, self._spoken.silent_until - PAD)

    def _followed_by(self, found: Region) -> Iterator[Region]:
        """The padding of what came last is certain now; of what is found, that before it."""
        pad = PAD
        if self._last is not None:
            # Neighbours share a pause that is too short for both paddings.
            pad = min(PAD, max(0, found.start - self._last.end) // 2)
            yield replace(self._last, end=self._last.end + pad)
        start = max(0, found.start - pad)
        self._last = Region(start, found.end, padded=found.start - start)

    def _ended(self) -> Iterator[Region]:
        if self._last is not None:
            yield replace(self._last, end=self._last.end + PAD)
            self._last = None


class _Spoken:
    """Regions without what lies around them."""

    def __init__(self, *, longest: int, overlap: int) -> None:
        self._longest = longest
        self._overlap = overlap
        self._at = 0
        self._start: int | None = None
        self._silent: int | None = None
        """Where the current pause within a region began."""
        self._pause: int | None = None
        """Where the region can be divided: the beginning of its last short pause."""
        self._resumed: int | None = None
        """Where speech resumed after a pause; before `_pause` while that pause lasts."""

    @property
    def silent_until(self) -> int:
        return self._at if self._start is None else self._start

    def hear(self, probability: float) -> Region | None:
        """Take the next window's probability; returns the region that is known by it to end."""
        at, self._at = self._at, self._at + WINDOW
        if probability >= BEGINS:
            self._speaks(at)
        found = None
        if self._start is not None and at - self._start > self._longest:
            found = self._divided(self._start, at)
        if self._start is not None and probability < SPEECH:
            # A region that was just divided cannot end with the same window.
            ended = self._paused(self._start, at)
            found = found if ended is None else ended
        return found

    def finish(self, length: int) -> Region | None:
        """The region that is still open at the end."""
        return None if self._start is None else Region(self._start, length)

    def _speaks(self, at: int) -> None:
        if self._silent is not None:
            self._silent = None
            if self._pause is not None and (self._resumed is None or self._resumed < self._pause):
                self._resumed = at
        if self._start is None:
            self._start = at

    def _divided(self, start: int, at: int) -> Region:
        if self._pause is None:
            self._start = at - self._overlap if self._overlap else None
            self._silent = None
            return Region(start, at)
        found = Region(start, self._pause)
        resumed = self._resumed is not None and self._resumed > self._pause
        self._start = self._resumed if resumed else None
        self._silent = self._pause = self._resumed = None
        return found

    def _paused(self, start: int, at: int) -> Region | None:
        if self._silent is None:
            self._silent = at
        if at - self._silent > SHORT_PAUSE:
            self._pause = self._silent
        if at - self._silent < PAUSE:
            return None
        found = Region(start, self._silent)
        self._start = self._silent = self._pause = self._resumed = None
        return found
