"""What an earlier release kept of deleted lectures gets an end, and is deleted then."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from functions.retention.repairs.kept_objects import AGAIN_AFTER, NOTICE, end_kept_objects
from functions.retention.repairs.purges import run_purges
from shared.deletion.audit import subject_of
from shared.deletion.lectures import delete_lecture
from shared.models import DeletionAuditEvent, DeletionOutcome, Purge
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.lectures.builders import OWNER, changed
from tests.support.lectures.retention import put, there
from tests.support.lectures.whole_lecture import add_whole_lecture

DAYS = 100
LONGEST = timedelta(days=DAYS)


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_retention_hold_days_max=DAYS)


def kept(rt: Runtime, lecture: uuid.UUID | None = None) -> tuple[uuid.UUID, list[str]]:
    """As that release left it: an entry of the audit, and objects of every kind."""
    lecture = lecture or rt.new_id()
    transcription, generation, export = (rt.new_id() for _ in range(3))
    names = rt.names
    objects = [
        put(rt, name).name
        for name in (
            names.raw(lecture, rt.new_id(), "wav"),
            names.transcript(lecture, transcription, 1),
            names.corrected_transcript(lecture, rt.new_id()),
            names.artifact(lecture, generation, 2, "summary"),
            names.answer(lecture, generation, "0" * 64),
            names.export(lecture, export, 1, "notes.md"),
            names.segment_audio(transcription, 0, (0, 10)),
            names.segment_transcript(transcription, 0, 1),
        )
    ]
    with rt.database.unit_of_work() as session:
        session.add(
            DeletionAuditEvent(
                id=rt.new_id(),
                subject=f"lecture:{lecture}",
                lecture_id=lecture,
                actor="owner",
                outcome=DeletionOutcome.OBJECTS_KEPT,
                created_at=rt.clock(),
            )
        )
        session.commit()
    return lecture, objects


def orders(rt: Runtime) -> dict[uuid.UUID, Purge]:
    with rt.database.reading() as session:
        return {each.lecture_id: each for each in session.scalars(select(Purge))}


def test_kept_objects_are_deleted_at_their_end_and_not_before(
    rt: Runtime, clock: HeldClock
) -> None:
    lecture, objects = kept(rt)
    _, others = kept(changed(rt))
    deleted_at = clock.now
    clock.advance(days=10)

    assert end_kept_objects(rt) == 2

    assert orders(rt)[lecture].due_at == deleted_at + LONGEST
    clock.now = deleted_at + LONGEST - timedelta(seconds=1)
    assert run_purges(rt) == 0
    assert all(there(rt, name) for name in (*objects, *others))
    clock.advance(1)
    assert run_purges(rt) == len(objects) + len(others)
    assert not any(there(rt, name) for name in (*objects, *others))
    with rt.database.reading() as session:
        deleted = session.scalars(
            select(DeletionAuditEvent.subject).where(
                DeletionAuditEvent.lecture_id == lecture, DeletionAuditEvent.outcome == "deleted"
            )
        ).all()
    assert sorted(deleted) == sorted(subject_of(rt, name) for name in objects)


def test_what_was_kept_for_longer_than_that_ends_after_a_notice(
    rt: Runtime, clock: HeldClock
) -> None:
    lecture, _ = kept(rt)
    clock.advance(days=DAYS + 1)

    end_kept_objects(rt)

    assert orders(rt)[lecture].due_at == clock.now + NOTICE


def test_an_order_is_written_once_and_its_end_does_not_move(rt: Runtime, clock: HeldClock) -> None:
    lecture, _ = kept(rt)
    end_kept_objects(rt)
    due_at = orders(rt)[lecture].due_at
    clock.advance(2, days=1)

    assert end_kept_objects(rt) == 0

    assert orders(rt)[lecture].due_at == due_at


def test_pages_go_on_where_the_last_run_came_to(rt: Runtime, clock: HeldClock) -> None:
    lectures = {kept(rt)[0] for _ in range(3)}

    assert [end_kept_objects(rt, lectures=1) for _ in range(4)] == [1, 1, 1, 0]
    assert orders(rt).keys() == lectures

    # All have been examined: one of the version before is found a day later.
    late, _ = kept(rt)
    assert end_kept_objects(rt) == 0
    clock.advance(1 + AGAIN_AFTER.total_seconds())
    assert end_kept_objects(rt) == 1
    assert late in orders(rt)


def test_a_lecture_whose_objects_are_gone_gets_no_order(rt: Runtime, clock: HeldClock) -> None:
    lecture, objects = kept(rt)
    for name in objects:
        rt.store.delete(name)

    assert end_kept_objects(rt) == 0
    assert lecture not in orders(rt)


def test_what_this_release_keeps_has_its_end_already(rt: Runtime, clock: HeldClock) -> None:
    lecture = add_whole_lecture(rt, owner=OWNER, course="c", slug="l", secret="aether").lecture
    until = clock.now + timedelta(days=5)
    delete_lecture(rt, lecture, keep_until=until)

    assert end_kept_objects(rt) == 0
    assert orders(rt)[lecture.id].due_at == until


def test_a_lecture_that_a_restored_database_has_again_is_left_alone(rt: Runtime) -> None:
    lecture = add_whole_lecture(rt, owner=OWNER, course="c", slug="l", secret="aether").lecture
    _, objects = kept(rt, lecture.id)

    assert end_kept_objects(rt) == 0
    assert all(there(rt, name) for name in objects)
