"""The level of float samples: sound beyond full scale becomes quieter, and what is no sound silent.

A decoder that resumes after damage delivers a frame or two far beyond full scale, and a float
recording that lost a byte delivers numbers of any magnitude. Neither may decide on the level of
the speech around it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
"""One row per channel, full scale is 1."""

BLOCK_SEC = 0.01
"""A stretch whose peak is taken, and that is sound or not as a whole."""

SPIKE = 16.0
"""A peak this far above the rest of its group is a click or a decoding error and may be cut off;
speech stays below a ratio of 4."""

BURST_SEC = 0.25
"""How long such peaks last at most in a group: the two frames that an MP3 or AAC decoder spoils
after damage take 0.05 s."""

RECOVERY = 2.0
"""By how much the level may rise again from one group of samples to the next (6 dB), unless
it is lower than wanted by more than `SPIKE`."""

IMPLAUSIBLE = 2.0**32
"""Samples beyond are no sound. Float recordings in the numbers of 32-bit integers exist."""

GARBLED_SHARE = 0.05
"""Of a block's samples that are implausible or not finite: from here on it is no sound. Of floats
read from the wrong byte on it is a third."""


@dataclass
class Level:
    """Treats consecutive groups of samples of one recording."""

    garbled_sec: float = 0.0
    """Seconds whose numbers are no sound."""
    _gain: float = 1.0

    def sound_of(self, channels: Floats, rate: int) -> Floats:
        """The samples, silent where they are no sound; the same array if all of them are."""
        if _peak(channels) <= IMPLAUSIBLE:  # False if NaN
            return channels
        sound = channels.copy()
        with np.errstate(invalid="ignore"):
            wrong = ~(np.abs(sound) <= IMPLAUSIBLE)
        sound[wrong] = 0
        size = _block(rate)
        for start in range(0, sound.shape[1], size):
            if wrong[:, start : start + size].mean() >= GARBLED_SHARE:
                sound[:, start : start + size] = 0
                self.garbled_sec += min(size, sound.shape[1] - start) / rate
        return sound

    def gain_of(self, sound: Floats, rate: int) -> float:
        """The factor that brings the loudest sound to full scale, 1 if it is below."""
        wanted = 1.0
        highest = _peak(sound)
        if highest > 1:
            rest = _peak_without_bursts(sound, rate)
            wanted = 1 / max(highest if highest <= SPIKE * rest else rest, 1.0)
        self._gain = min(wanted, max(self._gain * RECOVERY, wanted / SPIKE))
        return self._gain


def _peak(channels: Floats) -> float:
    return float(max(channels.max(initial=0), -channels.min(initial=0)))


def _peak_without_bursts(sound: Floats, rate: int) -> float:
    """That of the blocks without the loudest ones, as many as a burst may take."""
    starts = np.arange(0, sound.shape[1], _block(rate))
    peaks = np.sort(np.maximum.reduceat(np.abs(sound).max(axis=0), starts))
    bursts = min(round(BURST_SEC / BLOCK_SEC), len(peaks) // 3)
    return float(peaks[-1 - bursts])


def _block(rate: int) -> int:
    return max(1, round(BLOCK_SEC * rate))
