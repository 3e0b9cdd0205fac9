"""Hostile text in every parameter costs no server error, and no other user a foreign row.

The pool is small, so that each connection serves attackers and readers in turn. Operations and
their parameters are taken from the API's document, entry points from the topology.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url
from werkzeug.test import Client, TestResponse

from functions.ingest.app import create_app
from scripts.local.ports import HOST
from shared.database.connections import Database
from shared.runtime import Runtime, build_runtime
from tests.support.access.issuer import OPERATOR_OWNER, Issuer
from tests.support.access.signed_in import signed_in
from tests.support.hostile.poison import SOME_TIME, Poison, cursor, hostile_texts, names_of_listings
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture
from tests.support.processes.api_process import api_process
from tests.support.processes.forwarding import Forwarding

OWNERS = ("alice", "bob", "carol", "dave")
READERS = 8
POOL = 4
BRIEF_SEC, LONG_SEC = 4.0, 60.0
FEW, MANY = 3, 40
"""Texts in each place. The first are those that cannot be stored."""


@pytest.fixture
def poisoned(runtime: Runtime, issuer: Issuer) -> Iterator[Runtime]:
    url = runtime.database.engine.url
    engine = create_engine(
        make_url(url), connect_args={"ssl_context": False}, pool_size=POOL, max_overflow=0
    )
    database = Database(engine)
    rt = signed_in(
        runtime,
        issuer,
        plc_write_rate_limit_max_requests=100_000,
        plc_read_rate_limit_max_requests=1_000_000,
        plc_progress_stream_sec=1,
    )
    yield build_runtime(
        rt.settings,
        database=database,
        store=rt.store,
        messages=rt.messages,
        clock=rt.clock,
        new_id=rt.new_id,
    )
    database.close()


@pytest.fixture
def app(poisoned: Runtime) -> Flask:
    return create_app(poisoned)


class Reader:
    """One owner's requests, whose answers do not change."""

    def __init__(self, client: Client, whole: WholeLecture, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}
        self._paths = [
            "/lectures",
            "/lectures/lecture",
            "/lectures/lecture/transcript",
            "/lectures/lecture/jobs",
            "/lectures/lecture/summary",
            "/courses",
            "/courses/course/threads",
            f"/threads/{whole.thread_id}",
            "/search?q=this",
            f"/jobs/{whole.job.id}",
        ]
        self._expected = {path: self._read(path) for path in self._paths}
        self.answers = 0
        self.foreign: list[str] = []

    def read_on(self, going_on: Callable[[], bool]) -> None:
        while going_on() and not self.foreign:
            for path in self._paths:
                if (answer := self._read(path)) != self._expected[path]:
                    self.foreign.append(f"{path}: {answer}")
                self.answers += 1

    def _read(self, path: str) -> tuple[int, bytes]:
        response = self._client.get(path, headers=self._headers)
        return response.status_code, response.data


@pytest.fixture
def readers(poisoned: Runtime, app: Flask, issuer: Issuer) -> list[Reader]:
    return readers_of_four(poisoned, app.test_client, issuer)


def readers_of_four(rt: Runtime, new_client: Callable[[], Client], issuer: Issuer) -> list[Reader]:
    wholes = {
        owner: add_whole_lecture(
            rt,
            owner=f"user:{owner}",
            course="course",
            slug="lecture",
            secret=f"secret of {owner}",
        )
        for owner in OWNERS
    }
    made = [
        Reader(new_client(), wholes[owner], issuer.id_token(sub=owner))
        for owner in (OWNERS * READERS)[:READERS]
    ]
    for reader in made:
        statuses = {path: status for path, (status, _) in reader._expected.items()}
        assert set(statuses.values()) == {200}, statuses
    return made


