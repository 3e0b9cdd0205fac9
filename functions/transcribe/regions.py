"""Where somebody speaks, told from how likely each 32 ms of sound is speech.

Silero's way, with the options of faster-whisper's batched pipeline, and with the same
result. That has it only in one piece with the network, which takes more memory the longer
the sound is; here the probabilities come from a stream.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.voice import SPEECH, WINDOW

BEGINS = 0.5
"""Probability at which a region begins; it goes on as long as it is `SPEECH`, which is less."""

PAD = round(0.4 * SAMPLE_RATE)
"""Samples of what lies around speech that are taken for it."""

PAUSE = round(0.16 * SAMPLE_RATE)
"""Silence that ends a region, in samples: less than this is kept within a sentence."""

SHORT_PAUSE = 0.098 * SAMPLE_RATE
"""Silence at which a region is divided that would become too long."""


@dataclass(frozen=True)
class Region:
    """Samples [start, end) of the segment that hold speech."""

    start: int
    end: int


def speech_regions(
    probabilities: NDArray[np.float32], length: int, *, longest: int
) -> list[Region]:
    """Regions of a sound of `length` samples, in order, none of more than `longest` samples."""
    found = list(_spoken(probabilities.tolist(), length, longest - 2 * PAD - WINDOW))
    if not found:
        return []
    starts, ends = [max(0, found[0].start - PAD)], []
    for left, right in pairwise(found):
        # Neighbours share a pause that is too short for both paddings.
        pad = min(PAD, (right.start - left.end) // 2)
        ends.append(left.end + pad)
        starts.append(right.start - pad)
    ends.append(min(length, found[-1].end + PAD))
    return [Region(start, end) for start, end in zip(starts, ends, strict=True)]


def _spoken(probabilities: Iterable[float], length: int, longest: int) -> Iterator[Region]:
    start: int | None = None
    silent: int | None = None
    """Since when nobody speaks, within a region."""
    pause: int | None = None
    """Where the region can be divided: the beginning of its last short pause."""
    resumed: int | None = None
    """Where somebody spoke again after a pause; before `pause` if that is still going on."""
    for window, probability in enumerate(probabilities):
        at = window * WINDOW
        if probability >= BEGINS:
            if silent is not None:
                silent = None
                if pause is not None and (resumed is None or resumed < pause):
                    resumed = at
            if start is None:
                start = at
                continue
        if start is None:
            continue
        if at - start > longest:
            if pause is None:
                yield Region(start, at)
                start = silent = resumed = None
                continue
            yield Region(start, pause)
            start = resumed if resumed is not None and resumed > pause else None
            silent = pause = resumed = None
        if probability < SPEECH and start is not None:
            silent = at if silent is None else silent
            if at - silent > SHORT_PAUSE:
                pause = silent
            if at - silent >= PAUSE:
                yield Region(start, silent)
                start = silent = pause = resumed = None
    if start is not None:
        yield Region(start, length)
