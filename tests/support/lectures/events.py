"""Server-sent events as a client reads them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from functions.ingest.progress.streams import Event
from tests.support.processes.waiting import wait_until

PATIENCE_SEC = 20


@dataclass(frozen=True)
class Received:
    name: str
    data: dict[str, Any]
    id: str

    @property
    def about(self) -> str:
        """The event's name, and the lecture's name, or the key of one that has none any more."""
        lecture = self.data.get("lectureId") or self.data.get("lectureKey")
        return " ".join(filter(None, (self.name, lecture)))


def received(events: Iterable[Event]) -> list[Received]:
    return [Received(each.name, json.loads(each.data), each.id or "") for each in events]


def parsed(text: str) -> list[Received]:
    """By the rules of the HTML standard, as far as the API's streams need them."""
    found = []
    for block in text.split("\n\n"):
        lines = [line.partition(": ") for line in block.splitlines() if not line.startswith(":")]
        fields = {name: value for name, _, value in lines}
        if "data" in fields:
            data = json.loads(fields["data"])
            found.append(Received(fields["event"], data, fields.get("id", "")))
    return found


def events_since(client: FlaskClient, id: str | None, **headers: str) -> list[Received]:
    """One stream of all lectures, of an API whose streams end after the first look."""
    if id is not None:
        headers["Last-Event-ID"] = id
    answer = client.get("/events", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/event-stream"
    return parsed(answer.text)


def position(client: FlaskClient, **headers: str) -> str:
    """From which a new client reads on, behind all that was done so far.

    A transaction of the database's own, as to analyze a table, may hold positions back.
    """

    def behind() -> str | None:
        reset, *_ = events_since(client, None, **headers)
        assert reset.name == "reset"
        again = events_since(client, reset.id, **headers)
        return None if any(each.name != "reset" for each in again) else reset.id

    return wait_until(behind, timeout_sec=PATIENCE_SEC, what="a position behind everything")


def assert_reported_once(client: FlaskClient, since: str) -> None:
    """That behind the last event since a position there is none."""

    def settled() -> bool:
        return events_since(client, events_since(client, since)[-1].id) == []

    wait_until(settled, timeout_sec=PATIENCE_SEC, what="an end of the same events")
