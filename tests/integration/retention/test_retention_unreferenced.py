"""What no row refers to goes a day after, and nothing else does."""

import dataclasses
import uuid
from datetime import UTC, datetime
from itertools import chain

import pytest
from sqlalchemy import select

from functions.ingest.uploads.registration import register_object
from functions.retention.concurrently import timed_pool
from functions.retention.policies.base import Terms
from functions.retention.policies.unreferenced_objects import LEFTOVERS
from shared.errors import DeliveryExhaustedError, NoSpeechError
from shared.models import (
    ArtifactRow,
    Course,
    DeletionAuditEvent,
    DeletionOutcome,
    Job,
    JobType,
    Lecture,
    LectureStatus,
    RejectedUpload,
)
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.retry import Failure
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    complete,
    enqueue,
    failed,
    fan_out,
    get_lecture,
    get_segments,
    running,
)
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


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


def sent(rt: Runtime, name: str, data: bytes = b"text") -> StoredObject:
    """An upload that has arrived, and been registered."""
    stored = rt.store.create(name, data, "audio/wav")
    register_object(rt, stored)
    return stored


class TestUploads:
    def test_one_that_was_turned_away_goes_a_day_after_and_why_stays_known(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = add_lecture(runtime)
        stored = sent(runtime, lecture.source_object)
        clock.advance(-1, days=1)
        retain(runtime)
        assert there(runtime, stored.name)

        clock.advance(2)
        report = retain(runtime)

        assert not there(runtime, stored.name)
        assert report.policies["abandoned_uploads"].deleted == 1
        assert report.policies["raw_audio"].due == 0
        [event] = audit(runtime)
        assert (event.lecture_id, event.generation) == (lecture.id, stored.generation)
        assert get_lecture(runtime, lecture).raw_deleted_at == clock.now
        with runtime.database.unit_of_work() as session:
            assert session.scalars(select(RejectedUpload.object)).all() == [stored.name]

    def test_one_whose_notification_nobody_could_handle_stays_as_long_as_any_recording(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = add_lecture(
            runtime,
            status=LectureStatus.FAILED,
            error=Failure.of(DeliveryExhaustedError()).to_json(),
            source_generation=None,
            source_size=None,
        )
        runtime.store.create(lecture.source_object, b"sound", "audio/wav")
        clock.advance(-1, days=runtime.settings.plc_retention_raw_audio_days)

        retain(runtime)
        assert there(runtime, lecture.source_object)

        clock.advance(2)
        retain(runtime)
        assert not there(runtime, lecture.source_object)

    def test_one_that_a_lecture_still_waits_for_stays_however_late_it_is_registered(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = add_lecture(runtime)
        runtime.store.create(lecture.source_object, b"sound", "audio/wav")
        clock.advance(days=8)

        retain(runtime)

        assert there(runtime, lecture.source_object)

    def test_a_session_that_ends_days_later_under_a_name_that_was_replaced_leaves_nothing(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        late = sent(runtime, runtime.names.raw(lecture.id, uuid.uuid4(), "mp3"))
        clock.advance(2, days=1)

        retain(runtime)

        assert not there(runtime, late.name)
        assert there(runtime, lecture.source_object)

    def test_one_that_no_lecture_ever_waited_for_goes_once_that_is_written_down(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        unknown = runtime.names.raw(uuid.uuid4(), uuid.uuid4(), "wav")
        unregistered = runtime.names.raw(uuid.uuid4(), uuid.uuid4(), "wav")
        sent(runtime, unknown)
        runtime.store.create(unregistered, b"text", "audio/wav")
        clock.advance(2, days=1)

        retain(runtime)

        assert (there(runtime, unknown), there(runtime, unregistered)) == (False, True)

    def test_what_the_owner_of_a_deleted_lecture_wanted_to_keep_is_kept(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        deleted = uuid.uuid4()
        late = sent(runtime, runtime.names.raw(deleted, uuid.uuid4(), "wav"))
        others = [
            put(runtime, runtime.names.transcript(deleted, uuid.uuid4(), 1)).name,
            put(runtime, runtime.names.export(deleted, uuid.uuid4(), 1, "notes.md")).name,
        ]
        with runtime.database.unit_of_work() as session:
            session.add(
                DeletionAuditEvent(
                    id=uuid.uuid4(),
                    subject=f"lecture:{deleted}",
                    lecture_id=deleted,
                    actor="owner",
                    outcome=DeletionOutcome.OBJECTS_KEPT,
                    created_at=clock.now,
                )
            )
            session.commit()
        clock.advance(days=30)

        retain(runtime)

        assert all(there(runtime, name) for name in (late.name, *others))


class TestVersions:
    def test_older_ones_go_and_current_ones_stay(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture, [old, current] = transcribed(runtime, times=2)
        old_file = put(runtime, runtime.names.export(lecture.id, uuid.uuid4(), 1, "notes.md")).name
        file = exported(runtime, lecture, "markdown")
        job = uuid.uuid4()
        old_artifact = put(runtime, runtime.names.artifact(lecture.id, job, 1, "summary")).name
        answer = put(runtime, runtime.names.answer(lecture.id, job, "0" * 64)).name
        artifact = self.artifact(runtime, lecture)
        clock.advance(2, days=1)

        report = retain(runtime)

        gone = [old, old_file, old_artifact, answer]
        assert [name for name in gone if there(runtime, name)] == []
        stay = [lecture.source_object, current, file, artifact]
        assert [name for name in stay if not there(runtime, name)] == []
        assert {
            name: counts.deleted for name, counts in report.policies.items() if counts.deleted
        } == {"old_transcripts": 1, "old_exports": 1, "old_artifacts": 2}

    def test_they_stay_for_a_day_after_the_last_work_on_their_lecture(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        """A signed address may lead to them, and a worker may not have said yet what it wrote."""
        lecture, [old, _] = transcribed(runtime, times=2)
        clock.advance(days=3)
        lease = running(runtime, lecture, JobType.GENERATION)
        written = put(runtime, runtime.names.artifact(lecture.id, lease.job_id, 1, "summary")).name
        retain(runtime)
        assert there(runtime, old)
        assert there(runtime, written)

        complete(runtime, lease)
        clock.advance(-1, days=1)
        retain(runtime)
        assert there(runtime, old)

        clock.advance(1)
        retain(runtime)
        assert not there(runtime, old)
        assert not there(runtime, written)

    def test_a_hold_keeps_them(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture, [old, _] = transcribed(runtime, times=2)
        with runtime.database.unit_of_work() as session:
            session.get_one(Course, lecture.course_id).held_until = clock.now.replace(year=9000)
            session.commit()
        clock.advance(days=100)
        before = objects(runtime)

        report = retain(runtime)

        assert there(runtime, old)
        assert objects(runtime) == before
        assert (report.total.due, audit(runtime)) == (0, [])

    @staticmethod
    def artifact(rt: Runtime, lecture: Lecture) -> str:
        job = uuid.uuid4()
        stored = put(rt, rt.names.artifact(lecture.id, job, 1, "summary"))
        with rt.database.unit_of_work() as session:
            session.add(
                ArtifactRow(
                    id=uuid.uuid4(),
                    lecture_id=lecture.id,
                    type="summary",
                    preset_id="exam",
                    version=1,
                    object=stored.name,
                    size=stored.size,
                    counts={},
                    job_id=job,
                    created_at=rt.clock(),
                )
            )
            session.commit()
        return stored.name


class TestSegments:
    def test_sound_whose_cutter_died_before_it_said_so_goes_when_the_job_has_failed(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        job = failed(runtime, lecture)
        stray = put(runtime, runtime.names.segment_audio(job.id, 0, (0.0, 1.0))).name
        clock.advance(-1, days=1)
        retain(runtime)
        assert there(runtime, stray)

        clock.advance(2)
        retain(runtime)

        assert not there(runtime, stray)
        assert outcomes(runtime) == {runtime.store.uri(stray): "deleted"}

    def test_that_of_a_job_under_way_stays(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture = recorded(runtime)
        job_id = enqueue(runtime, lecture)
        written = put(runtime, runtime.names.segment_audio(job_id, 0, (0.0, 1.0))).name
        clock.advance(days=3)

        retain(runtime)

        assert there(runtime, written)
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED

    def test_a_piece_that_refuses_to_go_is_tried_once_in_a_run_and_again_in_the_next(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        job_id = fan_out(runtime, lecture, 2).job_id
        pieces = [put(runtime, each.audio_object).name for each in get_segments(runtime, job_id)]
        with runtime.database.unit_of_work() as session:
            job = session.get_one(Job, job_id)
            runtime.jobs.end_failed(session, job, Failure.of(NoSpeechError()))
            session.commit()
        clock.advance(2, days=1)

        report = retain(dataclasses.replace(runtime, store=Refusing(runtime.store, pieces[1])))

        assert (report.policies["segments"].due, report.policies["segments"].refused) == (2, 1)
        assert report.policies["stray_segments"].due == 0
        assert get_segments(runtime, job_id) == []
        assert retain(runtime).policies["stray_segments"].deleted == 1
        assert not there(runtime, pieces[1])


def test_a_folder_is_gone_through_page_by_page_and_nothing_twice(
    runtime: Runtime, clock: HeldClock
) -> None:
    lecture = recorded(runtime)
    names = {
        put(runtime, runtime.names.export(lecture.id, uuid.uuid4(), 1, "notes.md")).name
        for _ in range(5)
    }
    clock.advance(2, days=1)
    [exports] = (
        dataclasses.replace(each, listed=2) for each in LEFTOVERS if each.kind == "exports"
    )
    terms = Terms(
        uuid.uuid4(), clock.now, raw_audio_days=30, transcript_days=14, material_days=None
    )

    pages = []
    after: str | None = ""
    with timed_pool(60) as many:
        while after is not None:
            page = exports.find(runtime, terms, after, many)
            pages.append([each.name for each in page.found])
            after = page.reached

    assert [len(page) for page in pages] == [2, 2, 1]
    assert set(chain.from_iterable(pages)) == names


def test_of_an_upload_without_a_lecture_neither_object_nor_row_is_left(
    runtime: Runtime, clock: HeldClock
) -> None:
    names = (
        runtime.names.raw(uuid.uuid4(), uuid.uuid4(), "wav"),
        f"{runtime.names.folder('raw')}Professor Quillfeather.wav",
    )
    of_lecture = recorded(runtime)
    for number, name in enumerate((*names, of_lecture.source_object)):
        if name in names:
            put(runtime, name)
        stored = runtime.store.stat(name)
        assert stored is not None
        with runtime.database.unit_of_work() as session:
            session.add(
                RejectedUpload(
                    id=uuid.uuid4(),
                    object=name,
                    generation=stored.generation if name in names else number,
                    lecture_id=None if name in names else of_lecture.id,
                    error={},
                    created_at=clock.now,
                )
            )
            session.commit()
    clock.advance(2, days=30)

    for _ in range(2):
        retain(runtime)

    assert not any(there(runtime, name) for name in names)
    with runtime.database.reading() as session:
        assert session.scalars(select(RejectedUpload.lecture_id)).all() == [of_lecture.id]
    assert not [event for event in audit(runtime) if "Quillfeather" in event.subject]
