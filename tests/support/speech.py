"""Real speech for whole-product tests, in pieces as short as a test can bear."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, as_float, decode
from functions.transcribe.cutting import cut
from functions.transcribe.flac import decode_flac, encode_flac
from functions.transcribe.recognizer import Recognizer
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from shared.transcript import Transcript

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


def transcribe(recognizer: Recognizer, recording: BinaryIO, *, target_sec: float) -> Transcript:
    """All that happens to a recording, without queues and storage."""
    done = []
    for segment in cut(recording, target_sec=target_sec):
        audio = decode_flac(encode_flac(segment.samples))
        found = recognizer.recognize(as_float(audio), language=None, vocabulary=())
        stored = Recognition.model_validate_json(found.to_json())
        done.append(RecognizedSegment(segment.start_sec, segment.end_sec, stored))
    return merge(done, provider=recognizer.provider, model=recognizer.model)
