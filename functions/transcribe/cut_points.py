"""Where to cut: in the longest pause near the wished place, else where it is quietest."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float
from functions.transcribe.voice import SPEECH, WINDOW

SHORTEST_PAUSE = 6
"""Windows, about 0.2 s. The closure of a "p" or "t" inside a word stays below it."""

_QUIET_SPAN = 5
"""Windows, 0.16 s: about one syllable, so that no single soft consonant wins."""


@dataclass(frozen=True)
class CutLimits:
    """Lengths of a segment, in windows."""

    shortest: int
    wished_from: int
    wished_to: int
    longest: int

    @classmethod
    def around(cls, wished_sec: float, *, target_sec: float) -> "CutLimits":
        """For a cut wished `wished_sec` from here; how far it may lie from there goes by
        the usual length of a segment.

        Within 0.15 of it segments stay even, so that workers that begin together end
        together; half a minute either way nearly always holds a pause.
        """
        return cls(
            *(
                max(1, round((wished_sec + off * target_sec) * SAMPLE_RATE / WINDOW))
                for off in (-0.4, -0.15, 0.15, 0.4)
            )
        )


@dataclass(frozen=True)
class Cut:
    at: int
    """Windows from where the segment begins."""
    in_pause: bool
    """False if somebody may be speaking there: the cut can go through a word."""


class Stretch(Protocol):
    """An array of samples, or what can be sliced like one."""

    def __getitem__(self, part: slice, /) -> Samples: ...


def best_cut(speech: NDArray[np.float32], samples: Stretch, limits: CutLimits) -> Cut:
    """How many windows the next segment takes.

    `speech` holds one probability per window of `samples`; both begin where the segment
    begins and reach to `limits.longest` at least.
    """
    pause = _middle_of_longest_pause(
        speech, limits.wished_from, limits.wished_to
    ) or _middle_of_longest_pause(speech, limits.shortest, limits.longest)
    if pause is not None:
        return Cut(pause, in_pause=True)
    return Cut(_quietest(samples, limits.wished_from, limits.wished_to), in_pause=False)


def _middle_of_longest_pause(speech: NDArray[np.float32], start: int, stop: int) -> int | None:
    silent = np.concatenate(([False], speech[start:stop] < SPEECH, [False]))
    edges = np.flatnonzero(silent[1:] != silent[:-1])
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return None
    longest = int(np.argmax(ends - begins))
    if ends[longest] - begins[longest] < SHORTEST_PAUSE:
        return None
    return start + int(begins[longest] + ends[longest]) // 2


def _quietest(samples: Stretch, start: int, stop: int) -> int:
    stretch = as_float(samples[start * WINDOW : stop * WINDOW]).reshape(-1, WINDOW)
    energy = np.square(stretch).mean(axis=1)
    span = min(_QUIET_SPAN, len(energy))
    smooth = np.convolve(energy, np.full(span, 1 / span), mode="valid")
    return start + int(np.argmin(smooth)) + span // 2
