"""A lecture that a service transcribes, from the recording to the transcript and the bill."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from functions.ingest.app import create_app
from functions.transcribe.job import transcribe_lecture
from functions.transcribe.recognizers.hosted.recognizer import HostedRecognizer
from functions.transcribe.recognizers.loaded import recognizer_for
from functions.transcribe.segment import transcribe_segment
from shared.documents.transcript import Transcript
from shared.errors import TransientError
from shared.fault_points import listen
from shared.messaging.events import JobMessage, SegmentMessage
from shared.models import JobType, Lecture, WorkStatus
from shared.runtime import Runtime
from tests.support.lectures.builders import (
    changed,
    complete,
    enqueue,
    get_job,
    get_jobs,
    get_lecture,
    get_segments,
    recorded,
    running,
)
from tests.support.sound.speech import clip
from tests.unit.transcribe.recognizers.transcription_server import (
    Reply,
    TranscriptionServer,
    Upload,
    failure,
    segment,
    serving,
    transcription,
)

SECONDS = 60


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    return recorded(runtime, clip("economics", seconds=SECONDS))


@contextmanager
def hosted(
    rt: Runtime, answer: Callable[[Upload, int], Reply]
) -> Iterator[tuple[Runtime, TranscriptionServer]]:
    with serving(answer) as server:
        asking = changed(
            rt,
            plc_transcribe_provider="openai",
            openai_transcribe_base_url=server.url,
            plc_segment_target_sec=20,
        )
        yield asking, server
        recognizer = recognizer_for(asking.settings, asking.settings.transcribe_model)
        assert isinstance(recognizer, HostedRecognizer)
        recognizer.close()
        recognizer_for.cache_clear()


def heard(upload: Upload, _before: int) -> Reply:
    """Two sentences, the second of them at the end of whatever was sent."""
    end = upload.duration_sec
    return transcription(
        ("Prices", 0.5, 1.0),
        ("rise", 1.0, 1.5),
        ("Demand", end - 2, end - 1.5),
        ("falls", end - 1.5, end - 1),
        text="Prices rise. Demand falls.",
        segments=[segment(0, 5), segment(5, end)],
        usage={"type": "duration", "seconds": 20},
    )


def transcribe(rt: Runtime, lecture: Lecture) -> uuid.UUID:
    job_id = enqueue(rt, lecture, params={"model": None, "language": None})
    transcribe_lecture(rt, JobMessage(job_id=job_id))
    for each in get_segments(rt, job_id):
        transcribe_segment(rt, SegmentMessage(job_id=job_id, index=each.index))
    return job_id


def test_it_has_a_transcript_with_word_times_and_says_what_that_cost(
    runtime: Runtime, lecture: Lecture
) -> None:
    with hosted(runtime, heard) as (rt, server):
        job_id = transcribe(rt, lecture)

    job, row = get_job(rt, job_id), get_lecture(rt, lecture)
    count = len(get_segments(rt, job_id))
    assert job.status == WorkStatus.SUCCEEDED
    assert count > 1
    transcript = Transcript.model_validate_json(rt.store.read(str(row.transcript_object)))
    assert (transcript.provider, transcript.model, transcript.language) == (
        "openai",
        "whisper-1",
        "en",
    )
    assert [each.text for each in transcript.utterances] == [
        "Prices rise.",
        "Demand falls.",
    ] * count
    starts = [word.start_sec for each in transcript.utterances for word in each.words]
    assert starts == sorted(starts)
    assert starts[-1] > SECONDS - 10
    # Once for the language, of half a minute; then each segment in that language.
    told, *recognized = [upload.fields.get("language") for upload in server.uploads]
    assert (told, recognized) == (None, [["en"]] * count)
    assert job.cost == {
        "calls": count,
        "audio_sec": 20 * count,
        "usd": pytest.approx(0.006 * 20 * count / 60),
        "provider": "openai",
        "model": "whisper-1",
    }
    client = create_app(rt).test_client()
    assert client.get("/lectures/hashing/jobs").get_json()["cost"]["audioSec"] == 20 * count
    assert [each.status for each in get_jobs(rt, lecture, JobType.GENERATION)] == ["queued"]


def test_the_transcript_names_who_recognized_and_not_who_joined(
    runtime: Runtime, lecture: Lecture
) -> None:
    with hosted(runtime, heard) as (rt, _):
        job_id = enqueue(rt, lecture, params={"model": None, "language": None})
        transcribe_lecture(rt, JobMessage(job_id=job_id))
        *others, last = get_segments(rt, job_id)
        for each in others:
            transcribe_segment(rt, SegmentMessage(job_id=job_id, index=each.index))
        with _no_join():
            transcribe_segment(rt, SegmentMessage(job_id=job_id, index=last.index))
    assert runtime.settings.plc_transcribe_provider == "whisper"

    transcribe_lecture(runtime, JobMessage(job_id=job_id))

    job, row = get_job(runtime, job_id), get_lecture(runtime, lecture)
    transcript = Transcript.model_validate_json(runtime.store.read(str(row.transcript_object)))
    assert (transcript.provider, transcript.model) == ("openai", "whisper-1")
    assert (job.cost["provider"], job.cost["model"]) == ("openai", "whisper-1")
    assert job.cost["usd"] is not None


@contextmanager
def _no_join() -> Iterator[None]:
    """The worker that recognizes the last segment fails to join them."""

    def fail(name: str, _work: str) -> None:
        if name == "join.stored":
            raise TransientError("away")

    listen(fail)
    yield
    listen(None)


def test_a_client_that_asks_for_another_provider_is_refused(
    runtime: Runtime, lecture: Lecture
) -> None:
    with hosted(runtime, heard) as (rt, _):
        complete(rt, running(rt, lecture))
        asked = create_app(rt).test_client().post("/lectures/hashing/transcribe?provider=whisper")

    problem = asked.get_json(force=True)
    assert (asked.status_code, problem["code"]) == (422, "provider_not_set_up")


def test_a_job_that_was_asked_of_another_provider_fails_before_anything_is_heard(
    runtime: Runtime, lecture: Lecture
) -> None:
    with hosted(runtime, heard) as (rt, server):
        params = {"model": None, "language": None, "provider": "whisper"}
        job_id = enqueue(rt, lecture, params=params)
        transcribe_lecture(rt, JobMessage(job_id=job_id))
        transcribe_segment(rt, SegmentMessage(job_id=job_id, index=0))

    job = get_job(rt, job_id)
    assert job.error is not None
    assert (job.status, job.error["code"]) == (WorkStatus.FAILED, "model_unavailable")
    assert server.uploads == []


def test_a_key_that_is_refused_fails_the_lecture_with_a_reason(
    runtime: Runtime, lecture: Lecture
) -> None:
    with hosted(runtime, lambda *_: failure(401)) as (rt, server):
        job_id = transcribe(rt, lecture)

    job = get_job(rt, job_id)
    assert job.error is not None
    assert (job.status, job.error["code"]) == (WorkStatus.FAILED, "model_unavailable")
    assert "sk-secret" not in job.error["message"]
    assert len(server.uploads) == 1


def test_what_is_away_for_a_while_costs_an_attempt_and_not_the_lecture(
    runtime: Runtime, lecture: Lecture
) -> None:
    def away_at_first(upload: Upload, before: int) -> Reply:
        return failure(503) if before < 5 else heard(upload, before)

    with hosted(runtime, away_at_first) as (rt, _):
        job_id = transcribe(rt, lecture)
        first, *others = get_segments(rt, job_id)
        assert (first.status, first.attempt) == (WorkStatus.QUEUED, 1)
        assert {each.status for each in others} == {WorkStatus.SUCCEEDED}

        transcribe_segment(rt, SegmentMessage(job_id=job_id, index=first.index))

    assert get_job(rt, job_id).status == WorkStatus.SUCCEEDED
