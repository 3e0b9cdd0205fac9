"""Whatever a crash at the wrong moment leaves undone is done within a minute or so."""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from functions.ingest.uploads.registration import register_upload
from functions.retention.repairs import BATCH
from functions.retention.repairs.unregistered_uploads import find_unregistered_uploads
from functions.retention.repairs.uploads import find_missed_uploads
from functions.retention.sweep import sweep
from shared.deletion.lectures import delete_lecture
from shared.errors import TransientError
from shared.messaging.events import Event, UploadFinalized
from shared.messaging.outbox import Outbox
from shared.models import (
    JSON,
    Job,
    JobType,
    Lecture,
    LectureStatus,
    RejectedUpload,
    Segment,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.work.stages import STAGES
from shared.workers.outcomes import DONE, Ending
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    add_segments,
    changed,
    claim_segment,
    columns,
    complete,
    enqueue,
    failed,
    fan_out,
    finish_segment,
    get_job,
    get_jobs,
    get_lecture,
    get_segments,
    hand_over,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once
from tests.support.sound.audio import tone

SPEECH = JobType.TRANSCRIPTION


def statuses(job: Job) -> list[str]:
    return [entry["status"] for entry in job.history]


class TestJobs:
    def test_a_job_whose_worker_died_is_queued_again_with_a_message(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lecture = uploaded(runtime)
        dead = running(runtime, lecture)
        messages.sent.clear()
        clock.advance(runtime.settings.plc_lease_sec)

        assert sweep(runtime) == DONE

        job = get_job(runtime, dead.job_id)
        assert statuses(job) == ["queued", "running", "queued"]
        assert job.error is not None
        assert job.error["code"] == "worker_lost"
        assert messages.to("transcribe") == [{"jobId": str(job.id)}]
        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING
        assert runtime.jobs.renew(dead) is False
        again = runtime.jobs.claim(job.id, SPEECH)
        assert again is not None
        assert again.attempt == 2

    def test_a_job_that_killed_every_worker_fails_and_says_so(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_job_max_attempts=2)
        lecture = uploaded(rt)
        job_id = enqueue(rt, lecture)
        for _ in range(2):
            assert rt.jobs.claim(job_id, SPEECH) is not None
            clock.advance(rt.settings.plc_lease_sec)
            sweep(rt)

        job = get_job(rt, job_id)
        assert (job.status, job.attempt) == (WorkStatus.FAILED, 2)
        assert job.error is not None
        assert job.error["code"] == "worker_lost"
        assert get_lecture(rt, lecture).error == job.error
        assert len(messages.to("transcribe")) == 2

    def test_a_worker_that_gives_signs_of_life_is_left_alone(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        messages.sent.clear()
        clock.advance(runtime.settings.plc_lease_sec - 1)
        before = columns(get_job(runtime, lease.job_id))

        sweep(runtime)

        assert columns(get_job(runtime, lease.job_id)) == before
        assert messages.sent == []

    def test_sweeps_at_the_same_time_mend_once(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        messages.sent.clear()
        clock.advance(runtime.settings.plc_lease_sec)

        at_once(lambda _: sweep(runtime), range(4))

        assert statuses(get_job(runtime, lease.job_id)) == ["queued", "running", "queued"]
        assert len(messages.to("transcribe")) == 1

    def test_a_queued_job_nobody_came_for_is_called_again(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        job_id = enqueue(runtime, uploaded(runtime))
        messages.sent.clear()
        clock.advance(runtime.settings.plc_resend_after_sec - 1)
        sweep(runtime)
        assert messages.sent == []

        clock.advance(1)
        sweep(runtime)
        sweep(runtime)

        assert messages.to("transcribe") == [{"jobId": str(job_id)}]
        assert get_job(runtime, job_id).attempt == 0

    def test_new_input_that_came_for_a_dead_worker_is_still_read(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_job_max_attempts=1)
        lecture = uploaded(rt)
        running(rt, lecture, JobType.GENERATION)
        enqueue(rt, lecture, JobType.GENERATION, new_input=True)
        clock.advance(rt.settings.plc_lease_sec)

        sweep(rt)

        first, second = get_jobs(rt, lecture)
        assert (first.status, second.status) == (WorkStatus.FAILED, WorkStatus.QUEUED)
        assert messages.to("generate")[-1] == {"jobId": str(second.id)}


class TestSegments:
    def test_a_segment_whose_worker_died_gets_another_task(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_resend_after_sec=runtime.settings.plc_lease_sec + 1)
        job_id = fan_out(runtime, uploaded(runtime), 2).job_id
        dead = claim_segment(runtime, job_id, 1)
        messages.sent.clear()
        clock.advance(runtime.settings.plc_lease_sec)

        sweep(rt)
        sweep(rt)

        assert messages.to("segments") == [{"jobId": str(job_id), "index": 1}]
        segment = get_segments(runtime, job_id)[1]
        assert (segment.status, segment.attempt) == (WorkStatus.QUEUED, 1)
        assert runtime.segments.renew(dead) is False
        assert get_job(runtime, job_id).attempt == 1

    def test_a_segment_that_killed_every_worker_fails_the_lecture(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_segment_max_attempts=2)
        lecture = uploaded(rt)
        job_id = fan_out(rt, lecture, 2).job_id
        for _ in range(2):
            claim_segment(rt, job_id, 0)
            clock.advance(rt.settings.plc_lease_sec)
            sweep(rt)

        assert [row.status.value for row in get_segments(rt, job_id)] == ["failed", "queued"]
        job = get_job(rt, job_id)
        assert job.status == WorkStatus.FAILED
        assert job.error is not None
        assert job.error["code"] == "worker_lost"
        assert get_lecture(rt, lecture).status == LectureStatus.FAILED

    def test_lost_tasks_are_sent_again_without_costing_an_attempt(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 4).job_id
        finish_segment(runtime, job_id, 0)
        clock.advance(runtime.settings.plc_fanout_lease_sec)
        claim_segment(runtime, job_id, 2)
        messages.sent.clear()

        sweep(runtime)
        sweep(runtime)

        assert messages.to("segments") == [
            {"jobId": str(job_id), "index": index} for index in (1, 3)
        ]
        job = get_job(runtime, job_id)
        assert (job.status, job.attempt) == (WorkStatus.RUNNING, 1)
        assert job.lease_expires_at == clock.now + runtime.settings.fanout_lease
        assert messages.to("transcribe") == []

    def test_a_worker_that_died_while_cutting_is_followed_by_one_that_cuts_on(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_resend_after_sec=runtime.settings.plc_lease_sec + 1)
        lease = running(runtime, uploaded(runtime))
        add_segments(runtime, lease, range(2))
        clock.advance(runtime.settings.plc_lease_sec)
        messages.sent.clear()

        sweep(rt)

        assert messages.to("transcribe") == [{"jobId": str(lease.job_id)}]
        assert messages.to("segments") == []
        again = runtime.jobs.claim(lease.job_id, SPEECH)
        assert again is not None
        assert runtime.segments.known(lease.job_id).keys() == {0, 1}

    def test_a_worker_that_died_while_joining_is_followed_by_one_that_joins(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 2).job_id
        joins = [finish_segment(runtime, job_id, index) for index in range(2)]
        assert joins[-1] is not None
        messages.sent.clear()
        clock.advance(runtime.settings.plc_lease_sec)

        sweep(runtime)

        assert messages.to("transcribe") == [{"jobId": str(job_id)}]
        assert messages.to("segments") == []
        again = runtime.jobs.claim(job_id, SPEECH)
        assert isinstance(again, Lease)
        assert hand_over(runtime, again, 2) == again

    def test_segments_of_a_failed_job_rest(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_segment_max_attempts=1)
        job_id = fan_out(rt, uploaded(rt), 2).job_id
        for index in range(2):
            claim_segment(rt, job_id, index)
        clock.advance(rt.settings.plc_lease_sec)
        sweep(rt)
        before = [columns(row) for row in get_segments(rt, job_id)]
        messages.sent.clear()
        clock.advance(days=1)

        sweep(rt)

        assert messages.sent == []
        assert [columns(row) for row in get_segments(rt, job_id)] == before


class TestLostTasks:
    def test_one_lost_task_does_not_wait_for_all_the_others(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        """Each segment that finishes gives the fan-out another lease."""
        job_id = fan_out(runtime, uploaded(runtime), 3).job_id
        messages.sent.clear()
        for _ in range(2):
            clock.advance(runtime.settings.plc_fanout_lease_sec / 2)
            finish_segment(runtime, job_id, len(_done(runtime, job_id)))

        sweep(runtime)
        sweep(runtime)

        assert messages.to("segments") == [{"jobId": str(job_id), "index": 2}]
        assert get_segments(runtime, job_id)[2].attempt == 0

    def test_nor_for_the_cutting_to_end(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        add_segments(runtime, lease, range(2))
        messages.sent.clear()
        for _ in range(2):
            clock.advance(runtime.settings.plc_lease_sec - 1)
            assert runtime.jobs.renew(lease)
        rt = changed(runtime, plc_fanout_lease_sec=runtime.settings.plc_lease_sec)

        sweep(rt)

        assert messages.to("segments") == [
            {"jobId": str(lease.job_id), "index": index} for index in range(2)
        ]
        assert runtime.jobs.renew(lease)

    def test_sweeps_at_the_same_time_send_one_task(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 2).job_id
        clock.advance(runtime.settings.plc_fanout_lease_sec - 1)
        finish_segment(runtime, job_id, 0)
        clock.advance(1)
        messages.sent.clear()

        at_once(lambda _: sweep(runtime), range(4))

        assert messages.to("segments") == [{"jobId": str(job_id), "index": 1}]

    @pytest.mark.parametrize("error", [None, {"code": "unavailable", "message": "away"}])
    def test_a_segment_that_nobody_may_try_again_ends_its_lecture(
        self, runtime: Runtime, clock: HeldClock, error: JSON | None
    ) -> None:
        """It was queued for another attempt, and then fewer were allowed."""
        lecture = uploaded(runtime)
        job_id = fan_out(runtime, lecture, 2).job_id
        lease = claim_segment(runtime, job_id, 0)
        if error is None:
            clock.advance(runtime.settings.plc_lease_sec)
            sweep(runtime)
            with runtime.database.unit_of_work() as session:
                session.execute(update(Segment).values(error=None))
                session.commit()
        else:
            runtime.segments.fail(lease, Failure.of(TransientError(error["message"])))
        rt = changed(runtime, plc_segment_max_attempts=1)
        assert rt.segments.claim(job_id, 0) is None

        sweep(rt)

        assert [row.status.value for row in get_segments(rt, job_id)] == ["failed", "queued"]
        job = get_job(rt, job_id)
        assert job.status == WorkStatus.FAILED
        assert job.error is not None
        assert job.error["code"] == (error["code"] if error else "worker_lost")
        assert get_lecture(rt, lecture).error == job.error


class TestStuckLectures:
    """What no stage leaves behind, made by hand."""

    @pytest.fixture(autouse=True)
    def quiet(self, runtime: Runtime, messages: RecordingMessages) -> Iterator[None]:
        """Whatever is done about one, it is done once."""
        yield
        before = len(messages.sent)
        sweep(runtime)
        assert len(messages.sent) == before

    def done(self, rt: Runtime, lecture: Lecture, *types: JobType) -> None:
        for type in types:
            complete(rt, running(rt, lecture, type))
        with rt.database.unit_of_work() as session:
            session.get_one(Lecture, lecture.id).status = LectureStatus.PROCESSING
            session.commit()

    @pytest.mark.parametrize(
        ("done", "queued"),
        [
            ([], (JobType.TRANSCRIPTION, {"model": None, "language": None})),
            ([JobType.TRANSCRIPTION], (JobType.GENERATION, {"preset_id": "exam"})),
            ([JobType.TRANSCRIPTION, JobType.GENERATION], (JobType.EXPORT, {})),
            ([*STAGES, JobType.TRANSCRIPTION], (JobType.GENERATION, {"preset_id": "exam"})),
        ],
    )
    def test_one_whose_next_stage_was_never_queued_goes_on(
        self,
        runtime: Runtime,
        messages: RecordingMessages,
        clock: HeldClock,
        done: list[JobType],
        queued: tuple[JobType, JSON],
    ) -> None:
        lecture = uploaded(runtime)
        for type in done:
            clock.advance(1)
            self.done(runtime, lecture, type)
        messages.sent.clear()
        clock.advance(299)
        sweep(runtime)
        assert messages.sent == []
        clock.advance(60)

        at_once(lambda _: sweep(runtime), range(3))

        [job] = [job for job in get_jobs(runtime, lecture) if job.status == WorkStatus.QUEUED]
        assert (job.type, job.params) == queued
        assert messages.to(STAGES[job.type].topic) == [{"jobId": str(job.id)}]

    def test_one_that_has_everything_is_completed(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lecture = uploaded(runtime)
        self.done(runtime, lecture, *STAGES)
        messages.sent.clear()
        clock.advance(300)

        sweep(runtime)

        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED
        assert messages.sent == []

    def test_one_whose_job_failed_says_so(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture = uploaded(runtime)
        job = failed(runtime, lecture)
        with runtime.database.unit_of_work() as session:
            row = session.get_one(Lecture, lecture.id)
            row.status, row.error = LectureStatus.PROCESSING, None
            session.commit()
        clock.advance(300)

        sweep(runtime)

        row = get_lecture(runtime, lecture)
        assert (row.status, row.error) == (LectureStatus.FAILED, job.error)

    @pytest.mark.parametrize("type", STAGES)
    def test_one_that_is_worked_on_is_not_stuck_however_long_it_takes(
        self, runtime: Runtime, clock: HeldClock, type: JobType
    ) -> None:
        lecture = uploaded(runtime)
        lease = running(runtime, lecture, type)
        for _ in range(10):
            clock.advance(runtime.settings.plc_lease_sec - 1)
            assert runtime.jobs.renew(lease)
        before = columns(get_lecture(runtime, lecture))

        sweep(runtime)

        assert columns(get_lecture(runtime, lecture)) == before
        assert len(get_jobs(runtime, lecture)) == 1


class TestStrayUploads:
    """Recordings that are found by looking through the bucket."""

    @pytest.fixture(autouse=True)
    def present(self, clock: HeldClock) -> None:
        """Objects are as old as the storage server says."""
        clock.now = datetime.now(UTC) + timedelta(minutes=1)

    def store(self, rt: Runtime, name: str) -> StoredObject:
        return rt.store.create(name, tone(), "audio/wav")

    def rejected(self, rt: Runtime) -> list[RejectedUpload]:
        with rt.database.unit_of_work() as session:
            return list(session.scalars(select(RejectedUpload).order_by(RejectedUpload.object)))

    def test_one_that_a_lecture_waits_for_is_announced_though_others_wait_before_it(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        for n in range(BATCH):
            add_lecture(runtime, f"never-{n}", created_at=clock.now - timedelta(days=1))
        lecture = add_lecture(runtime)
        self.store(runtime, lecture.source_object)
        clock.advance(runtime.settings.plc_missed_upload_grace_sec + 60)

        assert find_missed_uploads(runtime) == 0
        assert find_unregistered_uploads(runtime) == 1
        assert find_unregistered_uploads(runtime) == 0

        [resource] = messages.to("uploads")
        assert register_upload(runtime, _read(resource)) == DONE
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED

    def test_one_under_a_name_its_lecture_does_not_wait_for_is_written_down(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = uploaded(runtime)
        stored = self.store(runtime, runtime.names.raw(lecture.id, uuid.uuid4(), "wav"))
        assert find_unregistered_uploads(runtime) == 0
        clock.advance(runtime.settings.plc_missed_upload_grace_sec + 60)

        assert at_once(lambda _: sweep(runtime), range(3)) == [DONE] * 3

        [row] = self.rejected(runtime)
        assert (row.object, row.generation, row.lecture_id) == (
            stored.name,
            stored.generation,
            lecture.id,
        )
        assert row.error["code"] == "upload_unexpected"
        assert runtime.store.stat(stored.name) == stored
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED
        assert find_unregistered_uploads(runtime) == 0

    def test_one_of_no_lecture_is_written_down_after_a_week_and_stays(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        stored = self.store(runtime, runtime.names.raw(uuid.uuid4(), uuid.uuid4(), "wav"))
        clock.advance(days=6)
        sweep(runtime)
        assert self.rejected(runtime) == []
        clock.advance(days=1)

        sweep(runtime)
        sweep(runtime)

        assert [(row.object, row.lecture_id) for row in self.rejected(runtime)] == [
            (stored.name, None)
        ]
        assert runtime.store.stat(stored.name) == stored

    @pytest.mark.parametrize("purged", [True, False])
    def test_what_a_deletion_removes_or_keeps_is_no_stray(
        self, runtime: Runtime, clock: HeldClock, purged: bool
    ) -> None:
        lecture = uploaded(runtime)
        delete_lecture(
            runtime, lecture, keep_until=None if purged else clock.now + timedelta(days=30)
        )
        stored = self.store(runtime, lecture.source_object)
        clock.advance(days=7.5)

        assert find_unregistered_uploads(runtime) == 0
        assert self.rejected(runtime) == []
        assert runtime.store.stat(stored.name) == stored

    def test_each_run_goes_on_where_the_last_one_stopped_and_begins_again_at_the_end(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lectures = [uploaded(runtime, f"l{n}").id for n in range(5)]
        strays = [
            self.store(runtime, runtime.names.raw(each, uuid.uuid4(), "wav")) for each in lectures
        ]
        clock.advance(days=1)

        assert [find_unregistered_uploads(runtime, listed=2) for _ in range(4)] == [2, 2, 1, 0]
        assert {row.object for row in self.rejected(runtime)} == {each.name for each in strays}
        late = self.store(runtime, runtime.names.raw(uuid.UUID(int=1), uuid.uuid4(), "wav"))
        clock.advance(days=8)
        for _ in range(3):
            find_unregistered_uploads(runtime, listed=2)
        assert late.name in {row.object for row in self.rejected(runtime)}


class TestMissedUploads:
    @pytest.fixture
    def arrived(self, runtime: Runtime) -> Lecture:
        """A recording is in the bucket, and its notification was lost."""
        lecture = add_lecture(runtime)
        runtime.store.create(lecture.source_object, tone(), "audio/wav")
        return lecture

    def test_an_upload_without_a_notification_is_found_and_goes_its_way(
        self,
        runtime: Runtime,
        messages: RecordingMessages,
        clock: HeldClock,
        arrived: Lecture,
    ) -> None:
        clock.advance(runtime.settings.plc_missed_upload_grace_sec)

        assert sweep(runtime) == DONE

        [resource] = messages.to("uploads")
        assert register_upload(runtime, _read(resource)) == DONE
        assert get_lecture(runtime, arrived).status == LectureStatus.UPLOADED
        assert len(messages.to("transcribe")) == 1

    def test_it_is_looked_for_once_in_a_while_and_not_all_the_time(
        self,
        runtime: Runtime,
        messages: RecordingMessages,
        clock: HeldClock,
        arrived: Lecture,
    ) -> None:
        grace = runtime.settings.plc_missed_upload_grace_sec
        counts = []
        for _ in range(6):
            clock.advance(grace / 2)
            sweep(runtime)
            counts.append(len(messages.to("uploads")))

        assert counts == [0, 1, 1, 2, 2, 3]

    def test_a_lecture_whose_upload_has_not_come_goes_on_waiting(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lecture = add_lecture(runtime)
        clock.advance(days=1)

        assert sweep(runtime) == DONE

        assert messages.sent == []
        assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD

    def test_a_registered_upload_is_not_announced_again(
        self,
        runtime: Runtime,
        messages: RecordingMessages,
        clock: HeldClock,
        arrived: Lecture,
    ) -> None:
        stored = runtime.store.stat(arrived.source_object)
        assert stored is not None
        register_upload(
            runtime,
            UploadFinalized(
                bucket="lectures", name=stored.name, generation=stored.generation, size=1
            ),
        )
        clock.advance(days=1)

        sweep(runtime)

        assert messages.to("uploads") == []


class _BrokenOutbox(Outbox):
    def sweep(self, *, older_than: timedelta) -> int:
        raise RuntimeError("unforeseen")


def test_a_repair_that_fails_does_not_stop_the_others_and_is_tried_again(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    lease = running(runtime, uploaded(runtime))
    messages.sent.clear()
    clock.advance(runtime.settings.plc_lease_sec)
    broken = dataclasses.replace(runtime, outbox=_BrokenOutbox(runtime.database, messages, clock))

    outcome = sweep(broken)

    assert outcome.ending == Ending.RETRY
    assert get_job(runtime, lease.job_id).status == WorkStatus.QUEUED
    assert len(messages.to("transcribe")) == 1


def test_there_is_nothing_to_mend_in_a_house_in_order(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    fan_out(runtime, uploaded(runtime, "one"), 2)
    add_lecture(runtime, "two")
    messages.sent.clear()
    clock.advance(30)

    assert sweep(runtime) == DONE
    assert messages.sent == []


def _done(rt: Runtime, job_id: uuid.UUID) -> list[Segment]:
    return [row for row in get_segments(rt, job_id) if row.status == WorkStatus.SUCCEEDED]


def _read(resource: object) -> UploadFinalized:
    """The sweep's message as the function receives it."""
    data = json.dumps(resource).encode()
    event = Event(id=str(uuid.uuid4()), source="", data=data, attributes={}, delivery=1)
    return UploadFinalized.of(event)
