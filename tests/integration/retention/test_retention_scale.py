"""Retention over many lectures, of whose objects some are missing and some refuse to go.

`RETENTION_LECTURES=10000` tries that many; the default keeps CI short. The refusals are the
storage server's own: what is tried is the whole way, Google's client included.
"""

import dataclasses
import os
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import func, insert, select

from functions.retention.runs.reports import check
from scripts.local.gcs import StorageServer
from scripts.local.gcs.errors import Refusal
from scripts.local.gcs.http.faults import Answer, refused
from scripts.local.gcs.http.messages import Request, Response
from shared.models import DeletionAuditEvent, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore
from tests.support.clock import HeldClock
from tests.support.lectures.builders import BUCKET, add_course, make_settings
from tests.support.lectures.retention import objects, retain

LECTURES = int(os.environ.get("RETENTION_LECTURES", "1000"))
MISSING, REFUSING = 20, 100
"""One object in so many."""
AGES = (40, 40, 20, 5)
"""Days: recording and transcript are due, only the transcript is, neither is."""


class Refusals:
    """Stands before the bucket, and refuses to have some objects deleted."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __call__(self, request: Request, answer: Answer) -> Response:
        if request.method == "DELETE" and unquote(request.path.rpartition("/o/")[2]) in self.names:
            return refused(request, Refusal.ACCESS_DENIED)
        return answer(request)


@dataclass(frozen=True)
class Scene:
    rt: Runtime
    refusals: Refusals
    due: frozenset[str] = field(repr=False)
    """In the bucket, and to go."""
    missing: int
    """Objects that rows name as due, and that are not in the bucket."""
    staying: frozenset[str] = field(repr=False)


@pytest.fixture
def refusals() -> Refusals:
    return Refusals()


@pytest.fixture
def bucket(tmp_path: Path, refusals: Refusals) -> Iterator[ObjectStore]:
    server = StorageServer(
        tmp_path, port=0, signing_keys={}, publish=lambda *_: None, between=refusals
    )
    server.start()
    server.ensure_bucket(BUCKET)
    yield ObjectStore.from_settings(make_settings(storage_emulator_host=server.url))
    server.stop()


@pytest.fixture
def scene(runtime: Runtime, bucket: ObjectStore, refusals: Refusals) -> Scene:
    clock = HeldClock(datetime.now(UTC) + timedelta(minutes=5))
    rt = dataclasses.replace(runtime, store=bucket, clock=clock)
    course = add_course(rt)
    lectures = [_lecture(rt, course.id, number) for number in range(LECTURES)]
    generations: dict[str, int] = {}
    made = threading.Lock()

    def place(name: str) -> None:
        stored = bucket.create(name, b"sound", "audio/wav")
        with made:
            generations[name] = stored.generation

    named = [(row, row[column]) for row in lectures for column in _OBJECTS]
    missing = _every(MISSING, {name for _, name in named})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(place, (name for _, name in named if name not in missing)))
    for row in lectures:
        row["source_generation"] = generations.get(row["source_object"], 1)
    with rt.database.unit_of_work() as session:
        for start in range(0, LECTURES, 1000):
            session.execute(insert(Lecture).values(lectures[start : start + 1000]))
        session.commit()
    due = {name for row, name in named if _is_due(row, name, clock.now)}
    present = due - missing
    refusals.names |= _every(REFUSING, present)
    return Scene(
        rt=rt,
        refusals=refusals,
        due=frozenset(present),
        missing=len(due & missing),
        staying=frozenset({name for _, name in named} - missing - due),
    )


_OBJECTS = ("source_object", "transcript_object")


def _lecture(rt: Runtime, course: uuid.UUID, number: int) -> dict[str, Any]:
    key = uuid.uuid4()
    created = rt.clock() - timedelta(days=AGES[number % len(AGES)], seconds=number)
    return {
        "id": key,
        "course_id": course,
        "owner": "local",
        "slug": f"lecture-{number}",
        "preset_id": "exam",
        "status": LectureStatus.COMPLETED,
        "source_object": rt.names.raw(key, uuid.uuid4(), "wav"),
        "transcript_object": rt.names.transcript(key, uuid.uuid4(), 1),
        "content_type": "audio/wav",
        "created_at": created,
        "updated_at": created,
    }


def _every(nth: int, names: set[str]) -> set[str]:
    """Names hold random ids, so that in their order any kind of object comes anywhere."""
    return set(sorted(names)[nth // 2 :: nth])


def _is_due(row: dict[str, Any], name: str, now: datetime) -> bool:
    days = 30 if name == row["source_object"] else 14
    return bool(row["created_at"] <= now - timedelta(days=days))


@pytest.mark.slow
def test_all_that_is_due_goes_or_is_recorded_and_nothing_else(scene: Scene) -> None:
    rt = scene.rt
    refusing = len(scene.refusals.names)
    before = objects(rt)
    assert {name for name, _ in before} == scene.due | scene.staying
    assert refusing > LECTURES // REFUSING
    assert scene.missing > LECTURES // MISSING // 2

    predicted = retain(rt, dry_run=True)
    assert objects(rt) == before

    began = time.monotonic()
    done = retain(rt)
    seconds = time.monotonic() - began

    assert (predicted.total.due, predicted.total.already_gone) == (len(scene.due), scene.missing)
    assert (done.total.due, done.total.already_gone) == (len(scene.due), scene.missing)
    assert (done.total.deleted, done.total.refused) == (len(scene.due) - refusing, refusing)
    for name, counts in done.policies.items():
        assert counts.due == predicted.policies[name].due == counts.deleted + counts.refused
    left = {name for name, _ in objects(rt)}
    assert left == scene.staying | scene.refusals.names
    assert _outcomes(rt, done.run_id) == {
        "deleted": len(scene.due) - refusing,
        "already_gone": scene.missing,
        "refused: Forbidden": refusing,
    }
    assert check(rt, done.run_id) == []

    again = retain(rt)
    assert (again.total.deleted, again.total.already_gone) == (0, 0)
    assert again.total.refused == again.total.due == refusing
    assert {name for name, _ in objects(rt)} == left

    scene.refusals.names.clear()
    assert retain(rt).total.deleted == refusing
    assert {name for name, _ in objects(rt)} == scene.staying
    last = retain(rt)
    assert (last.total.due, last.total.already_gone, last.audit.events) == (0, 0, 0)
    print(f"{LECTURES} lectures, {len(scene.due)} objects deleted or refused in {seconds:.1f} s")


def _outcomes(rt: Runtime, run_id: uuid.UUID) -> dict[str, int]:
    with rt.database.unit_of_work() as session:
        rows = session.execute(
            select(DeletionAuditEvent.outcome, func.count())
            .where(DeletionAuditEvent.run_id == run_id)
            .group_by(DeletionAuditEvent.outcome)
        ).all()
    return {row[0]: row[1] for row in rows}
