"""Where the voice begins in the padding before a speech region.

Voice activity notices a soft first sound, an unstressed vowel or a fricative, up to 0.3 s late.
Its loudness shows it, if it is clearly above that of the pause.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.speech.regions import Region

_FRAME = SAMPLE_RATE // 100

SPEECH_SEC = 0.3
"""After the onset that voice activity found: how loud the speech is."""

BELOW_SPEECH = 0.05
"""A soft first sound has this much of the amplitude at least (-26 dB)."""
ABOVE_PAUSE = 4.0
"""And this much against the pause (12 dB). Below both it is breath, or noise of the room."""

DIP_FRAMES = 5
"""A plosive's closure, in frames of 0.01 s."""


def with_onset(region: Region, samples: NDArray[np.float32]) -> Region:
    """The region with as much less padding as sound is in it. `samples` are the recording's."""
    voice = region.start + region.padded
    frames = region.padded // _FRAME
    speech = samples[voice : min(voice + round(SPEECH_SEC * SAMPLE_RATE), region.end)]
    if frames < 2 * DIP_FRAMES or len(speech) < _FRAME:
        return region
    pause = _loudness(samples[voice - frames * _FRAME : voice])
    quiet = float(np.sort(pause)[: frames // 4].mean())
    least = max(BELOW_SPEECH * float(_loudness(speech).max()), ABOVE_PAUSE * quiet)
    earliest = at = frames
    while at > 0 and earliest - at <= DIP_FRAMES:
        at -= 1
        if pause[at] >= least:
            earliest = at
    return replace(region, padded=region.padded - (frames - earliest) * _FRAME)


def _loudness(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square of each frame."""
    whole = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.asarray(np.sqrt(np.square(whole).mean(axis=1)), np.float32)
