"""A run is bounded, goes on where it stopped, disturbs no other, and ends with a report."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from functions.retention.__main__ import main
from functions.retention.request import RetentionRequest
from functions.retention.runs.expiry import continue_unfinished, expire
from functions.retention.runs.reports import RetentionReport, check
from functions.retention.runs.runs import LEASE
from shared.errors import MalformedEventError, TransientError
from shared.fault_points import listen
from shared.messaging.events import Event
from shared.models import (
    Base,
    Course,
    DeletionAuditEvent,
    Lecture,
    OutboxMessage,
    RetentionRun,
)
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.workers.outcomes import DONE, DUPLICATE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import changed, get_lecture
from tests.support.lectures.retention import (
    Refusing,
    audit,
    exported,
    objects,
    outcomes,
    put,
    recorded,
    retain,
    there,
    transcribed,
)
from tests.support.processes.threads import at_once

DAYS = 30


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


def rows(rt: Runtime) -> dict[str, list[str]]:
    """Everything in the database but the runs themselves."""
    with rt.database.engine.connect() as connection:
        return {
            table.name: sorted(str(row) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name != RetentionRun.__tablename__
        }


def runs(rt: Runtime) -> list[RetentionRun]:
    with rt.database.unit_of_work() as session:
        return list(session.scalars(select(RetentionRun).order_by(RetentionRun.started_at)))


def everything_due(rt: Runtime, clock: HeldClock) -> dict[str, Lecture]:
    """Something for each policy, and what is not due beside it."""
    lectures = {}
    for slug in ("one", "two", "three"):
        lecture, _ = transcribed(rt, slug, times=2)
        exported(rt, lecture, "srt")
        exported(rt, lecture, "markdown")
        lectures[slug] = lecture
    gone = recorded(rt, "gone")
    rt.store.delete(gone.source_object)
    with rt.database.unit_of_work() as session:
        for published in (None, clock.now):
            session.add(
                OutboxMessage(
                    destination="export",
                    payload={},
                    attributes={},
                    created_at=clock.now,
                    published_at=published,
                )
            )
        session.commit()
    clock.advance(days=DAYS)
    recorded(rt, "young")
    return lectures


def dying_at(point: str, *, after: int = 0) -> Callable[[str, str], None]:
    """The process is killed when it comes to a point for the first time, or some times later."""
    seen = 0

    def die(name: str, _work: str) -> None:
        nonlocal seen
        if name == point:
            seen += 1
            if seen == after + 1:
                raise KeyboardInterrupt

    return die


class TestDryRun:
    def test_it_changes_nothing(self, runtime: Runtime, clock: HeldClock) -> None:
        everything_due(runtime, clock)
        before = rows(runtime), objects(runtime)

        report = retain(runtime, dry_run=True)

        assert report.total.due > 0
        assert (rows(runtime), objects(runtime)) == before

    def test_it_predicts_what_the_run_then_does(self, runtime: Runtime, clock: HeldClock) -> None:
        everything_due(runtime, clock)

        predicted = retain(runtime, dry_run=True)
        done = retain(runtime)

        assert done.total.due >= len(("recording", "transcript", "old transcript", "srt")) * 3
        assert predicted.policies.keys() == done.policies.keys()
        for name, counts in done.policies.items():
            foretold = predicted.policies[name]
            assert (foretold.due, foretold.due_bytes) == (counts.deleted, counts.deleted_bytes)
            assert foretold.already_gone == counts.already_gone
        assert predicted.rows == done.rows
        assert done.rows["outbox"] > 0
        again = retain(runtime)
        assert (again.total.due, again.total.already_gone) == (0, 0)

    def test_it_looks_at_the_same_days_and_holds(self, runtime: Runtime, clock: HeldClock) -> None:
        lectures = everything_due(runtime, clock)
        with runtime.database.unit_of_work() as session:
            course = session.get_one(Course, lectures["one"].course_id)
            course.held_until = clock.now + timedelta(days=1)
            session.commit()

        report = retain(runtime, dry_run=True)

        assert report.total.due == 0
        assert report.policies["raw_audio"].lectures_held == 4
        assert report.policies["transcript"].lectures_held == 3

    def test_it_goes_on_beside_a_real_run(self, runtime: Runtime, clock: HeldClock) -> None:
        everything_due(runtime, clock)
        expire(runtime, budget_sec=0)

        assert retain(runtime, dry_run=True).dry_run
        assert [run.dry_run for run in runs(runtime) if run.signed_off_at is None] == [False]

    def test_the_schedules_call_asks_for_one_with_a_field(self) -> None:
        def asked(data: bytes) -> bool:
            event = Event(id="1", source="retention", data=data, attributes={}, delivery=1)
            return RetentionRequest.of(event).dry_run

        assert [asked(b"{}"), asked(b'{"dryRun": true}'), asked(b'{"dryRun": false}')] == [
            False,
            True,
            False,
        ]
        for misspelt in (b'{"dryrun": true}', b'{"dryRun": "no"}', b"[]"):
            with pytest.raises(MalformedEventError):
                asked(misspelt)


class TestTime:
    def test_what_there_was_no_time_for_is_done_by_the_next_sweeps(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lectures = everything_due(runtime, clock)

        assert expire(runtime, budget_sec=0) == DONE
        [run] = runs(runtime)
        assert (run.signed_off_at, run.lease_token) == (None, None)
        assert continue_unfinished(runtime) == 1

        assert not [each for each in lectures.values() if there(runtime, each.source_object)]
        [run] = runs(runtime)
        assert run.signed_off_at is not None
        assert continue_unfinished(runtime) == 0

    def test_a_day_later_the_unfinished_run_goes_on_by_its_own_time(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        everything_due(runtime, clock)
        expire(runtime, budget_sec=0)
        started = clock.now
        clock.advance(days=1)
        transcribed(runtime, "later")

        expire(runtime)

        [run] = runs(runtime)
        assert (run.started_at, run.ended_at) == (started, clock.now)

    def test_changed_settings_are_for_the_next_run(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        everything_due(runtime, clock)
        expire(runtime, budget_sec=0)

        continue_unfinished(changed(runtime, plc_retention_transcript_days=3650))

        assert not any(
            get_lecture(runtime, lecture).transcript_object for lecture in _all_lectures(runtime)
        )


def _all_lectures(rt: Runtime) -> list[Lecture]:
    with rt.database.unit_of_work() as session:
        return list(session.scalars(select(Lecture)))


class TestDeath:
    @pytest.mark.sampled(2)
    @pytest.mark.parametrize("point", ["retention.intended", "retention.deleted"])
    @pytest.mark.parametrize("after", range(4))
    def test_whoever_goes_on_leaves_a_whole_audit(
        self, runtime: Runtime, clock: HeldClock, point: str, after: int
    ) -> None:
        everything_due(runtime, clock)
        predicted = retain(runtime, dry_run=True)
        listen(dying_at(point, after=after))

        with pytest.raises(KeyboardInterrupt):
            expire(runtime)
        listen(None)
        assert continue_unfinished(runtime) == 0, "it may still be alive"
        clock.advance(LEASE.total_seconds())
        assert continue_unfinished(runtime) == 1

        [run] = [each for each in runs(runtime) if not each.dry_run]
        report = _report(runtime, run)
        assert report.total.deleted == predicted.total.due
        assert report.total.already_gone == predicted.total.already_gone
        told = [(event.subject, event.generation, event.outcome) for event in audit(runtime)]
        assert len(told) == len(set(told)) == predicted.total.due + predicted.total.already_gone
        assert {outcome for _, _, outcome in told} == {"deleted", "already_gone"}
        assert retain(runtime).total.due == 0

    def test_a_hold_that_comes_in_between_saves_what_is_still_there(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        clock.advance(days=DAYS)
        listen(dying_at("retention.intended"))
        with pytest.raises(KeyboardInterrupt):
            expire(runtime)
        listen(None)
        with runtime.database.unit_of_work() as session:
            course = session.get_one(Course, lecture.course_id)
            course.held_until = clock.now + timedelta(days=365)
            session.commit()
        clock.advance(LEASE.total_seconds())

        continue_unfinished(runtime)

        assert there(runtime, lecture.source_object)
        assert get_lecture(runtime, lecture).raw_deleted_at is None
        assert list(outcomes(runtime).values()) == ["left"]
        [run] = runs(runtime)
        assert _report(runtime, run).total.left == 1

    def test_one_that_was_overtaken_writes_nothing_any_more(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        recorded(runtime)
        clock.advance(days=DAYS)

        def overtaken(name: str, _work: str) -> None:
            if name == "retention.deleted":
                listen(None)
                clock.advance(LEASE.total_seconds())
                assert continue_unfinished(runtime) == 1

        listen(overtaken)

        assert expire(runtime) == DUPLICATE

        [run] = runs(runtime)
        assert _report(runtime, run).total.deleted == 1
        assert list(outcomes(runtime).values()) == ["deleted"]

    def test_between_the_report_and_its_signature_the_same_report_is_signed(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        recorded(runtime)
        clock.advance(days=DAYS)

        class Dying(Refusing):
            def create(self, name: str, data: bytes, content_type: str) -> StoredObject:
                super().create(name, data, content_type)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            expire(dataclasses.replace(runtime, store=Dying(runtime.store)))
        [run] = runs(runtime)
        name = runtime.names.retention_report(run.started_at, run.id)
        written = runtime.store.stat(name)
        clock.advance(days=1)

        continue_unfinished(runtime)

        [run] = runs(runtime)
        assert written is not None
        assert (run.report_object, run.report_generation) == (name, written.generation)
        assert check(runtime, run.id) == []


def test_two_at_once_make_one_run(runtime: Runtime, clock: HeldClock) -> None:
    everything_due(runtime, clock)
    predicted = retain(runtime, dry_run=True)

    ended = at_once(lambda _: expire(runtime), range(4))

    assert DONE in ended
    told = [(event.subject, event.generation) for event in audit(runtime)]
    assert len(told) == len(set(told)) == predicted.total.due + predicted.total.already_gone
    assert sum(_report(runtime, run).total.deleted for run in runs(runtime) if not run.dry_run) == (
        predicted.total.due
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [(TransientError("storage: away"), "unavailable"), (KeyError("unforeseen"), "internal")],
)
def test_a_folder_that_cannot_be_listed_keeps_no_other_policy_from_its_work(
    runtime: Runtime, clock: HeldClock, error: Exception, reason: str
) -> None:
    lecture, [old, _] = transcribed(runtime, times=2)
    file = put(runtime, runtime.names.export(lecture.id, lecture.id, 1, "notes.md")).name
    clock.advance(days=2)
    closed = runtime.names.folder("transcripts")

    class Closed(Refusing):
        def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
            if prefix == closed:
                raise error
            return super().list(prefix, start=start)

    report = retain(dataclasses.replace(runtime, store=Closed(runtime.store)))

    assert (there(runtime, old), there(runtime, file)) == (True, False)
    assert report.not_listed == {"old_transcripts": reason}
    assert not report.complete


def test_an_object_that_cannot_be_looked_up_is_recorded_and_due_again(
    runtime: Runtime, clock: HeldClock
) -> None:
    lecture, other = recorded(runtime, "one"), recorded(runtime, "two")
    clock.advance(days=DAYS)

    class Blind(Refusing):
        def stat(self, name: str) -> StoredObject | None:
            if name == lecture.source_object:
                raise TransientError("storage: away")
            return super().stat(name)

    report = retain(dataclasses.replace(runtime, store=Blind(runtime.store)))

    assert (report.total.deleted, report.total.unknown) == (1, 1)
    assert outcomes(runtime) == {
        runtime.store.uri(lecture.source_object): "refused: unavailable",
        runtime.store.uri(other.source_object): "deleted",
    }
    assert retain(runtime).total.deleted == 1


class TestReport:
    def test_it_is_in_the_bucket_and_says_until_when_the_rest_is_held(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        recorded(runtime)
        clock.advance(days=DAYS)
        rt = changed(runtime, plc_bucket_soft_delete_days=7, plc_database_backup_days=30)

        report = retain(rt)

        [run] = runs(rt)
        assert run.report_object is not None
        assert _report(rt, run) == report
        assert report.still_held.bucket_until == clock.now + timedelta(days=7)
        assert report.still_held.database_backups_until == clock.now + timedelta(days=30)
        assert f"{clock.now + timedelta(days=30):%Y-%m-%d}" in report.still_held.statement
        assert report.audit.events == len(audit(rt)) == 1

    def test_where_nothing_is_kept_it_says_so(self, runtime: Runtime) -> None:
        rt = changed(runtime, plc_bucket_soft_delete_days=0, plc_database_backup_days=0)

        held = retain(rt).still_held

        assert (held.bucket_until, held.database_backups_until) == (None, None)

    def test_it_fits_its_signature_until_somebody_changes_it(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        recorded(runtime)
        clock.advance(days=DAYS)
        report = retain(runtime)
        assert check(runtime, report.run_id) == []

        with runtime.database.unit_of_work() as session:
            session.execute(update(DeletionAuditEvent).values(outcome="already_gone"))
            session.commit()
        assert check(runtime, report.run_id) == [
            "The audit is not what it was when the report was written."
        ]

    def test_one_that_was_replaced_is_found_out(self, runtime: Runtime, clock: HeldClock) -> None:
        report = retain(runtime)
        [run] = runs(runtime)
        assert run.report_object is not None
        runtime.store.delete(run.report_object)
        forged = report.model_copy(update={"started_at": clock.now - timedelta(days=1)})
        stored = runtime.store.create(run.report_object, forged.to_json(), "application/json")
        assert check(runtime, run.id) == ["The report is not in the bucket any more."]

        with runtime.database.unit_of_work() as session:
            session.get_one(RetentionRun, run.id).report_generation = stored.generation
            session.commit()
        assert check(runtime, run.id) == ["The report is not the one that was signed off."]


class TestCommandLine:
    def test_a_dry_run_prints_what_would_go(
        self, runtime: Runtime, clock: HeldClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lecture = recorded(runtime)
        clock.advance(days=DAYS)

        assert main(["--dry-run"], rt=runtime) == 0

        printed = _json(capsys)
        assert (printed["dryRun"], printed["total"]["due"]) == (True, 1)
        assert there(runtime, lecture.source_object)

    def test_a_run_prints_what_went_and_fails_if_something_would_not(
        self, runtime: Runtime, clock: HeldClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stuck, other = recorded(runtime, "stuck"), recorded(runtime, "other")
        clock.advance(days=DAYS)
        limping = dataclasses.replace(runtime, store=Refusing(runtime.store, stuck.source_object))

        assert main([], rt=limping) == 1
        assert _json(capsys)["total"]["refused"] == 1
        assert not there(runtime, other.source_object)
        assert main([], rt=runtime) == 0
        run_id = _json(capsys)["runId"]

        assert main(["--check", run_id], rt=runtime) == 0

    def test_it_leaves_a_run_alone_that_somebody_is_at(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        recorded(runtime)
        clock.advance(days=DAYS)
        listen(dying_at("retention.intended"))
        with pytest.raises(KeyboardInterrupt):
            expire(runtime)
        listen(None)

        assert main([], rt=runtime) == 1


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The report; in these tests log lines come before it."""
    out = capsys.readouterr().out
    printed: dict[str, Any] = json.loads(out[out.index("{\n") :])
    return printed


def _report(rt: Runtime, run: RetentionRun) -> RetentionReport:
    assert run.report_object is not None
    return RetentionReport.model_validate_json(rt.store.read(run.report_object))
