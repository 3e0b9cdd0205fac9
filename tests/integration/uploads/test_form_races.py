"""Of forms that carry recordings for one lecture exactly one is kept, and the others learn it."""

import io
import random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.ingest.uploads.registration import register_object
from shared.fault_points import listen
from shared.models import Lecture, LectureStatus
from shared.runtime import Runtime
from tests.support.lectures.builders import changed, get_lecture
from tests.support.processes.threads import at_once
from tests.support.sound.audio import tone

FORMS = 16


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(changed(runtime, plc_write_rate_limit_max_requests=100_000))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, audio: bytes) -> TestResponse:
    form = {
        "courseId": "algorithms",
        "lectureId": "hashing",
        "audio": (io.BytesIO(audio), "lecture.wav"),
    }
    return client.post("/lectures/ingest", data=form)


def the_lecture(rt: Runtime) -> Lecture:
    with rt.database.reading() as session:
        return session.scalars(select(Lecture)).one()


def recording(number: int) -> bytes:
    return tone(0.1 + number / 100)


@pytest.mark.parametrize("seed", range(3))
def test_of_many_forms_at_once_one_is_kept(runtime: Runtime, app: Flask, seed: int) -> None:
    order = list(range(FORMS))
    random.Random(seed).shuffle(order)  # noqa: S311 - to be repeated, not to be secret

    answers = at_once(lambda number: send(app.test_client(), recording(number)), order)

    kept = [n for n, answer in zip(order, answers, strict=True) if answer.status_code == 201]
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (FORMS - 1)
    lecture = the_lecture(runtime)
    assert runtime.store.read(lecture.source_object) == recording(kept[0])
    stored = runtime.store.stat(lecture.source_object)
    assert stored is not None
    register_object(runtime, stored)
    assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED


def test_once_one_is_stored_another_is_refused_before_its_notification(
    client: FlaskClient, runtime: Runtime
) -> None:
    assert send(client, recording(1)).status_code == 201
    assert the_lecture(runtime).status == LectureStatus.AWAITING_UPLOAD

    assert send(client, recording(2)).status_code == 409
    announced = {"courseId": "algorithms", "lectureId": "hashing"}
    assert client.post("/lectures/ingest", json=announced).status_code == 409
    assert client.post("/lectures/hashing/upload-url").status_code == 409
    assert runtime.store.read(the_lecture(runtime).source_object) == recording(1)


def test_a_form_that_broke_off_may_be_sent_again(client: FlaskClient, runtime: Runtime) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="courseId"\r\n\r\nalgorithms\r\n'
    body += b'--x\r\nContent-Disposition: form-data; name="lectureId"\r\n\r\nhashing\r\n'
    body += b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\nRIFF'
    broken = client.post(
        "/lectures/ingest", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert broken.status_code >= 400

    assert send(client, recording(1)).status_code == 201


def test_after_one_that_was_turned_away_another_may_be_sent(
    client: FlaskClient, runtime: Runtime
) -> None:
    assert send(client, b"no audio").status_code == 201
    stored = runtime.store.stat(the_lecture(runtime).source_object)
    assert stored is not None
    register_object(runtime, stored)
    assert the_lecture(runtime).status == LectureStatus.FAILED

    assert send(client, recording(1)).status_code == 201
    assert the_lecture(runtime).source_size == len(recording(1))


def test_one_whose_lecture_is_deleted_meanwhile_is_not_found(
    runtime: Runtime, client: FlaskClient
) -> None:
    def deleted(name: str, _work: str) -> None:
        if name == "upload.stored":
            assert client.delete("/lectures/hashing").status_code == 200

    listen(deleted)
    try:
        answer = send(create_app(runtime).test_client(), recording(1))
    finally:
        listen(None)

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "not_found")
