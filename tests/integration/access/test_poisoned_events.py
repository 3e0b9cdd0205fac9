"""Hostile text in every place of every event ends: the sender is not told to send it again."""

import base64
import importlib
import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from flask import Flask, Request, Response, request
from sqlalchemy import text

from functions.retention.dead_letters import SOURCE_SUBSCRIPTION
from shared.config import load_settings
from shared.messaging.events import PUBSUB_EVENT, STORAGE_EVENT
from shared.runtime import Runtime, _runtime, build_runtime, build_with, working_runtime
from shared.topology import load_topology
from tests.support.hostile.poison import hostile_texts
from tests.support.lectures.builders import changed, enqueue, get_dead_letters, uploaded

FEW, MANY = 2, 40
"""Texts in each place."""
Sent = tuple[str, dict[str, str], bytes]

ENTRY_POINTS = {
    f"{each.stage}.{each.entry_point}"
    for each in load_topology().functions.values()
    if not each.public
}


@pytest.fixture
def woken(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """This process's runtime is the test's."""
    rt = changed(runtime, plc_environment="local")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
    monkeypatch.setenv("PLC_ENVIRONMENT", "local")
    for name in ("GOOGLE_CLOUD_PROJECT", "GCS_BUCKET"):
        monkeypatch.setenv(name, getattr(rt.settings, name.lower()))
    load_settings()
    build_with(lambda _settings: rt)
    _runtime.cache_clear()
    working_runtime.cache_clear()
    yield rt
    build_with(build_runtime)
    _runtime.cache_clear()
    working_runtime.cache_clear()


@pytest.mark.parametrize(
    "texts",
    [pytest.param(FEW, marks=pytest.mark.selection), pytest.param(MANY, marks=pytest.mark.slow)],
    ids=("few texts", "many texts"),
)
@pytest.mark.parametrize("name", sorted(ENTRY_POINTS))
def test_hostile_event_is_handled_or_refused_for_good(
    name: str, texts: int, woken: Runtime
) -> None:
    stage, function = name.split(".")
    entry_point = getattr(importlib.import_module(f"functions.{stage}.main"), function)
    job = str(enqueue(woken, uploaded(woken)))
    unfinished = {}
    for hostile in islice(hostile_texts(random.Random(3)), texts):  # noqa: S311 - repeatable
        for place, headers, body in _events(job, hostile):
            if (status := _call(entry_point, headers, body)) not in {200, 400}:
                unfinished[place, hostile] = status
            with woken.database.autocommit() as connection:
                assert connection.scalar(text("SELECT CAST(:v AS text)"), {"v": place}) == place
    assert not unfinished


def test_a_dead_letter_with_hostile_attributes_is_recorded_and_readable(woken: Runtime) -> None:
    on_dead_letter = importlib.import_module("functions.retention.main").on_dead_letter
    attributes = {"a\x00\ud800": "\udfff\x00", SOURCE_SUBSCRIPTION: "export\x00\ud800"}
    _, headers, body = _pushed("attributes", b"\x00\xff", attributes, message_id="17\ud800\x00")

    assert _call(on_dead_letter, headers, body) == 200
    [letter] = get_dead_letters(woken)
    assert letter.attributes["a\\x00\\ud800"] == "\\udfff\\x00"
    assert letter.source == "export\\x00\\ud800"
    assert letter.message_id == "17\\ud800\\x00"


def _call(entry_point: Callable[[Request], Response], headers: Any, body: bytes) -> int:
    with Flask("test").test_request_context("/", method="POST", data=body, headers=headers):
        return entry_point(request).status_code


def _events(job: str, hostile: str) -> Iterator[Sent]:
    """In every form an event may arrive in, with the text in one place of it."""
    payload = {
        "jobId": job,
        "index": 0,
        "bucket": "bucket",
        "name": "raw/none",
        "generation": "1",
        "size": "1",
        "contentType": "audio/wav",
        "crc32c": "AAAAAA==",
        "dryRun": True,
    }
    # Each place alone; a whole job must not be claimed with each.
    for name in payload:
        poisoned = json.dumps({**payload, "jobId": "none", name: hostile}).encode()
        yield _pushed(f"payload {name}", poisoned, {})
        yield f"task {name}", {"X-CloudTasks-TaskName": "t"}, poisoned
        yield f"schedule {name}", {"X-CloudScheduler": "true"}, poisoned
        yield _cloud_event(f"object {name}", STORAGE_EVENT, json.loads(poisoned))
    whole = json.dumps({**payload, "jobId": "none"}).encode()
    yield _pushed("payload", hostile.encode(errors="surrogatepass"), {})
    yield _pushed("attribute", whole, {"attribute": hostile})
    yield _pushed("name of an attribute", whole, {hostile: "value"})
    yield _pushed("source", whole, {SOURCE_SUBSCRIPTION: hostile})
    yield _pushed("trace", whole, {"traceparent": hostile})
    yield _pushed("message id", whole, {}, message_id=hostile)
    yield _pushed("subscription", whole, {}, subscription=hostile)
    yield "data", {}, json.dumps({"message": {"data": hostile}}).encode()
    yield "message", {}, json.dumps({"message": hostile}).encode()
    yield "envelope", {}, json.dumps(hostile).encode()
    for name in ("X-CloudTasks-TaskName", "X-CloudTasks-QueueName", "X-CloudScheduler"):
        header = hostile.encode(errors="surrogatepass").decode("latin-1")
        shown = header.translate(dict.fromkeys(map(ord, "\r\n\x00"), "?"))
        yield name, {"X-CloudTasks-TaskName": "t", name: shown}, whole
    for name in ("id", "source", "subject", "type"):
        yield _cloud_event(f"event's {name}", PUBSUB_EVENT, {"message": {}}, **{name: hostile})
    yield _cloud_event("event's data", PUBSUB_EVENT, hostile)


def _pushed(
    place: str,
    data: bytes,
    attributes: dict[str, str],
    *,
    message_id: str | None = None,
    subscription: str = "subscriptions/s",
) -> Sent:
    # An id that was seen before is a repetition.
    message = {
        "messageId": message_id or f"{place} {data!r}",
        "data": base64.b64encode(data).decode(),
        "attributes": attributes,
    }
    return place, {}, json.dumps({"message": message, "subscription": subscription}).encode()


def _cloud_event(place: str, kind: str, data: object, **values: str) -> Sent:
    event = {"specversion": "1.0", "id": place, "source": "//s", "type": kind, **values}
    body = json.dumps({**event, "data": data}).encode()
    return place, {"Content-Type": "application/cloudevents+json"}, body
