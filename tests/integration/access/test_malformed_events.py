"""An event that no function can ever handle is recorded, and acknowledged where it must be."""

import base64
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask, Response, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON

from functions.retention.main import on_dead_letter
from functions.transcribe.main import on_segment, on_transcribe
from shared.models import Job, WorkStatus
from shared.runtime import Runtime, _runtime, build_runtime, build_with, working_runtime
from shared.workers.dead_letters import KEY_LENGTH
from tests.support.lectures.builders import (
    BUCKET,
    PROJECT,
    enqueue,
    fan_out,
    get_dead_letters,
    get_job,
    uploaded,
)

TASK = {"X-CloudTasks-TaskName": "t", "X-CloudTasks-QueueName": "segments"}


@pytest.fixture(autouse=True)
def process(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The entry points of a process whose runtime is the test's."""
    for name, value in {
        "PLC_ENVIRONMENT": "local",
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "GCS_BUCKET": BUCKET,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
    }.items():
        monkeypatch.setenv(name, value)
    _forget()
    build_with(lambda _settings: runtime)
    yield
    build_with(build_runtime)
    _forget()


def _forget() -> None:
    _runtime.cache_clear()
    working_runtime.cache_clear()


def call(entry_point: Any, body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    with Flask("test").test_request_context("/", method="POST", data=body, headers=headers):
        answer: Response = entry_point(request)
    return answer


def dead(attributes: Mapping[str, Any], data: bytes = b"{}", id: str = "7") -> bytes:
    return json.dumps(
        {
            "subscription": "projects/p/subscriptions/dead-letter-push",
            "message": {
                "messageId": id,
                "data": base64.b64encode(data).decode(),
                "attributes": attributes,
            },
        }
    ).encode()


@pytest.mark.parametrize("index", [2**31, 2**63, 10**40, -1])
def test_a_segment_that_cannot_exist_is_recorded_and_its_task_is_taken(
    runtime: Runtime, index: int
) -> None:
    job_id = fan_out(runtime, uploaded(runtime), 1).job_id
    body = json.dumps({"jobId": str(job_id), "index": index}).encode()

    answers = [call(on_segment, body, TASK) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].get_json()["error"]["code"] == "malformed_event"
    [letter] = get_dead_letters(runtime)
    assert (letter.source, json.loads(letter.payload)["index"]) == ("segments", index)
    assert get_job(runtime, job_id).status == WorkStatus.RUNNING


def test_the_last_index_that_the_column_holds_is_only_not_there(runtime: Runtime) -> None:
    body = json.dumps({"jobId": str(uuid.uuid4()), "index": 2**31 - 1}).encode()

    assert call(on_segment, body, TASK).get_json()["outcome"] == "duplicate"
    assert get_dead_letters(runtime) == []


def test_where_a_dead_letter_policy_follows_it_is_refused(runtime: Runtime) -> None:
    assert call(on_transcribe, b"{", {"Content-Type": "application/json"}).status_code == 400
    assert get_dead_letters(runtime) == []


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"[]", b"{}", b"[" * 100_000])
def test_a_dead_letter_that_is_no_event_is_recorded(runtime: Runtime, body: bytes) -> None:
    assert call(on_dead_letter, body).status_code == 200
    assert call(on_dead_letter, body).status_code == 200

    [letter] = get_dead_letters(runtime)
    assert (letter.source, letter.attributes["reason"]) == ("dead-letter-push", "malformed_event")


awkward = st.text(
    st.characters(categories=["Cs", "Cc", "L"], include_characters="\x00\ud800\U0010ffff"),
    max_size=20,
)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    attributes=st.dictionaries(
        awkward | st.just("CloudPubSubDeadLetterSourceSubscription"), awkward, max_size=3
    ),
    id=awkward.filter(bool),
    name=awkward,
    number=st.integers(-(2**70), 2**70),
)
def test_whatever_a_dead_letter_says_of_itself_it_is_acknowledged(
    runtime: Runtime, attributes: dict[str, str], id: str, name: str, number: int
) -> None:
    upload = {"bucket": "b", "name": name, "generation": number, "size": number}

    answer = call(on_dead_letter, dead(attributes, json.dumps(upload).encode(), id))

    assert answer.status_code == 200


def test_names_too_long_for_an_index_are_kept_apart(runtime: Runtime) -> None:
    for id in ("a" * 10_000, "a" * 9_999, "a" * KEY_LENGTH):
        assert call(on_dead_letter, dead({}, id=id)).status_code == 200

    assert len(get_dead_letters(runtime)) == 3


def test_one_whose_job_cannot_be_failed_is_recorded_all_the_same(runtime: Runtime) -> None:
    job_id = enqueue(runtime, uploaded(runtime))
    with runtime.database.unit_of_work() as session:
        # As older code, or a hand, may have left it: no list.
        session.get_one(Job, job_id).history = JSON.NULL  # type: ignore[assignment]
        session.commit()
    body = dead({}, json.dumps({"jobId": str(job_id)}).encode())

    assert call(on_dead_letter, body).status_code == 200

    assert len(get_dead_letters(runtime)) == 1
    assert get_job(runtime, job_id).status == WorkStatus.QUEUED
    assert call(on_dead_letter, body).get_json()["outcome"] == "duplicate"


def test_while_the_database_is_away_a_dead_letter_is_kept_by_its_subscription(
    runtime: Runtime,
) -> None:
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE dead_letters RENAME TO gone")

    assert call(on_dead_letter, dead({})).status_code == 503
    assert call(on_dead_letter, b"no event").status_code == 503
