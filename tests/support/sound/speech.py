"""Real speech for whole-product tests, in pieces as short as a test can bear."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.flac import encode_flac
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.cutting import CutSegment, cut
from functions.transcribe.speech.segment_audio import read_segment, write_segment
from shared.documents.transcript import Transcript
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition

LECTURES = Path(__file__).resolve().parents[2] / "data" / "lectures"


@cache
def clip(lecture: str, *, start_sec: int = 0, seconds: int) -> bytes:
    """A stretch of one of the test lectures, as FLAC."""
    return encode_flac(recorded(lecture, start_sec=start_sec, seconds=seconds))


def recorded(lecture: str, *, start_sec: int, seconds: int) -> Samples:
    """The same, mono at 16 kHz."""
    with (LECTURES / f"{lecture}.ogg").open("rb") as stream:
        samples = np.concatenate(list(decode(stream)))
    return samples[start_sec * SAMPLE_RATE : (start_sec + seconds) * SAMPLE_RATE]


def silence(seconds: int) -> bytes:
    return encode_flac(np.zeros(seconds * SAMPLE_RATE, np.int16))


def transcribe(recognizer: Recognizer, recording: BinaryIO, *, target_sec: float) -> Transcript:
    """All that happens to a recording, without queues and storage."""
    return transcribe_segments(recognizer, cut(decode(recording), target_sec=target_sec))


def transcribe_segments(
    recognizer: Recognizer, segments: Iterable[CutSegment], *, language: str | None = None
) -> Transcript:
    """All that happens to the segments of a recording."""
    done = []
    for segment in segments:
        speech = read_segment(write_segment(segment.samples, segment.regions))
        found = recognizer.recognize(speech, language=language, vocabulary=())
        found = found.model_copy(
            update={"provider": recognizer.provider, "model": recognizer.model}
        )
        stored = Recognition.model_validate_json(found.to_json())
        done.append(RecognizedSegment(segment.start_sec, segment.end_sec, stored))
    return merge(done)
