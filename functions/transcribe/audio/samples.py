"""The form of sound that the recognizer and the voice detector take."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz; the rate that Whisper and Silero were trained with."""

CLIPPED_LEVEL = 32_000
"""Of 32768: samples that were cut off at full scale lie above, also after resampling."""

CLIPPED_SHARE = 0.02
"""Of a second's samples. Speech at full scale without clipping has under 0.5 % above the level."""

Samples = NDArray[np.int16]
"""Mono, at `SAMPLE_RATE`."""


def as_float(samples: Samples) -> NDArray[np.float32]:
    """The same samples in -1 to 1."""
    return samples.astype(np.float32) / np.float32(32768)


def clipped_sec(samples: Samples) -> int:
    """How many whole seconds of these samples are clipped."""
    seconds = len(samples) // SAMPLE_RATE
    whole = samples[: seconds * SAMPLE_RATE].reshape(seconds, SAMPLE_RATE)
    loud = ((whole >= CLIPPED_LEVEL) | (whole <= -CLIPPED_LEVEL)).mean(axis=1)
    return int((loud > CLIPPED_SHARE).sum())
