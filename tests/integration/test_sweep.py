"""Whatever a crash at the wrong moment leaves undone is done within a minute or so."""

import dataclasses
import json
import uuid
from datetime import timedelta

import pytest

from functions.ingest.registration import register_upload
from functions.retention.sweep import sweep
from shared.events import Event, UploadFinalized
from shared.leases import Lease
from shared.models import Job, JobType, Lecture, LectureStatus, WorkStatus
from shared.outbox import Outbox
from shared.outcomes import DONE, Ending
from shared.runtime import Runtime
from tests.support.audio import tone
from tests.support.builders import (
    add_lecture,
    add_segments,
    changed,
    claim_segment,
    columns,
    enqueue,
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
from tests.support.clock import HeldClock
from tests.support.messages import RecordingMessages
from tests.support.threads import at_once

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
        clock.advance(runtime.settings.plc_fanout_lease_sec - 1)
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
        job_id = fan_out(runtime, uploaded(runtime), 2).job_id
        dead = claim_segment(runtime, job_id, 1)
        messages.sent.clear()
        clock.advance(runtime.settings.plc_lease_sec)

        sweep(runtime)
        sweep(runtime)

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
        lease = running(runtime, uploaded(runtime))
        add_segments(runtime, lease, range(2))
        clock.advance(runtime.settings.plc_lease_sec)
        messages.sent.clear()

        sweep(runtime)

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


class TestMissedUploads:
    @pytest.fixture
    def arrived(self, runtime: Runtime) -> Lecture:
        """A recording lies in the bucket and nobody was told."""
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


def _read(resource: object) -> UploadFinalized:
    """The sweep's message as the function receives it."""
    data = json.dumps(resource).encode()
    event = Event(id=str(uuid.uuid4()), source="", data=data, attributes={}, delivery=1)
    return UploadFinalized.of(event)
