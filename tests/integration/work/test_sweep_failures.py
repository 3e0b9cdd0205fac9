"""A row that cannot be repaired stops no other row, and is not retried every minute unseen."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import RowsFailedError, mend_each
from functions.retention.repairs.unregistered_uploads import find_unregistered_uploads
from functions.retention.sweep import sweep
from shared.errors import TransientError
from shared.models import Job, Lecture, SweepFailure, WorkStatus
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from shared.work.jobs import Jobs
from shared.work.retry import Failure
from shared.workers.outcomes import DONE, Ending
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    get_dead_letters,
    get_job,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.sound.audio import tone


def failures(rt: Runtime) -> Mapping[tuple[str, str], int]:
    with rt.database.unit_of_work() as session:
        return {
            (each.repair, each.subject): each.failures
            for each in session.scalars(select(SweepFailure))
        }


class Poisoned(Jobs):
    """Of one job no recovery can be recorded."""

    poison: uuid.UUID | None = None
    tried = 0

    def requeue(self, job: Job, failure: Failure) -> None:
        if job.id == self.poison:
            self.tried += 1
            raise KeyError("unforeseen")
        super().requeue(job, failure)


@pytest.fixture
def jobs(runtime: Runtime) -> Poisoned:
    return Poisoned(
        runtime.transactions,
        clock=runtime.clock,
        new_id=runtime.new_id,
        settings=runtime.settings,
    )


@pytest.mark.selection
def test_a_poisoned_row_stops_no_other_and_is_tried_ever_later(
    runtime: Runtime, jobs: Poisoned, clock: HeldClock
) -> None:
    rt = replace(runtime, jobs=jobs)
    poisoned = jobs.poison = running(rt, uploaded(rt, "poisoned")).job_id
    clock.advance(1)
    healthy = running(rt, uploaded(rt, "healthy")).job_id
    clock.advance(rt.settings.plc_lease_sec)

    assert sweep(rt).ending == Ending.RETRY
    assert get_job(rt, healthy).status == WorkStatus.QUEUED
    assert sweep(rt) == DONE, "it is passed over for a while"
    for _ in range(120):
        clock.advance(60)
        sweep(rt)

    assert jobs.tried == 7, "after 1, 2, 4, … 60 minutes"
    assert failures(rt)["jobs", str(jobs.poison)] == 7
    [letter] = [each for each in get_dead_letters(rt) if each.source == "sweep:jobs"]
    assert str(jobs.poison) in letter.payload
    assert letter.attributes["reason"] == "internal"

    jobs.poison = None
    clock.advance(3600)
    sweep(rt)
    assert get_job(rt, poisoned).status == WorkStatus.QUEUED
    assert failures(rt) == {}


def test_poisoned_rows_at_the_front_leave_room_for_those_behind(runtime: Runtime) -> None:
    rows = [*(f"poisoned {n}" for n in range(3)), "a", "b", "c"]
    mended: list[str] = []

    def mend(row: str) -> int:
        if row.startswith("poisoned"):
            raise KeyError(row)
        mended.append(row)
        return 1

    def find(_session: Session, limit: int) -> list[str]:
        return [row for row in rows if row not in mended][:limit]

    with pytest.raises(RowsFailedError):
        mend_each(runtime, "some", find, mend, limit=3)
    assert mend_each(runtime, "some", find, mend, limit=3) == 3
    assert mended == ["a", "b", "c"]


def test_what_is_unavailable_ends_the_repair_and_is_held_against_no_row(runtime: Runtime) -> None:
    tried: list[str] = []

    def mend(row: str) -> int:
        tried.append(row)
        raise TransientError

    with pytest.raises(TransientError):
        mend_each(runtime, "some", lambda _session, _limit: ["a", "b"], mend)

    assert (tried, failures(runtime)) == (["a"], {})


def test_a_repair_that_fails_as_a_whole_becomes_a_dead_letter_and_goes_on_being_tried(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    repairs = 2  # that read this table: `purges` and `kept_objects`
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE purges RENAME TO gone")
    lease = running(runtime, uploaded(runtime))
    for minute in range(6):
        clock.advance(60)
        assert sweep(runtime).ending == Ending.RETRY
        assert len(get_dead_letters(runtime)) == repairs * (minute >= 4)
    assert get_job(runtime, lease.job_id).status == WorkStatus.QUEUED, "the others go on"
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO purges")

    clock.advance(60)
    sweep(runtime)

    assert ("purges", "") not in failures(runtime)


class Refusing(ObjectStore):
    def __init__(self, inner: ObjectStore, poison: str) -> None:
        self._inner, self._poison = inner, poison

    def stat(self, name: str) -> StoredObject | None:
        if name == self._poison:
            raise ValueError(name)
        return self._inner.stat(name)

    def list(self, prefix: str, *, start: str = "") -> Any:
        return self._inner.list(prefix, start=start)


def test_one_lecture_that_cannot_be_asked_about_does_not_silence_the_others(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    clock.now = datetime.now(UTC)
    poisoned, healthy = add_lecture(runtime, "poisoned"), add_lecture(runtime, "healthy")
    for lecture in (poisoned, healthy):
        runtime.store.create(lecture.source_object, tone(), "audio/wav")
    clock.advance(runtime.settings.plc_missed_upload_grace_sec)
    rt = replace(runtime, store=Refusing(runtime.store, poisoned.source_object))

    sweep(rt)

    assert healthy.source_object in [each["name"] for each in messages.to("uploads")]
    assert failures(rt)["missed_uploads", str(poisoned.id)] == 1


def test_one_object_that_cannot_be_looked_at_does_not_hide_those_behind_it(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    """What the rows say about it is more than a text of the database holds."""
    clock.now = datetime.now(UTC)
    lectures: list[Lecture] = [add_lecture(runtime, f"l{n}") for n in range(3)]
    for lecture in lectures:
        runtime.store.create(lecture.source_object, tone(), "audio/wav")
    clock.advance(runtime.settings.plc_missed_upload_grace_sec + 60)
    first = min(each.source_object for each in lectures)

    class Misnamed(ObjectStore):
        def __init__(self) -> None:
            """Only lent what it needs."""

        def list(self, prefix: str, *, start: str = "") -> Any:
            for each in runtime.store.list(prefix, start=start):
                yield replace(each, name="\x00") if each.name == first else each

    with pytest.raises(RowsFailedError):
        find_unregistered_uploads(replace(runtime, store=Misnamed()))

    announced = {each["name"] for each in messages.to("uploads")}
    assert announced == {each.source_object for each in lectures} - {first}
