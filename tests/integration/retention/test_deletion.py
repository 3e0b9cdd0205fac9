"""What is deleted is gone: rows at once, objects whatever dies, and nothing of anybody else."""

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.retention.repairs.export_names import move_export_names
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from functions.transcribe.job import transcribe_lecture
from functions.transcribe.segment import transcribe_segment
from shared.deletion import audit as shared_audit
from shared.deletion.lectures import Deleted, delete_course, delete_lecture
from shared.deletion.purging import PURGE_AFTER, RETRY_AFTER, run_purge
from shared.documents.artifacts import ArtifactType
from shared.documents.items import ItemKind
from shared.errors import NotFoundError, TransientError
from shared.fault_points import listen
from shared.messaging.events import JobMessage, SegmentMessage
from shared.models import (
    ArtifactRow,
    Base,
    CardIdentity,
    Course,
    Cut,
    DeletionAuditEvent,
    DeletionOutcome,
    ExportRow,
    ItemEdit,
    Job,
    JobType,
    Lecture,
    LectureMark,
    LectureStatus,
    Purge,
    RateLimit,
    RejectedUpload,
    Thread,
    ThreadAccount,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
    TranscriptRevision,
)
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from shared.storage.bucket import ObjectStore, StoredObject
from shared.work.stages import ExportParams
from shared.workers.outcomes import DONE, DUPLICATE, Ending
from tests.support.clock import START, HeldClock
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures.builders import (
    OWNER,
    add_course,
    add_lecture,
    claim_segment,
    enqueue,
    fan_out,
    get_segments,
    running,
    segment_transcript,
    uploaded,
)
from tests.support.processes.threads import PATIENCE_SEC, at_once
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip
from tests.unit.generate.lectures import lecture as spoken_lecture
from tests.unit.generate.lectures import spoken

pytestmark = pytest.mark.usefixtures("owner_conditions")

SHARED_THREAD = "recursion"
OUTLIVE = {"alembic_version", "card_namespaces", "deletion_audit_events", "outbox", "purges"}
LATER = START + timedelta(days=40)
KINDS = 8
"""How many objects `complete_lecture` has."""


def complete_lecture(
    rt: Runtime, slug: str = "hashing", *, owner: str = OWNER, course: str = "algorithms"
) -> Lecture:
    """A lecture with rows in every table and objects of every kind."""
    lecture = add_lecture(
        rt, slug, owner=owner, course=course, status=LectureStatus.COMPLETED, language="en"
    )
    job_id = fan_out(rt, lecture, 2).job_id
    put(rt, lecture.source_object)
    for index in range(2):
        lease = claim_segment(rt, job_id, index)
        name = segment_transcript(rt, lease)
        put(rt, lease.audio_object, name)
        join = rt.segments.complete(lease, name)
    assert join is not None
    names = (
        rt.names.transcript(lecture.id, job_id, 1),
        rt.names.artifact(lecture.id, job_id, 1, "summary"),
        rt.names.export(lecture.id, job_id, 1, "my-secret-title.pdf"),
    )
    put(rt, *names)
    with rt.database.unit_of_work() as session:
        rt.jobs.complete(session, join, result={})
        session.get_one(Lecture, lecture.id).transcript_object = names[0]
        index_transcript(session, lecture.id, spoken("Recursion ends. It must."))
        _add_material(rt, session, lecture, job_id, names)
        _add_threads(rt, session, lecture)
        session.add(
            TranscriptRevision(
                lecture_id=lecture.id,
                number=1,
                object=names[0],
                corrected=1,
                created_at=rt.clock(),
            )
        )
        session.add(
            Cut(
                id=uuid.uuid4(),
                lecture_id=lecture.id,
                start_sec=1,
                end_sec=2,
                created_at=rt.clock(),
                silenced_at=rt.clock(),
                folders=[],
                purge_due_at=None,
                purges=2,
            )
        )
        session.add(CardIdentity(lecture_id=lecture.id, derived="p0", guid="p1"))
        session.add(
            ItemEdit(
                lecture_id=lecture.id,
                item_id="p1",
                kind=ItemKind.FLASHCARD,
                own=False,
                hidden=True,
                fields={},
                revision=uuid.uuid4(),
                created_at=rt.clock(),
                updated_at=rt.clock(),
            )
        )
        session.add(
            LectureMark(
                id=uuid.uuid4(),
                lecture_id=lecture.id,
                at_sec=3.5,
                label="Proof",
                created_at=rt.clock(),
                updated_at=rt.clock(),
            )
        )
        session.add(
            RejectedUpload(
                id=uuid.uuid4(),
                object=lecture.source_object,
                generation=7,
                lecture_id=lecture.id,
                error={},
                created_at=rt.clock(),
            )
        )
        session.commit()
    return lecture


