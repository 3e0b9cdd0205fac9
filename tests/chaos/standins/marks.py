"""What makes a lecture that will be deleted recognizable: a word that nothing else has.

Its titles and slug hold the mark, and its recording a tone whose pitch is the mark's number.
The recognizer (recognizer.py) hears the tone and ends words with the mark, so that each sentence
of the lecture can be found wherever it has been copied to.
"""

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.flac import encode_flac
from tests.support.sound.speech import recorded

MARKS = 175
SECONDS = 24
_BASE_HZ, _STEP_HZ = 6000, 10
_LEVEL = 0.01
"""Amplitude of the tone: too quiet to be taken for a word."""
_CLEAR = 50
"""By how much the tone is above the median of its band, at least."""
_LETTERS = "bcdfghjklmnprst"
_MARK = re.compile(rf"zqxj[{_LETTERS}]{{2}}", re.IGNORECASE)


def mark(number: int) -> str:
    """A nonsense word; it is not part of any other text."""
    high, low = divmod(number % MARKS, len(_LETTERS))
    return f"zqxj{_LETTERS[high]}{_LETTERS[low]}"


def marks_in(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(found.lower() for text in texts for found in _MARK.findall(text))


@cache
def recording(name: str, number: int | None = None) -> bytes:
    """FLAC of a recording, `lecture-second`, with the tone of a mark if one is given."""
    lecture, _, start_sec = name.rpartition("-")
    samples = recorded(lecture, start_sec=int(start_sec), seconds=SECONDS)
    if number is not None:
        seconds = np.arange(len(samples)) / SAMPLE_RATE
        tone = np.sin(2 * np.pi * (_BASE_HZ + _STEP_HZ * (number % MARKS)) * seconds)
        samples = np.clip(samples + tone * _LEVEL * 32767, -32768, 32767).astype(np.int16)
    return encode_flac(samples)


def mark_heard(samples: NDArray[np.float32]) -> str | None:
    """The mark whose tone is in the sound."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    pitches = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    inside = (pitches > _BASE_HZ - _STEP_HZ) & (pitches < _BASE_HZ + _STEP_HZ * MARKS)
    band = spectrum[inside]
    if not len(band) or band.max() < _CLEAR * np.median(band):
        return None
    pitch = float(pitches[inside][band.argmax()])
    return mark(round((pitch - _BASE_HZ) / _STEP_HZ))
