"""The form of sound that the recognizer and the voice detector take."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz; the rate that Whisper and Silero were trained with."""

Samples = NDArray[np.int16]
"""Mono, at `SAMPLE_RATE`."""


def as_float(samples: Samples) -> NDArray[np.float32]:
    """The same samples in -1 to 1."""
    return samples.astype(np.float32) / np.float32(32768)