def _add_material(
    rt: Runtime, session: Any, lecture: Lecture, job_id: uuid.UUID, names: tuple[str, str, str]
) -> None:
    session.add(
        ArtifactRow(
            id=uuid.uuid4(),
            lecture_id=lecture.id,
            type=ArtifactType.SUMMARY,
            preset_id="exam",
            version=1,
            object=names[1],
            size=1,
            counts={},
            job_id=job_id,
            created_at=rt.clock(),
        )
    )
    session.add(
        ExportRow(
            id=uuid.uuid4(),
            lecture_id=lecture.id,
            type="pdf",
            object=names[2],
            file_name="my-secret-title.pdf",
            content_type="application/pdf",
            size=1,
            sha256="0",
            job_id=job_id,
            sources=[],
            created_at=rt.clock(),
        )
    )


def _add_threads(rt: Runtime, session: Any, lecture: Lecture) -> None:
    """One thread that all lectures of the course speak of, one that only this one does."""
    now = rt.clock()
    for key in (SHARED_THREAD, f"only {lecture.slug}"):
        thread = session.scalar(
            select(Thread).where(Thread.course_id == lecture.course_id, Thread.key == key)
        )
        if thread is None:
            thread = Thread(
                id=uuid.uuid4(),
                course_id=lecture.course_id,
                key=key,
                title=key,
                description=key,
                complexity=1,
                created_at=now,
                updated_at=now,
            )
            session.add(thread)
            session.flush()
        session.add(
            ThreadOccurrence(
                id=uuid.uuid4(),
                thread_id=thread.id,
                lecture_id=lecture.id,
                quote="Recursion ends.",
                start_sec=0.0,
                end_sec=1.0,
            )
        )
        session.add(
            ThreadAccount(
                thread_id=thread.id,
                lecture_id=lecture.id,
                title=key,
                aliases=[],
                description=key,
                complexity=1,
            )
        )
        session.add(
            ThreadUpdate(
                id=uuid.uuid4(),
                thread_id=thread.id,
                lecture_id=lecture.id,
                change=ThreadChange.REFINEMENT,
                summary="It ends.",
                created_at=now,
            )
        )


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def put(rt: Runtime, *names: str) -> None:
    for name in names:
        rt.store.create(name, b"content", "application/octet-stream")


def objects(rt: Runtime) -> set[str]:
    return {stored.name for stored in rt.store.list(rt.names.root)}


