"""From a recording of any kind to 16 kHz mono samples."""

from functions.transcribe.audio.decoding import decode
from functions.transcribe.audio.samples import SAMPLE_RATE, Samples, as_float

__all__ = ["SAMPLE_RATE", "Samples", "as_float", "decode"]
