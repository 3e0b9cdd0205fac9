"""Recordings as phones, browsers and people make them: what is said in them is heard.

The same eleven seconds of speech in every container and codec that may be uploaded, whole,
damaged and broken off; and one second of speech in an hour of nothing.
"""

import io
import random
import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.cutting import cut
from functions.transcribe.speech.pieces import speech_in
from shared.documents.transcript import Transcript
from shared.errors import NotAudioError
from tests.support.sound.audio import as_file, without_webm_duration
from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.sounds import recorded
from tests.support.sound.speech import transcribe, transcribe_segments

TEXT = (
    "and so my fellow americans ask not what your country can do for you "
    "ask what you can do for your country"
)
SAID = TEXT.split()

FORMATS = [
    ("mp4", "aac", 44_100),
    ("adts", "aac", 24_000),
    ("mp3", "mp3", 44_100),
    ("mp3", "mp3", 22_050),
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
    ("wav", "pcm_s16le", 8_000),
    ("wav", "pcm_f32le", 96_000),
    ("flac", "flac", 96_000),
    ("mov", "aac", 48_000),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    return packaged_recognizer("tiny.en", tmp_path_factory.mktemp("weights"), threads=2)


@pytest.fixture(scope="module")
def speech() -> Samples:
    return recorded("speech/jfk-1961.flac")


def heard(recognizer: Recognizer, file: bytes, *, target_sec: float = 300) -> Transcript:
    return transcribe(recognizer, io.BytesIO(file), target_sec=target_sec)


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z ]", " ", text.lower()).split()


def alike(found: Sequence[str], said: Sequence[str]) -> float:
    return SequenceMatcher(None, found, said, autojunk=False).ratio()


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_speech_is_heard_in_every_container_and_codec(
    tiny: Recognizer, speech: Samples, container: str, codec: str, rate: int
) -> None:
    file = as_file(speech, container=container, codec=codec, rate=rate)

    assert alike(words(heard(tiny, file).text), SAID) > 0.9


@pytest.mark.parametrize("layout", ["stereo", "5.1"])
def test_and_in_stereo_and_surround_sound(tiny: Recognizer, speech: Samples, layout: str) -> None:
    file = as_file(speech, container="mp4", codec="aac", rate=48_000, layout=layout)

    assert alike(words(heard(tiny, file).text), SAID) > 0.9


def test_a_live_recording_need_not_know_its_length(tiny: Recognizer, speech: Samples) -> None:
    file = without_webm_duration(as_file(speech, container="webm", codec="libopus", rate=48_000))

    transcript = heard(tiny, file)

    assert alike(words(transcript.text), SAID) > 0.9
    assert transcript.duration_sec == pytest.approx(len(speech) / SAMPLE_RATE, abs=0.1)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp3", "mp3"),
        ("ogg", "libopus"),
        ("webm", "libopus"),
        ("wav", "pcm_s16le"),
        ("flac", "flac"),
        ("adts", "aac"),
        ("mp4", "aac"),
    ],
)
def test_what_breaks_off_anywhere_is_heard_up_to_there_or_refused(
    tiny: Recognizer, speech: Samples, container: str, codec: str
) -> None:
    file = as_file(speech, container=container, codec=codec, rate=48_000)
    whole_sec = len(speech) / SAMPLE_RATE
    dice = random.Random(f"{container} {codec}")  # noqa: S311
    for share in (dice.uniform(0.35, 0.6), dice.uniform(0.6, 0.95)):
        broken = file[: round(share * len(file))]
        if container == "mp4":
            # Its table of contents is at the end: without it nothing can be found.
            with pytest.raises(NotAudioError):
                heard(tiny, broken)
            continue
        transcript = heard(tiny, broken)
        assert 0.25 * whole_sec < transcript.duration_sec <= whole_sec
        found = words(transcript.text)
        # The last word may be half a word.
        assert alike(found[:-1], SAID[: len(found) - 1]) > 0.8


def test_random_bytes_in_the_middle_cost_no_more_than_themselves(
    tiny: Recognizer, speech: Samples
) -> None:
    file = bytearray(as_file(speech, container="mp3", codec="mp3", rate=44_100))
    at = len(file) * 3 // 4
    file[at : at + 2_000] = random.Random(3).randbytes(2_000)  # noqa: S311

    transcript = heard(tiny, bytes(file))

    assert alike(words(transcript.text), SAID) > 0.75
    assert transcript.duration_sec == pytest.approx(len(speech) / SAMPLE_RATE, abs=0.4)


@pytest.mark.slow
def test_one_second_of_speech_in_an_hour_of_silence_is_found(tiny: Recognizer) -> None:
    said_at = 2711.0
    # "ask what you"
    phrase = recorded("speech/jfk-1961.flac")[round(8.1 * SAMPLE_RATE) : round(9.1 * SAMPLE_RATE)]
    hour = np.zeros(3600 * SAMPLE_RATE, np.int16)
    start = round(said_at * SAMPLE_RATE)
    hour[start : start + len(phrase)] = phrase

    segments = list(cut(np.split(hour, 120), target_sec=300))
    transcript = transcribe_segments(tiny, segments)

    assert sum(segment.speech_sec > 0 for segment in segments) == 1
    assert transcript.duration_sec == 3600
    assert "what you" in transcript.text
    for utterance in transcript.utterances:
        assert said_at - 0.5 <= utterance.start_sec <= utterance.end_sec <= said_at + 2


@pytest.mark.parametrize(
    "target_sec",
    [pytest.param(30, marks=pytest.mark.selection), pytest.param(70, marks=pytest.mark.slow)],
)
def test_a_lecture_in_segments_has_the_words_of_the_whole(
    tiny: Recognizer, target_sec: float
) -> None:
    spoken = recorded("lectures/photosynthesis.ogg")
    whole, segments = (list(cut([spoken], target_sec=seconds)) for seconds in (3600, target_sec))
    assert len(whole) == 1
    assert len(segments) > 2

    found = transcribe_segments(tiny, segments)

    expected = transcribe_segments(tiny, whole)
    assert found.text == expected.text
    for utterance, same in zip(found.utterances, expected.utterances, strict=True):
        # Whisper's clock has steps of 0.02 s, and a word's time can depend on the one before.
        assert utterance.start_sec == pytest.approx(same.start_sec, abs=0.2)


@pytest.mark.slow
def test_blindly_cut_speech_loses_no_word_where_pieces_overlap(
    tiny: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if speech had no pauses: every piece and every segment ends within speech."""
    spoken = recorded("lectures/hashing-1.ogg")[: 100 * SAMPLE_RATE]
    whole = tiny.recognize(speech_in(as_float(spoken)), language="en", vocabulary=())
    expected = words(" ".join(word.text for word in whole.words))
    for pause in ("PAUSE", "SHORT_PAUSE"):
        monkeypatch.setattr(f"functions.transcribe.speech.regions.{pause}", 3600 * SAMPLE_RATE)

    found = words(heard(tiny, as_file(spoken, container="flac", codec="flac"), target_sec=30).text)

    assert alike(found, expected) > 0.98
    assert len(found) == pytest.approx(len(expected), abs=3)
