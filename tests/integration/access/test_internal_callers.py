"""In the cloud only Pub/Sub, Cloud Tasks and Cloud Scheduler may wake a function."""

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Request, Response, request

from functions.export.main import on_export
from functions.generate.main import on_generate
from functions.ingest.main import on_upload
from functions.retention.main import on_dead_letter, on_retention, on_sweep
from functions.transcribe.main import on_segment, on_transcribe
from scripts.local.gcs import StorageServer
from shared.database.connections import Database
from shared.log import configure_logging
from shared.models import DeadLetter
from shared.runtime import _runtime, runtime, working_runtime
from shared.topology import load_topology
from tests.support.access.issuer import SERVICE_ACCOUNT, SERVICE_AUDIENCE, Issuer
from tests.support.lectures.builders import BUCKET, PROJECT, make_settings

EntryPoint = Callable[[Request], Response]
Environment = Callable[..., None]

NOWHERE = "127.0.0.1:1"
JOB = {"jobId": str(uuid.UUID(int=7))}
UPLOAD = {"bucket": BUCKET, "name": "raw/none", "generation": "1", "size": "1"}

EVENTS: dict[EntryPoint, tuple[dict[str, str], bytes]] = {}
"""Headers and body that each entry point understands. No such job and no such object exist."""


def _pushed(payload: object) -> tuple[dict[str, str], bytes]:
    data = base64.b64encode(json.dumps(payload).encode()).decode()
    return {}, json.dumps({"message": {"messageId": "m-1", "data": data}}).encode()


EVENTS.update(
    {
        on_upload: _pushed(UPLOAD),
        on_transcribe: _pushed(JOB),
        on_segment: ({"X-CloudTasks-TaskName": "t-1"}, json.dumps({**JOB, "index": 0}).encode()),
        on_generate: _pushed(JOB),
        on_export: _pushed(JOB),
        on_sweep: ({"X-CloudScheduler": "true"}, b""),
        on_retention: ({"X-CloudScheduler": "true"}, b""),
        on_dead_letter: _pushed("a message that failed"),
    }
)

TOKENS: dict[str, Callable[[Issuer], str]] = {
    "none at all": lambda _: "",
    "another scheme": lambda issuer: f"Basic {issuer.service_token()}",
    "no JWT": lambda _: "Bearer nonsense",
    "wrong audience": lambda issuer: f"Bearer {issuer.service_token(audience='https://a.test')}",
    "wrong account": lambda issuer: f"Bearer {issuer.service_token('stranger@example.com')}",
    "expired": lambda issuer: f"Bearer {issuer.service_token(exp=int(time.time()) - 3600)}",
    "forged": lambda issuer: f"Bearer {issuer.service_token(forged=True)}",
    "a user's": lambda issuer: f"Bearer {issuer.id_token(audience=SERVICE_AUDIENCE)}",
}

entry_points = pytest.mark.parametrize("entry_point", EVENTS, ids=lambda each: each.__name__)


@pytest.fixture
def environment(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """A function's environment in the cloud, where nothing it depends on answers."""

    def change(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        _runtime.cache_clear()
        working_runtime.cache_clear()

    change(
        PLC_ENVIRONMENT="cloud",
        GOOGLE_CLOUD_PROJECT=PROJECT,
        GCS_BUCKET=BUCKET,
        DATABASE_URL=f"postgresql://nobody@{NOWHERE}/none",
        STORAGE_EMULATOR_HOST=f"http://{NOWHERE}",
        PUBSUB_EMULATOR_HOST=NOWHERE,
        PLC_TASKS_EMULATOR_HOST=NOWHERE,
        PLC_INTERNAL_AUDIENCE=SERVICE_AUDIENCE,
        PLC_INTERNAL_SERVICE_ACCOUNTS=f"somebody@example.com,{SERVICE_ACCOUNT}",
        PLC_OIDC_KEYS_URL=issuer.url,
    )
    yield change
    if _runtime.cache_info().currsize:
        runtime().database.close()
    _runtime.cache_clear()
    working_runtime.cache_clear()
    configure_logging(make_settings())


def call(entry_point: EntryPoint, authorization: str) -> tuple[int, Any]:
    headers, body = EVENTS[entry_point]
    with Flask("test").test_request_context(
        "/", method="POST", data=body, headers={**headers, "Authorization": authorization}
    ):
        response = entry_point(request)
    return response.status_code, response.get_json()


def test_every_internal_entry_point_is_among_these() -> None:
    declared = {each.entry_point for each in load_topology().functions.values() if not each.public}

    assert {each.__name__ for each in EVENTS} == declared


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("token", TOKENS)
@entry_points
def test_a_stranger_is_refused(entry_point: EntryPoint, token: str, issuer: Issuer) -> None:
    # Whatever a handler does first fails here, with 503: nothing of it has been done.
    status, said = call(entry_point, TOKENS[token](issuer))

    assert (status, said["error"]["code"]) == (401, "unauthorized")


@pytest.mark.usefixtures("environment")
@entry_points
def test_with_the_right_token_the_work_begins(entry_point: EntryPoint, issuer: Issuer) -> None:
    status, said = call(entry_point, f"Bearer {issuer.service_token()}")

    assert (status, said["outcome"]) == (503, "retry")


@entry_points
def test_nobody_gets_in_where_no_caller_is_named(
    entry_point: EntryPoint, issuer: Issuer, environment: Environment
) -> None:
    for missing in ("PLC_INTERNAL_AUDIENCE", "PLC_INTERNAL_SERVICE_ACCOUNTS"):
        environment(**{missing: ""})

        assert call(entry_point, f"Bearer {issuer.service_token()}")[0] == 401


@entry_points
def test_while_the_keys_are_away_the_message_is_kept(
    entry_point: EntryPoint, issuer: Issuer, environment: Environment
) -> None:
    environment(PLC_OIDC_KEYS_URL=f"http://{NOWHERE}/{entry_point.__name__}")

    status, said = call(entry_point, f"Bearer {issuer.service_token()}")

    assert (status, said["error"]["message"]) == (
        503,
        "The keys that sign tokens cannot be fetched just now.",
    )


@pytest.fixture
def stack(environment: Environment, database: Database, storage_server: StorageServer) -> None:
    """The same, with what it depends on."""
    url = database.engine.url.set(drivername="postgresql")
    environment(
        DATABASE_URL=url.render_as_string(hide_password=False),
        STORAGE_EMULATOR_HOST=storage_server.url,
        GCS_PREFIX=uuid.uuid4().hex,
    )


@pytest.mark.usefixtures("stack")
@entry_points
def test_the_right_caller_is_served(entry_point: EntryPoint, issuer: Issuer) -> None:
    status, said = call(entry_point, f"Bearer {issuer.service_token()}")

    assert (status, said["error"]) == (200, None)


@pytest.mark.usefixtures("stack")
def test_a_refused_message_leaves_nothing_behind(database: Database, issuer: Issuer) -> None:
    def dead_letters() -> int:
        with database.unit_of_work() as session:
            return session.query(DeadLetter).count()

    call(on_dead_letter, f"Bearer {issuer.service_token(forged=True)}")
    assert dead_letters() == 0

    call(on_dead_letter, f"Bearer {issuer.service_token()}")
    assert dead_letters() == 1
