"""What a model, a service, the bucket, the database or a message says is in no log line."""

import base64
import json
import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.retention.main import on_dead_letter
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from shared.database.connections import Database
from shared.deletion.purging import request_purge, run_purge
from shared.errors import ObjectMissingError, TransientError
from shared.fault_points import listen
from shared.messaging import outbox
from shared.messaging.events import JobMessage
from shared.models import JobType, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore
from shared.workers.outcomes import answer_event
from tests.integration.access.test_malformed_events import process
from tests.integration.material.test_generation import asking, queued, transcribed
from tests.integration.transcription.test_hosted_transcription import hosted, transcribe
from tests.support.lectures.builders import (
    add_lecture,
    changed,
    enqueue,
    get_lecture,
    recorded,
    uploaded,
)
from tests.support.lectures.canary import SENTENCE, TITLE, assert_silent, unforeseen_errors
from tests.support.sound.speech import clip
from tests.unit.generate.language_model.chat_server import Reply as ChatReply
from tests.unit.generate.language_model.chat_server import completion, refusal, serving
from tests.unit.generate.lectures import lecture as written
from tests.unit.transcribe.recognizers.transcription_server import Reply, transcription

__all__ = ["process"]

CHAT_ANSWERS: dict[str, ChatReply] = {
    "text": completion(SENTENCE),
    "a key of its own": completion({SENTENCE: {TITLE: SENTENCE}}),
    "values of other types": completion({"items": SENTENCE, "overview": [TITLE], "concepts": 1}),
    "a refusal": refusal(SENTENCE),
    "an error": ChatReply(
        400, json.dumps({"error": {"message": SENTENCE, "code": SENTENCE, "param": TITLE}})
    ),
    "a page": ChatReply(200, f"<html>{SENTENCE}</html>"),
}