def rows(rt: Runtime) -> dict[str, list[str]]:
    """Everything in the tables that speak of lectures."""
    with rt.database.engine.connect() as connection:
        return {
            table.name: sorted(str(row) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in OUTLIVE
        }


def audit(rt: Runtime, lecture: Lecture) -> list[DeletionAuditEvent]:
    with rt.database.unit_of_work() as session:
        return list(
            session.scalars(
                select(DeletionAuditEvent)
                .where(DeletionAuditEvent.lecture_id == lecture.id)
                .order_by(DeletionAuditEvent.created_at, DeletionAuditEvent.subject)
            )
        )


def purge_of(rt: Runtime, lecture: Lecture) -> Purge | None:
    with rt.database.unit_of_work() as session:
        return session.get(Purge, lecture.id)


def delete(rt: Runtime, lecture: Lecture) -> Deleted:
    return delete_lecture(rt, lecture)


def _die_at(point: str) -> Callable[[str, str], None]:
    def reached(name: str, _work: str) -> None:
        if name == point:
            raise RuntimeError("died here")

    return reached


def without_storage(rt: Runtime, *refused: str) -> Runtime:
    """The bucket keeps these objects; without any named it does not answer at all."""
    return dataclasses.replace(rt, store=_Limping(rt.store, refused))


class TestLecture:
    def test_its_rows_go_from_every_table_and_no_other_row_changes(self, runtime: Runtime) -> None:
        complete_lecture(runtime, "neighbour")
        complete_lecture(runtime, "elsewhere", course="logic")
        complete_lecture(runtime, "hashing", owner="her")
        before = rows(runtime)
        lecture = complete_lecture(runtime)
        more = rows(runtime)
        unused = {"idempotency_keys", "rate_limits", "dead_letters", "courses", "course_terms"}
        unused |= {"sweep_failures", "sweep_positions", "retention_runs", "upload_registrations"}
        unused |= {"daily_usage", "account_exports", "account_deletions", "operator_accesses"}
        assert {name for name in more if more[name] == before[name]} == unused

        delete(runtime, lecture)

        assert rows(runtime) == before

    def test_its_objects_go_and_no_others(self, runtime: Runtime) -> None:
        complete_lecture(runtime, "neighbour")
        complete_lecture(runtime, "hashing", owner="her")
        before = objects(runtime)
        lecture = complete_lecture(runtime)
        put(runtime, f"{runtime.names.folder('exports', lecture.id)}left/by/somebody.txt")
        assert len(objects(runtime)) == len(before) + KINDS + 1

        deleted = delete(runtime, lecture)

        assert objects(runtime) == before
        assert deleted == Deleted(
            lectures=1, jobs_cancelled=0, objects_deleted=KINDS + 1, storage="purged", kept=()
        )

    def test_a_thread_of_another_lecture_stays_with_that_lectures_history(
        self, runtime: Runtime
    ) -> None:
        lecture, other = complete_lecture(runtime), complete_lecture(runtime, "sorting")

        delete(runtime, lecture)

        with runtime.database.unit_of_work() as session:
            keys = session.scalars(select(Thread.key).order_by(Thread.key)).all()
            speakers = session.scalars(select(ThreadOccurrence.lecture_id)).all()
            changers = session.scalars(select(ThreadUpdate.lecture_id)).all()
        assert keys == ["only sorting", SHARED_THREAD]
        assert {*speakers, *changers} == {other.id}

    def test_with_the_last_lecture_of_a_thread_the_thread_goes(self, runtime: Runtime) -> None:
        for lecture in (complete_lecture(runtime), complete_lecture(runtime, "sorting")):
            delete(runtime, lecture)

        with runtime.database.unit_of_work() as session:
            assert session.scalars(select(Thread)).all() == []
            assert session.scalars(select(Course.slug)).all() == ["algorithms"]

    def test_every_object_is_in_the_audit_without_a_name(self, runtime: Runtime) -> None:
        lecture = complete_lecture(runtime)
        names = objects(runtime)
        generation = stat(runtime, lecture.source_object).generation

        delete(runtime, lecture)

        events = {event.subject: event for event in audit(runtime, lecture)}
        subjects = {runtime.store.uri(name) for name in names if not name.endswith(".pdf")}
        [pdf] = events.keys() - subjects - {f"lecture:{lecture.id}"}
        assert pdf.startswith(runtime.store.uri(runtime.names.folder("exports", lecture.id)))
        assert pdf.endswith("/*.pdf")
        assert subjects < events.keys()
        assert {event.outcome for event in events.values()} == {"deleted"}
        assert {event.actor for event in events.values()} == {"owner"}
        assert events[runtime.store.uri(lecture.source_object)].generation == generation

    def test_objects_can_be_kept_and_the_answer_says_where(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = complete_lecture(runtime)
        before = objects(runtime)

        deleted = delete_lecture(runtime, lecture, keep_until=LATER)

        assert (deleted.storage, deleted.objects_deleted) == ("kept", None)
        assert all(
            any(runtime.store.uri(name).startswith(folder) for folder in deleted.kept)
            for name in before
        )
        assert len(deleted.kept) == 6
        clock.advance(days=30)
        sweep(runtime)
        assert objects(runtime) == before
        clock.now = LATER
        sweep(runtime)
        assert objects(runtime) == set()
        assert rows(runtime)["lectures"] == rows(runtime)["rejected_uploads"] == []
        [event] = [e for e in audit(runtime, lecture) if e.subject == f"lecture:{lecture.id}"]
        assert event.outcome == "deleted, objects kept"

    def test_only_an_operator_keeps_objects_and_with_an_end(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        add_lecture(runtime)
        client = create_app(runtime).test_client()
        longest = clock.now + timedelta(days=730)
        for query, field in (
            ("purgeStorage=false", "keepUntil"),
            (
                f"purgeStorage=false&keepUntil={_written(longest + timedelta(seconds=1))}",
                "keepUntil",
            ),
            (f"keepUntil={_written(longest)}", "keepUntil"),
            ("purgeStorage=false&keepUntil=9999-12-31T00:00:00Z", "keepUntil"),
        ):
            answer = client.delete(f"/lectures/hashing?{query}")
            assert answer.status_code == 422, query
            assert [each["field"] for each in answer.get_json()["errors"]] == [field]
        asked = f"/lectures/hashing?purgeStorage=false&keepUntil={_written(longest)}"
        assert client.delete(asked).get_json()["storage"] == "kept"

    def test_a_second_time_there_is_none(self, runtime: Runtime) -> None:
        lecture = complete_lecture(runtime)
        delete(runtime, lecture)

        with pytest.raises(NotFoundError):
            delete(runtime, lecture)

    def test_of_many_at_once_exactly_one_deletes_it(self, runtime: Runtime) -> None:
        lecture = complete_lecture(runtime)
        enqueue(runtime, lecture, JobType.EXPORT)

        def attempt(_: int) -> Deleted | None:
            try:
                return delete(runtime, lecture)
            except NotFoundError:
                return None

        [deleted] = [each for each in at_once(attempt, range(6)) if each]

        assert deleted.jobs_cancelled == 1
        assert objects(runtime) == set()
        assert [e.subject for e in audit(runtime, lecture) if "gs://" not in e.subject] == [
            f"lecture:{lecture.id}"
        ]

    def test_the_same_name_can_be_used_again_and_is_another_lecture(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        delete(runtime, complete_lecture(runtime))
        again = complete_lecture(runtime)
        move_export_names(runtime)
        before = rows(runtime), objects(runtime)

        for after in PURGE_AFTER:
            clock.advance(after.total_seconds())
            sweep(runtime)

        assert (rows(runtime)["lectures"], objects(runtime)) == (before[0]["lectures"], before[1])
        assert audit(runtime, again) == []


class TestCourse:
    def test_it_goes_with_all_its_lectures_and_no_other_row_changes(self, runtime: Runtime) -> None:
        complete_lecture(runtime, "elsewhere", course="logic")
        complete_lecture(runtime, "hashing", owner="her")
        before = rows(runtime), objects(runtime)
        lectures = [complete_lecture(runtime, slug) for slug in ("hashing", "sorting")]
        enqueue(runtime, lectures[1], JobType.EXPORT)

        deleted = delete_course(runtime, add_course(runtime))

        assert (rows(runtime), objects(runtime)) == before
        assert deleted == Deleted(2, 1, 2 * KINDS, "purged", ())
        assert all(len(audit(runtime, lecture)) == KINDS + 1 for lecture in lectures)

    def test_an_empty_one_can_go_too(self, runtime: Runtime) -> None:
        course = add_course(runtime)

        assert delete_course(runtime, course) == Deleted(0, 0, 0, "purged", ())

        assert rows(runtime)["courses"] == []
        with runtime.database.unit_of_work() as session:
            assert session.scalars(select(DeletionAuditEvent.subject)).all() == [
                f"course:{course.id}"
            ]

    def test_its_objects_can_be_kept(self, runtime: Runtime) -> None:
        complete_lecture(runtime)
        complete_lecture(runtime, "sorting")

        deleted = delete_course(runtime, add_course(runtime), keep_until=LATER)

        assert (deleted.storage, len(deleted.kept)) == ("kept", 12)
        assert len(objects(runtime)) == 2 * KINDS

    def test_a_second_time_there_is_none(self, runtime: Runtime) -> None:
        course = add_course(runtime)
        delete_course(runtime, course)

        with pytest.raises(NotFoundError):
            delete_course(runtime, course)

    def test_it_and_its_lectures_can_be_deleted_at_the_same_moment(self, runtime: Runtime) -> None:
        lectures = [complete_lecture(runtime, slug) for slug in ("one", "two", "three")]
        course = add_course(runtime)

        def attempt(action: Callable[[], Deleted]) -> int:
            try:
                return action().lectures
            except NotFoundError:
                return 0

        actions: list[Callable[[], Deleted]] = [
            lambda: delete_course(runtime, course),
            *((lambda each=each: delete(runtime, each)) for each in lectures),
        ]
        assert sum(at_once(attempt, actions)) == 3
        assert rows(runtime)["courses"] == []
        assert objects(runtime) == set()


class TestStorageAway:
    def test_the_lecture_goes_at_once_and_its_objects_with_the_sweep(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = complete_lecture(runtime)

        deleted = delete(without_storage(runtime), lecture)

        assert (deleted.storage, deleted.objects_deleted) == ("pending", None)
        assert rows(runtime)["lectures"] == []
        assert len(objects(runtime)) == KINDS
        clock.advance(RETRY_AFTER.total_seconds())
        assert sweep(runtime) == DONE
        assert objects(runtime) == set()

    def test_a_crash_right_after_the_commit_loses_nothing(self, runtime: Runtime) -> None:
        lecture = complete_lecture(runtime)

        with pytest.raises(KeyboardInterrupt):
            delete(_dying(runtime), lecture)

        assert rows(runtime)["lectures"] == []
        assert len(objects(runtime)) == KINDS
        assert sweep(runtime) == DONE
        assert objects(runtime) == set()
        assert len(audit(runtime, lecture)) == KINDS + 1

    def test_one_object_that_refuses_stops_no_other_and_is_tried_again(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = complete_lecture(runtime)

        deleted = delete(without_storage(runtime, lecture.source_object), lecture)

        assert deleted.storage == "pending"
        assert objects(runtime) == {lecture.source_object}
        purge = purge_of(runtime, lecture)
        assert purge is not None
        # Later, so that those behind it have their turn.
        assert (purge.runs, purge.due_at) == (0, clock.now + RETRY_AFTER)
        clock.advance(RETRY_AFTER.total_seconds())
        sweep(runtime)
        assert objects(runtime) == set()

    def test_one_lecture_that_fails_does_not_stop_the_others(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lectures = [complete_lecture(runtime, slug) for slug in ("one", "two")]
        for lecture in lectures:
            delete(without_storage(runtime), lecture)
        clock.advance(RETRY_AFTER.total_seconds())
        stuck = lectures[0].source_object

        assert sweep(without_storage(runtime, stuck)).ending == Ending.RETRY

        assert objects(runtime) == {stuck}


class TestPurge:
    def test_it_is_run_for_late_writers_and_late_uploads_and_then_forgotten(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = complete_lecture(runtime)
        began = clock.now
        delete(runtime, lecture)

        for runs, after in enumerate(PURGE_AFTER[1:], start=1):
            purge = purge_of(runtime, lecture)
            assert purge is not None
            assert (purge.runs, purge.due_at) == (runs, began + after)
            put(runtime, lecture.source_object)
            clock.now = purge.due_at - timedelta(seconds=1)
            sweep(runtime)
            assert objects(runtime) == {lecture.source_object}

            clock.advance(1)
            assert sweep(runtime) == DONE
            assert objects(runtime) == set()

        assert purge_of(runtime, lecture) is None

    def test_a_late_uploads_refusal_goes_with_it(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture = complete_lecture(runtime)
        delete(runtime, lecture)
        with runtime.database.unit_of_work() as session:
            for name in (lecture.source_object, "raw/of-another.wav"):
                session.add(
                    RejectedUpload(
                        id=uuid.uuid4(), object=name, generation=1, error={}, created_at=clock.now
                    )
                )
            session.commit()
        clock.advance(PURGE_AFTER[1].total_seconds())

        sweep(runtime)

        with runtime.database.unit_of_work() as session:
            assert session.scalars(select(RejectedUpload.object)).all() == ["raw/of-another.wav"]

    def test_before_it_is_due_nothing_happens(self, runtime: Runtime) -> None:
        lecture = complete_lecture(runtime)
        delete(runtime, lecture)
        put(runtime, lecture.source_object)

        assert run_purge(runtime, lecture.id) == 0

        assert objects(runtime) == {lecture.source_object}

    def test_two_at_once_count_as_one(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture = complete_lecture(runtime)
        delete(without_storage(runtime), lecture)
        clock.advance(RETRY_AFTER.total_seconds())

        at_once(lambda _: run_purge(runtime, lecture.id), range(4))

        purge = purge_of(runtime, lecture)
        assert purge is not None
        assert purge.runs == 1
        assert objects(runtime) == set()
        assert {event.outcome for event in audit(runtime, lecture)} <= {"deleted", "already_gone"}

    def test_two_that_conclude_the_same_entries_wait_for_each_other(
        self, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each found another object already gone: neither may hold what the other needs next."""
        with runtime.transaction() as tx:
            entries = [shared_audit.Entry(f"object {n}", shared_audit.OWNER) for n in range(2)]
            one, two = shared_audit.intend(runtime, tx.session, entries)
            tx.commit()
        deleted, gone = shared_audit.DELETED, shared_audit.ALREADY_GONE
        set_outcome = shared_audit._set_outcome
        ended: list[Future[None]] = []

        def conclude(conclusions: dict[uuid.UUID, shared_audit.Conclusion]) -> None:
            with runtime.database.unit_of_work() as session:
                shared_audit.conclude(session, conclusions)
                session.commit()

        def met_by_another(*given: Any) -> None:
            set_outcome(*given)
            if not ended:
                ended.append(pool.submit(conclude, {two: deleted, one: gone}))
                wait_until(
                    lambda: a_transaction_waits(runtime.database),
                    timeout_sec=PATIENCE_SEC,
                    what="the other",
                )

        monkeypatch.setattr(shared_audit, "_set_outcome", met_by_another)
        with ThreadPoolExecutor() as pool:
            conclude({one: deleted, two: gone})
            ended[0].result(PATIENCE_SEC)

    def test_one_that_ends_after_its_successor_changes_nothing(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = complete_lecture(runtime)
        delete(without_storage(runtime), lecture)
        clock.advance(PURGE_AFTER[1].total_seconds())

        def run_twice() -> None:
            run_purge(runtime, lecture.id)
            run_purge(runtime, lecture.id)

        run_purge(_interrupted(runtime, at="list", by=run_twice), lecture.id)

        purge = purge_of(runtime, lecture)
        assert purge is not None
        assert purge.runs == 2

    def test_what_went_when_a_run_died_is_in_the_audit(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = complete_lecture(runtime)
        there = {each.generation for each in runtime.store.list(runtime.names.root)}
        listen(_die_at("purge.deleted"))
        try:
            assert delete(runtime, lecture).storage == "pending"
        finally:
            listen(None)
        begun = [
            each for each in audit(runtime, lecture) if each.outcome == DeletionOutcome.INTENDED
        ]
        assert begun, "nothing was written down before it went"
        assert {each.generation for each in begun} & there

        clock.now += RETRY_AFTER
        assert sweep(runtime) == DONE

        told = [each for each in audit(runtime, lecture) if each.generation is not None]
        assert {each.outcome for each in told} == {"deleted"}
        assert sorted(each.generation or 0 for each in told) == sorted(there)

    def test_an_unknown_one_is_none(self, runtime: Runtime) -> None:
        assert run_purge(runtime, uuid.uuid4()) == 0


class TestWorkers:
    """A lecture is deleted while a worker processes it."""

    def test_queued_and_running_jobs_are_cancelled(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        lease = running(runtime, lecture)
        queued = enqueue(runtime, lecture, JobType.EXPORT)

        assert delete(runtime, lecture).jobs_cancelled == 2

        assert runtime.jobs.renew(lease) is False
        assert runtime.jobs.claim(queued, JobType.EXPORT) is None
        assert export_lecture(runtime, JobMessage(job_id=queued)) == DUPLICATE

    def test_a_job_queued_in_the_same_moment_is_cancelled_too(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        with ThreadPoolExecutor(1) as pool, runtime.database.unit_of_work() as session:
            runtime.jobs.enqueue(session, lecture_id=lecture.id, params=ExportParams())
            deletion = pool.submit(delete, runtime, lecture)
            wait_until(
                lambda: a_transaction_waits(runtime.database),
                timeout_sec=PATIENCE_SEC,
                what="a lock",
            )
            session.commit()
            assert deletion.result(PATIENCE_SEC).jobs_cancelled == 1
        assert rows(runtime)["jobs"] == []

    def test_claiming_renewing_and_deleting_never_wait_for_each_other(
        self, runtime: Runtime
    ) -> None:
        lectures = [uploaded(runtime, str(n)) for n in range(4)]
        jobs = [(each, enqueue(runtime, each)) for each in lectures]

        def claim_or_delete(argument: tuple[int, tuple[Lecture, uuid.UUID]]) -> None:
            turn, (lecture, job_id) = argument
            if turn:
                delete(runtime, lecture)
            elif lease := runtime.jobs.claim(job_id, JobType.TRANSCRIPTION):
                runtime.jobs.renew(lease)

        at_once(claim_or_delete, [(turn, job) for job in jobs for turn in (0, 1)])

        assert rows(runtime)["jobs"] == rows(runtime)["lectures"] == []

    def test_the_cutter_ends_without_an_error(self, runtime: Runtime) -> None:
        lecture = _recorded(runtime)
        job_id = enqueue(runtime, lecture)
        rt = _interrupted(runtime, at="create", by=lambda: delete(runtime, lecture))

        assert transcribe_lecture(rt, JobMessage(job_id=job_id)) == DUPLICATE

        self._assert_late_object_goes(runtime, lecture)

    def test_a_segment_whose_audio_is_taken_away_ends_without_an_error(
        self, runtime: Runtime
    ) -> None:
        lecture = _recorded(runtime)
        job_id = fan_out(runtime, lecture, 1).job_id
        [segment] = get_segments(runtime, job_id)
        put(runtime, segment.audio_object)
        rt = _interrupted(runtime, at="read", by=lambda: delete(runtime, lecture))

        assert transcribe_segment(rt, SegmentMessage(job_id=job_id, index=0)) == DUPLICATE
        assert transcribe_segment(runtime, SegmentMessage(job_id=job_id, index=0)) == DUPLICATE

        assert objects(runtime) == set()
        assert not any(rows(runtime)[name] for name in ("lectures", "jobs", "segments"))

    def test_generation_ends_without_an_error(self, runtime: Runtime) -> None:
        lecture, job_id = _transcribed(runtime)
        rt = _interrupted(runtime, at="create", by=lambda: delete(runtime, lecture))

        assert generate_material(rt, JobMessage(job_id=job_id)) == DUPLICATE

        self._assert_late_object_goes(runtime, lecture)

    def test_generation_ends_without_an_error_even_if_the_course_goes(
        self, runtime: Runtime
    ) -> None:
        _, job_id = _transcribed(runtime)
        course = add_course(runtime)
        rt = _interrupted(
            runtime, at="read", by=lambda: delete_course(runtime, course, keep_until=LATER)
        )

        assert generate_material(rt, JobMessage(job_id=job_id)) == DUPLICATE

        assert not any(rows(runtime).values())

    def test_export_ends_without_an_error(self, runtime: Runtime) -> None:
        lecture, job_id = _transcribed(runtime)
        assert generate_material(runtime, JobMessage(job_id=job_id)) == DONE
        with runtime.database.unit_of_work() as session:
            export = session.scalars(select(Job.id).where(Job.type == JobType.EXPORT)).one()
        rt = _interrupted(runtime, at="create", by=lambda: delete(runtime, lecture))

        assert export_lecture(rt, JobMessage(job_id=export)) == DUPLICATE

        self._assert_late_object_goes(runtime, lecture)

    @staticmethod
    def _assert_late_object_goes(rt: Runtime, lecture: Lecture) -> None:
        """The worker wrote objects and no row; the second run finds them."""
        assert objects(rt)
        assert not any(values for name, values in rows(rt).items() if name != "courses")
        purge = purge_of(rt, lecture)
        assert purge is not None
        assert isinstance(rt.clock, HeldClock)
        rt.clock.now = purge.due_at
        assert sweep(rt) == DONE
        assert objects(rt) == set()


def test_rate_limits_nobody_has_used_up_are_forgotten(runtime: Runtime, clock: HeldClock) -> None:
    with runtime.database.unit_of_work() as session:
        for scope, ahead in (("idle", 0), ("busy", 1)):
            at = clock.now + timedelta(seconds=ahead)
            session.add(RateLimit(scope=scope, theoretical_arrival_at=at))
        session.commit()

    expire(runtime)

    with runtime.database.unit_of_work() as session:
        assert session.scalars(select(RateLimit.scope)).all() == ["busy"]


def stat(rt: Runtime, name: str) -> StoredObject:
    stored = rt.store.stat(name)
    assert stored is not None
    return stored


def _recorded(rt: Runtime) -> Lecture:
    lecture = uploaded(rt)
    stored = rt.store.create(lecture.source_object, clip("economics", seconds=20), "audio/flac")
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).source_generation = stored.generation
        session.commit()
    return lecture


def _transcribed(rt: Runtime) -> tuple[Lecture, uuid.UUID]:
    """A lecture with a real transcript, and the job that is to make material of it."""
    lecture = uploaded(rt)
    name = rt.names.transcript(lecture.id, uuid.uuid4(), 1)
    rt.store.create(name, spoken_lecture("photosynthesis").to_json(), "application/json")
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).transcript_object = name
        session.commit()
    return lecture, enqueue(rt, lecture, JobType.GENERATION, params={"preset_id": "exam"})


def _interrupted(rt: Runtime, *, at: str, by: Callable[[], object]) -> Runtime:
    """Something happens just before a worker's first reading or writing of an object."""
    return dataclasses.replace(rt, store=_Interrupted(rt.store, at, by))


def _dying(rt: Runtime) -> Runtime:
    """The process is killed when it first speaks to the bucket."""

    def die() -> None:
        raise KeyboardInterrupt

    return _interrupted(rt, at="list", by=die)


class _Wrapped(ObjectStore):
    """The bucket, as far as these tests need it."""

    def __init__(self, inner: ObjectStore) -> None:
        self._inner = inner

    def uri(self, name: str) -> str:
        return self._inner.uri(name)

    def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
        return self._inner.list(prefix, start=start)

    def read(self, name: str, *, generation: int | None = None) -> bytes:
        return self._inner.read(name, generation=generation)

    def open(self, name: str, *, generation: int | None = None) -> Any:
        return self._inner.open(name, generation=generation)

    def create(self, name: str, data: bytes, content_type: str) -> StoredObject:
        return self._inner.create(name, data, content_type)

    def delete(self, name: str, *, generation: int | None = None) -> bool:
        return self._inner.delete(name, generation=generation)


class _Interrupted(_Wrapped):
    def __init__(self, inner: ObjectStore, at: str, by: Callable[[], object]) -> None:
        super().__init__(inner)
        self._left: dict[str, Callable[[], object]] = {at: by}

    def _reached(self, point: str) -> None:
        self._left.pop(point, lambda: None)()

    def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
        self._reached("list")
        return super().list(prefix, start=start)

    def read(self, name: str, *, generation: int | None = None) -> bytes:
        self._reached("read")
        return super().read(name, generation=generation)

    def create(self, name: str, data: bytes, content_type: str) -> StoredObject:
        self._reached("create")
        return super().create(name, data, content_type)


class _Limping(_Wrapped):
    def __init__(self, inner: ObjectStore, refused: Iterable[str]) -> None:
        super().__init__(inner)
        self._refused = set(refused)

    def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
        if not self._refused:
            raise TransientError("storage: away")
        return super().list(prefix, start=start)

    def delete(self, name: str, *, generation: int | None = None) -> bool:
        if name in self._refused:
            raise TransientError("storage: away")
        return super().delete(name, generation=generation)
