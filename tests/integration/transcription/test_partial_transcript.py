"""What has been recognized can be read while the rest still runs."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.ingest.app import create_app
from functions.transcribe.join import join_segments
from shared.documents.transcript import Word
from shared.errors import PermanentError
from shared.models import Lecture
from shared.runtime import Runtime
from shared.speech.recognition import Recognition
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.workers.heartbeat import Heartbeat
from tests.support.lectures.builders import (
    add_segments,
    claim_segment,
    complete,
    fan_out,
    get_job,
    running,
    segment_transcript,
    uploaded,
)

ADDRESS = "/lectures/hashing/transcript/partial"


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def recognize(rt: Runtime, lease: Lease, index: int, text: str) -> Lease | None:
    """As a segment's worker ends that hears this, a word a second."""
    claimed = claim_segment(rt, lease.job_id, index)
    name = segment_transcript(rt, claimed)
    recognition = Recognition(
        language="en",
        language_probability=1,
        words=tuple(
            Word(text=word, start_sec=second, end_sec=second + 1, probability=0.9)
            for second, word in enumerate(text.split())
        ),
        withheld=0,
    )
    rt.store.create(name, recognition.to_json(), "application/json")
    return rt.segments.complete(claimed, name)


def read(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = answer.get_json()
    return document


def said(document: dict[str, Any]) -> list[tuple[float, str]]:
    return [(each["startSec"], each["text"]) for each in document["utterances"]]


def pending(document: dict[str, Any]) -> list[tuple[float, float | None]]:
    return [(each["startSec"], each["endSec"]) for each in document["pending"]]


def test_finished_segments_are_read_in_lecture_time_and_gaps_are_told(
    client: FlaskClient, runtime: Runtime
) -> None:
    lease = fan_out(runtime, uploaded(runtime, duration_sec=50.0), 5)
    assert (said(read(client)), pending(read(client))) == ([], [(0, 50)])

    recognize(runtime, lease, 1, "Keys map to slots.")
    recognize(runtime, lease, 4, "That is all.")

    document = read(client)
    assert (document["complete"], document["language"]) == (False, "en")
    assert said(document) == [(10, "Keys map to slots."), (40, "That is all.")]
    assert pending(document) == [(0, 10), (20, 40)]


def test_a_sentence_over_a_seam_is_one_once_both_sides_are_there(
    client: FlaskClient, runtime: Runtime
) -> None:
    lease = fan_out(runtime, uploaded(runtime, duration_sec=30.0), 3)
    recognize(runtime, lease, 0, "one two three four five six seven eight nine ten")
    assert said(read(client)) == [(0, "one two three four five six seven eight nine ten")]

    recognize(runtime, lease, 1, "eleven.")

    assert said(read(client)) == [(0, "one two three four five six seven eight nine ten eleven.")]


@pytest.mark.parametrize("duration_sec", [95.0, None])
def test_what_is_not_cut_yet_is_pending(
    client: FlaskClient, runtime: Runtime, duration_sec: float | None
) -> None:
    lease = running(runtime, uploaded(runtime, duration_sec=duration_sec))
    assert pending(read(client)) == [(0, duration_sec)]
    add_segments(runtime, lease, range(2))
    assert pending(read(client)) == [(0, duration_sec)]

    recognize(runtime, lease, 0, "Keys map to slots.")
    assert pending(read(client)) == [(10, duration_sec)]
    recognize(runtime, lease, 1, "Slots hold lists.")

    assert pending(read(client)) == [(20, duration_sec)]


def test_once_there_is_a_transcript_it_is_that(client: FlaskClient, runtime: Runtime) -> None:
    lease = fan_out(runtime, uploaded(runtime, duration_sec=20.0), 2)
    recognize(runtime, lease, 0, "Keys map to slots.")
    join = recognize(runtime, lease, 1, "Slots hold lists.")
    assert join is not None
    assert (read(client)["complete"], pending(read(client))) == (False, [])

    join_segments(runtime, join, Heartbeat(lambda: True, interval_sec=60))

    document = read(client)
    assert (document["complete"], pending(document)) == (True, [])
    transcript: dict[str, Any] = client.get("/lectures/hashing/transcript").get_json()
    assert document["utterances"] == transcript["utterances"]


def test_of_a_transcription_that_failed_what_there_is_can_be_read(
    client: FlaskClient, runtime: Runtime
) -> None:
    lease = fan_out(runtime, uploaded(runtime, duration_sec=20.0), 2)
    recognize(runtime, lease, 0, "Keys map to slots.")
    runtime.segments.fail(
        claim_segment(runtime, lease.job_id, 1), Failure.of(PermanentError("It cannot be done."))
    )
    assert get_job(runtime, lease.job_id).status == "failed"

    document = read(client)

    assert (said(document), pending(document)) == ([(0, "Keys map to slots.")], [(10, 20)])
    assert not document["complete"]


def test_of_a_transcript_that_was_deleted_nothing_is_told(
    client: FlaskClient, runtime: Runtime
) -> None:
    lecture: Lecture = uploaded(runtime)
    assert client.get(ADDRESS).status_code == 404
    complete(runtime, running(runtime, lecture))

    assert client.get(ADDRESS).status_code == 404