def _heard(body: dict[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(body))


SPEECH_ANSWERS: dict[str, Reply] = {
    "words of other types": _heard({"text": SENTENCE, "words": SENTENCE, SENTENCE: TITLE}),
    "words without times": _heard({"text": SENTENCE, "words": [{"word": SENTENCE}]}),
    "an error": _heard({"error": {"message": SENTENCE, "code": TITLE}}, 400),
    "words that contradict": transcription((SENTENCE, 9e9, -1.0), text=SENTENCE),
}


@pytest.fixture(autouse=True)
def silent(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Libraries log to standard error here, as they do in a function."""
    root = logging.getLogger()
    handler = logging.StreamHandler(sys.stderr)
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    listen(None)
    assert assert_silent(capsys), "nothing was logged: the test shows nothing"


@pytest.mark.parametrize("answer", CHAT_ANSWERS.values(), ids=CHAT_ANSWERS)
def test_malformed_answer_of_a_language_model(runtime: Runtime, answer: ChatReply) -> None:
    with serving(lambda _request, _before: answer) as server:
        rt = asking(runtime, server)
        message = queued(rt, transcribed(rt, written("hashing-1")))
        for _ in range(2):
            generate_material(rt, message)


@pytest.mark.parametrize("answer", SPEECH_ANSWERS.values(), ids=SPEECH_ANSWERS)
def test_malformed_answer_of_a_recognizer(runtime: Runtime, answer: Reply) -> None:
    lecture = recorded(runtime, clip("economics", seconds=20))
    with hosted(runtime, lambda _upload, _before: answer) as (rt, _server):
        transcribe(rt, lecture)


def test_refused_statement(runtime: Runtime) -> None:
    """Postgres itself refuses: its message quotes the row, SQLAlchemy's the parameters."""
    lecture = uploaded(runtime)

    def refuse(_event: object) -> Any:
        with runtime.database.unit_of_work() as session:
            row = session.get_one(Lecture, lecture.id)
            row.title, row.status, row.error = TITLE, LectureStatus.FAILED, None
            session.commit()

    body = json.dumps({"message": {"data": "", "messageId": SENTENCE}, "subscription": TITLE})
    with Flask("test").test_request_context("/", method="POST", data=body):
        assert answer_event(request, refuse, settings=runtime.settings).status_code == 503


def test_an_engine_that_the_settings_describe_hides_parameters(runtime: Runtime) -> None:

    url = runtime.database.engine.url.render_as_string(hide_password=False)
    database = Database.from_settings(changed(runtime, database_url=url).settings)
    logging.getLogger("test").warning("begun")
    with pytest.raises(DBAPIError) as refused, database.autocommit() as connection:
        connection.execute(text("SELECT CAST(:given AS uuid)"), {"given": SENTENCE})
    database.close()

    assert "[parameters: " not in str(refused.value)
    assert "hide_parameters" in str(refused.value)


class LostBucket(ObjectStore):
    """Every call fails, and says which object it was about."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error

    def __getattribute__(self, name: str) -> Any:
        if name in {"read", "open", "create", "delete", "list", "stat", "create_from_stream"}:
            error = object.__getattribute__(self, "_error")

            def fail(*_: Any, **__: Any) -> Any:
                raise error(f"exports/1/{TITLE}.pdf") from ValueError(SENTENCE)

            return fail
        if name == "uri":
            return lambda object_name: f"gs://lectures/{object_name}"
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("error", [TransientError, ObjectMissingError, ValueError])
def test_storage_error(runtime: Runtime, error: type[Exception]) -> None:
    lecture = transcribed(runtime, written("hashing-1"))
    jobs = {kind: enqueue(runtime, lecture, kind) for kind in (JobType.GENERATION, JobType.EXPORT)}
    rt = _with_store(runtime, LostBucket(error))

    generate_material(rt, JobMessage(job_id=jobs[JobType.GENERATION]))
    export_lecture(rt, JobMessage(job_id=jobs[JobType.EXPORT]))
    sweep(rt)
    with pytest.raises(error):  # its report cannot be stored
        expire(rt, dry_run=False)
    with rt.database.unit_of_work() as session:
        request_purge(rt, session, session.get_one(Lecture, lecture.id))
        session.commit()
    with pytest.raises(error):
        run_purge(rt, lecture.id)
    client = create_app(rt).test_client()
    client.get(f"/lectures/{lecture.slug}/transcript")
    client.delete(f"/lectures/{lecture.slug}")


def _with_store(rt: Runtime, store: ObjectStore) -> Runtime:

    return replace(rt, store=store)


def test_messages_that_cannot_be_sent_and_repairs_that_fail(runtime: Runtime) -> None:
    for error in unforeseen_errors():

        class Lost:
            def send(self, *_: Any, **__: Any) -> None:
                raise error  # noqa: B023 - it is used within the round

        rt = replace(runtime, outbox=outbox.Outbox(runtime.database, Lost(), runtime.clock))  # type: ignore[arg-type]
        enqueue(rt, add_lecture(rt, uuid.uuid4().hex, status=LectureStatus.UPLOADED))
        rt.outbox.sweep(older_than=rt.clock() - rt.clock())
        sweep(_with_store(rt, LostBucket(type("Lost", (Exception,), {}))))


def test_dead_letters_and_malformed_events(runtime: Runtime) -> None:
    data = base64.b64encode(json.dumps({"jobId": SENTENCE, SENTENCE: TITLE}).encode()).decode()
    for body in (
        SENTENCE.encode(),
        json.dumps({SENTENCE: TITLE}).encode(),
        json.dumps(
            {
                "subscription": f"projects/p/subscriptions/{TITLE}",
                "message": {
                    "messageId": SENTENCE,
                    "data": data,
                    "attributes": {
                        "CloudPubSubDeadLetterSourceSubscription": "generate-push",
                        SENTENCE: TITLE,
                    },
                },
            }
        ).encode(),
    ):
        with Flask("test").test_request_context("/", method="POST", data=body):
            on_dead_letter(request)


def test_requests_to_the_api(runtime: Runtime) -> None:
    client = create_app(runtime).test_client()
    client.get("/search", query_string={"q": SENTENCE})
    client.get(f"/lectures/{TITLE}")
    client.get(f"/{SENTENCE}", headers={"X-Request-Id": TITLE})
    client.post("/lectures/ingest", json={"courseId": SENTENCE, "title": TITLE, SENTENCE: 1})
    client.post("/lectures/ingest", data=SENTENCE, content_type="application/json")
    with _faulty_database(runtime) as rt:
        create_app(rt).test_client().get("/search", query_string={"q": SENTENCE})


@contextmanager
def _faulty_database(rt: Runtime) -> Iterator[Runtime]:

    class Faulty:
        def __getattr__(self, _name: str) -> Any:
            raise unforeseen_errors()[2]

    yield replace(rt, database=Faulty())  # type: ignore[arg-type]


def test_the_row_of_an_unforeseen_error_has_no_text_either(runtime: Runtime) -> None:
    lecture = transcribed(runtime, written("hashing-1"))
    job_id = enqueue(runtime, lecture, JobType.GENERATION)

    def fail(name: str, _work: str) -> None:
        if name == "generation.stored":
            raise ValueError(SENTENCE)

    listen(fail)
    for _ in range(runtime.settings.plc_job_max_attempts):
        generate_material(runtime, JobMessage(job_id=job_id))

    assert SENTENCE not in json.dumps(get_lecture(runtime, lecture).error)
