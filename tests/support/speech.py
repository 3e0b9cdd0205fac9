"""Real speech for whole-product tests, in pieces as short as a test can bear."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, decode
from functions.transcribe.flac import encode_flac

LECTURES = Path(__file__).resolve().parents[1] / "data" / "lectures"


@cache
def clip(lecture: str, *, start_sec: int = 0, seconds: int) -> bytes:
    """A stretch of one of the test lectures, as FLAC."""
    with (LECTURES / f"{lecture}.ogg").open("rb") as stream:
        blocks: Iterator[np.ndarray] = decode(stream)
        samples = np.concatenate(list(blocks))
    return encode_flac(samples[start_sec * SAMPLE_RATE : (start_sec + seconds) * SAMPLE_RATE])


def silence(seconds: int) -> bytes:
    return encode_flac(np.zeros(seconds * SAMPLE_RATE, np.int16))
