"""A lecture has one language, detected once, from a segment that holds speech."""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.flac import decode_flac, encode_flac
from functions.transcribe.job import transcribe_lecture
from functions.transcribe.recognizers.base import DetectedLanguage
from functions.transcribe.segment import transcribe_segment
from functions.transcribe.speech.pieces import Speech
from shared.messaging.events import JobMessage, SegmentMessage
from shared.models import Job, Lecture
from shared.runtime import Runtime
from shared.speech import spoken_language
from shared.speech.recognition import Recognition
from tests.support.lectures.builders import (
    changed,
    enqueue,
    failed,
    get_job,
    get_segments,
    recorded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.sound.speech import clip

SILENT_SEC, SPOKEN_SEC = 25, 60


class Listener:
    """Takes any sound for German and writes down what it is asked."""

    provider, model = "whisper", "listener"

    def __init__(self, hears: str = "de") -> None:
        self.hears = hears
        self.told_from: list[Speech] = []
        self.recognized_in: list[str | None] = []
        self.strict = False

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
        strict: bool = False,
    ) -> Recognition:
        self.recognized_in.append(language)
        self.strict = strict
        return Recognition(language=language or "und", language_probability=1, words=(), withheld=0)

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        self.told_from.append(speech)
        return DetectedLanguage(language=self.hears, probability=0.9)


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    listener = Listener()
    monkeypatch.setattr("functions.transcribe.segment.recognizer_for", lambda *_: listener)
    return listener


@pytest.fixture
def quick(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_segment_target_sec=10)


def _recorded(rt: Runtime, *, silent_sec: int = 0, spoken_sec: int = SPOKEN_SEC) -> Lecture:
    """Speech begins after a while."""
    speech = decode_flac(clip("economics", seconds=max(1, spoken_sec)))[: spoken_sec * SAMPLE_RATE]
    sound = np.concatenate((np.zeros(silent_sec * SAMPLE_RATE, np.int16), speech))
    return recorded(rt, encode_flac(sound))


def _cut(rt: Runtime, lecture: Lecture, language: str | None = None) -> uuid.UUID:
    job_id = enqueue(rt, lecture, params={"model": None, "language": language})
    transcribe_lecture(rt, JobMessage(job_id=job_id))
    return job_id


def _recognize(rt: Runtime, job_id: uuid.UUID, indexes: Sequence[int]) -> None:
    for index in indexes:
        transcribe_segment(rt, SegmentMessage(job_id=job_id, index=index))


def test_it_is_told_once_and_every_segment_is_recognized_in_it(
    quick: Runtime, listener: Listener
) -> None:
    job_id = _cut(quick, _recorded(quick))
    count = len(get_segments(quick, job_id))

    _recognize(quick, job_id, range(count))

    assert len(listener.told_from) == 1
    assert listener.recognized_in == ["de"] * count
    assert get_job(quick, job_id).spoken_language == "de"


@pytest.mark.parametrize(
    ("asked", "strict"),
    [({"language": "en", "strict": True}, True), ({"language": "en"}, False)],
)
def test_strict_is_handed_on_with_the_language(
    quick: Runtime, listener: Listener, asked: dict[str, object], strict: bool
) -> None:
    job_id = enqueue(quick, _recorded(quick), params={"model": None, **asked})
    transcribe_lecture(quick, JobMessage(job_id=job_id))

    _recognize(quick, job_id, [0])

    assert (listener.recognized_in, listener.strict) == (["en"], strict)


def test_it_is_told_from_speech_and_not_from_the_silence_before(
    runtime: Runtime, listener: Listener
) -> None:
    rt = changed(runtime, plc_segment_target_sec=40)
    job_id = _cut(rt, _recorded(rt, silent_sec=60, spoken_sec=80))
    source = get_job(rt, job_id).language_segment
    assert source is not None and source > 0

    _recognize(rt, job_id, [0])

    (heard,) = listener.told_from
    assert float(np.sqrt(np.mean(heard.samples**2))) > 0.01


def test_segments_before_anybody_speaks_wait_until_somebody_does(
    runtime: Runtime, listener: Listener, messages: RecordingMessages
) -> None:
    rt = changed(runtime, plc_segment_target_sec=40)
    job_id = _cut(rt, _recorded(rt, silent_sec=60, spoken_sec=80))

    tasks = [task["index"] for task in messages.to("segments")]
    assert tasks == list(range(len(get_segments(rt, job_id))))


def test_where_little_is_said_it_is_told_from_where_most_is(
    quick: Runtime, listener: Listener
) -> None:
    job_id = _cut(quick, _recorded(quick, silent_sec=30, spoken_sec=5))
    segments = get_segments(quick, job_id)

    source = get_job(quick, job_id).language_segment
    assert source is not None
    assert segments[source].start_sec <= 31 <= segments[source].end_sec
    _recognize(quick, job_id, range(len(segments)))
    assert set(listener.recognized_in) == {"de"}


def test_who_names_the_language_is_not_asked_again(quick: Runtime, listener: Listener) -> None:
    job_id = _cut(quick, _recorded(quick), language="fr")

    _recognize(quick, job_id, [1, 0])

    assert listener.told_from == []
    assert listener.recognized_in == ["fr", "fr"]


def test_of_two_that_tell_it_at_once_one_is_believed(quick: Runtime) -> None:
    job_id = _cut(quick, _recorded(quick))

    with ThreadPoolExecutor(8) as pool:
        settled = list(
            pool.map(
                lambda told: spoken_language.settle(quick.transactions, job_id, told), "abcdefgh"
            )
        )

    assert len(set(settled)) == 1
    assert get_job(quick, job_id).spoken_language == settled[0]


def test_where_it_cannot_be_told_nothing_is_settled(quick: Runtime, listener: Listener) -> None:
    listener.hears = "und"
    job_id = _cut(quick, _recorded(quick))

    _recognize(quick, job_id, [0])

    assert listener.recognized_in == [None]
    assert get_job(quick, job_id).spoken_language is None


def test_a_replay_goes_on_in_the_language_of_the_job_before(
    quick: Runtime, listener: Listener
) -> None:
    lecture = _recorded(quick)
    old = failed(quick, lecture)
    with quick.transaction() as tx:
        row = tx.session.get_one(Job, old.id)
        row.spoken_language, row.language_segment = "de", 0
        job_id = quick.jobs.replay(tx.session, row).job_id
        tx.commit()

    transcribe_lecture(quick, JobMessage(job_id=job_id))
    _recognize(quick, job_id, [1])

    assert listener.told_from == []
    assert listener.recognized_in == ["de"]
