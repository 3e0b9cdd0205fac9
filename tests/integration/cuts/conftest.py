"""A completed lecture of three utterances, ten seconds apart, whose recording is a tone."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.job import transcribe_lecture
from shared.messaging.events import JobMessage
from shared.models import Lecture
from shared.runtime import Runtime
from shared.workers.outcomes import Outcome
from tests.integration.material.test_corrections import transcribe
from tests.support.clock import HeldClock
from tests.support.lectures.builders import get_lecture, uploaded
from tests.support.sound.audio import saying

SAID = (
    "We begin with the method of Euler.",
    "Between us Mister Miller has failed his examination twice.",
    "Navier and Stokes come next week.",
)
CUT = {"startSec": 10.0, "endSec": 19.0}
"""The second utterance, whole."""
ADDRESS = "/lectures/hashing"

Cutter = Callable[..., TestResponse]


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    return add_recorded(runtime)


def add_recorded(rt: Runtime, *, recording: bytes | None = None) -> Lecture:
    lecture = uploaded(rt, duration_sec=60.0)
    data = saying("The comment of a recorder.", seconds=60) if recording is None else recording
    stored = rt.store.create(lecture.source_object, data, "audio/wav")
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.source_generation, row.source_size = stored.generation, stored.size
        row.source_crc32c = stored.crc32c
        session.commit()
    transcribe(rt, lecture, SAID)
    return get_lecture(rt, lecture)


@pytest.fixture
def client(runtime: Runtime, lecture: Lecture) -> FlaskClient:
    return create_app(runtime).test_client()


def cut(client: FlaskClient, *spans: dict[str, float]) -> TestResponse:
    return client.post(f"{ADDRESS}/cuts", json={"cuts": list(spans or (CUT,))})


def silence(rt: Runtime, answer: TestResponse) -> Outcome:
    """Do the job that silences the recording."""
    return work(rt, answer.get_json()["silencingJobId"])


def work(rt: Runtime, job_id: str | uuid.UUID) -> Outcome:
    return transcribe_lecture(rt, JobMessage(job_id=uuid.UUID(str(job_id))))


def texts(client: FlaskClient) -> tuple[str, ...]:
    answer = client.get(f"{ADDRESS}/transcript").get_json()
    return tuple(each["text"] for each in answer["utterances"])


def states(client: FlaskClient) -> list[str]:
    return [each["state"] for each in client.get(f"{ADDRESS}/cuts").get_json()["cuts"]]


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.data)["code"]


def heard(rt: Runtime, lecture: Lecture) -> Samples:
    """The recording, as its row says."""
    row = get_lecture(rt, lecture)
    data = rt.store.read(row.source_object, generation=row.source_generation)
    return np.concatenate(list(decode(io.BytesIO(data))))


def is_silent(samples: Samples, start_sec: float, end_sec: float) -> bool:
    """Without the edges."""
    start, end = (round(at * SAMPLE_RATE) for at in (start_sec + 0.2, end_sec - 0.2))
    return not samples[start:end].any()