@dataclass
class Attack:
    """Rounds of requests, each with one text in every place."""

    rt: Runtime
    client: Client
    authorization: str
    sent: int = 0
    errors: list[str] = field(default_factory=list)
    """Answers of 500 and above."""

    def __post_init__(self) -> None:
        self._document = json.loads(self.client.get("/openapi.json").data)
        self._known = self._new_lecture()
        self._listings = {
            operation["operationId"]: self._listing_of(path)
            for path, methods in self._document["paths"].items()
            for operation in methods.values()
            if any(each["name"] == "cursor" for each in operation["parameters"])
        }

    def send(self, text: str) -> None:
        known = self._new_lecture()
        for request in Poison(self._document, known, self._listings).requests(text):
            response = request.send(self.client, self.authorization)
            self.sent += 1
            if response.status_code >= 500:
                self.errors.append(f"{request}: {response.status_code}")
            response.close()

    def _new_lecture(self) -> dict[str, Any]:
        """What the last round has left of one cannot be relied upon. By the names of parameters
        and properties, values that lead to it."""
        slug = f"poison-{self.rt.new_id()}"
        whole = add_whole_lecture(
            self.rt, owner=OPERATOR_OWNER, course=slug, slug=slug, secret="poison"
        )
        transcript = self._get(f"/lectures/{slug}/transcript")
        return {
            "lectureId": slug,
            "courseId": slug,
            "jobId": str(whole.job.id),
            "jobIds": [str(whole.job.id)],
            "threadId": str(whole.thread_id),
            "presetId": "exam",
            "artifactType": "summary",
            "exportType": "markdown",
            "contentType": "audio/wav",
            "crc32c": "AAAAAA==",
            "utteranceId": 0,
            "q": "poison",
            "If-Match": transcript.headers["ETag"],
        }

    def _listing_of(self, path: str) -> str:
        for name, value in self._known.items():
            path = path.replace(f"{{{name}}}", str(value))
        key = self._known["jobId"]
        for name in names_of_listings():
            if self._get(f"{path}?cursor={cursor(name, SOME_TIME, key)}").status_code == 200:
                return name
        raise AssertionError(f"the name in the cursors of {path} was not found")

    def _get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Authorization": self.authorization})


@pytest.fixture
def attack(poisoned: Runtime, app: Flask, issuer: Issuer) -> Attack:
    """By the operator, to whom every operation is open."""
    return Attack(poisoned, app.test_client(), f"Bearer {issuer.operator_token()}")


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(FEW, id="few texts", marks=pytest.mark.selection),
        pytest.param(MANY, id="many texts", marks=pytest.mark.slow),
    ],
)
def test_no_parameter_of_the_api_gives_a_reader_anothers_rows(
    readers: list[Reader], attack: Attack, texts: int
) -> None:
    with reading(readers[:1]):
        for text in islice(hostile_texts(random.Random(texts)), texts):  # noqa: S311 - repeatable
            attack.send(text)
    assert attack.errors == []


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(BRIEF_SEC, id="brief", marks=pytest.mark.selection),
        pytest.param(LONG_SEC, id="long", marks=pytest.mark.slow),
    ],
)
def test_readers_of_four_owners_see_no_foreign_byte_under_poison(
    readers: list[Reader], attack: Attack, seconds: float
) -> None:
    texts = hostile_texts(random.Random(int(seconds)))  # noqa: S311 - repeatable
    until = time.monotonic() + seconds
    with reading(readers):
        while time.monotonic() < until:
            attack.send(next(texts))
    print(f"{attack.sent} requests, {sum(each.answers for each in readers)} answers compared")
    assert attack.errors == []


@pytest.mark.slow
def test_nor_through_a_process_of_the_functions_framework(
    runtime: Runtime, issuer: Issuer, tmp_path: Path
) -> None:
    url = runtime.database.engine.url.set(drivername="postgresql")
    settings = runtime.settings.model_copy(
        update={"database_url": SecretStr(url.render_as_string(hide_password=False))}
    )
    changed: dict[str, object] = {
        "plc_db_pool_size": POOL,
        "plc_progress_stream_sec": 1,
        "plc_read_rate_limit_max_requests": 1_000_000,
        "plc_write_rate_limit_max_requests": 100_000,
    }
    texts = hostile_texts(random.Random(7))  # noqa: S311 - repeatable
    with api_process(settings, tmp_path, issuer, **changed) as api:

        def new_client() -> Client:
            return Client(Forwarding(HOST, api.port))

        attack = Attack(runtime, new_client(), f"Bearer {issuer.operator_token()}")
        readers = readers_of_four(runtime, new_client, issuer)
        until = time.monotonic() + LONG_SEC
        with reading(readers):
            while time.monotonic() < until:
                attack.send(next(texts))
    print(f"{attack.sent} requests, {sum(each.answers for each in readers)} answers compared")
    # Nothing here takes its messages, and it says so when it is asked whether it is ready.
    assert [each for each in attack.errors if "'/health/ready" not in each] == []


@contextmanager
def reading(readers: list[Reader]) -> Iterator[None]:
    """All of them read in threads of their own meanwhile; raises for an answer that differs."""
    over = threading.Event()
    threads = [
        threading.Thread(target=reader.read_on, args=(lambda: not over.is_set(),))
        for reader in readers
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert [each.foreign for each in readers if each.foreign] == []
    assert all(each.answers > 10 for each in readers)
