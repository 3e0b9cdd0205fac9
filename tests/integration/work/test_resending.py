"""What has lost its message is sent again within two minutes; what only waits is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from functions.retention.repairs.resending import MAX_RESENT
from functions.retention.sweep import sweep
from shared.errors import TransientError
from shared.models import Job, JobType, Segment, WorkStatus
from shared.runtime import Runtime
from shared.work.retry import Failure
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_segments,
    changed,
    claim_segment,
    enqueue,
    fan_out,
    get_job,
    get_lecture,
    get_segments,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages

MINUTE = 60
TRANSCRIBE_WORKERS = 10
"""shared/topology.json."""


def minutes(
    rt: Runtime, clock: HeldClock, count: int, act: Callable[[], None] | None = None
) -> None:
    for _ in range(count):
        clock.advance(MINUTE)
        if act is not None:
            act()
        sweep(rt)


@pytest.mark.parametrize("type", JobType)
def test_a_job_whose_message_is_gone_is_woken_within_two_minutes(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock, type: JobType
) -> None:
    clock.advance(59)  # it is queued just after a run of the sweep
    job_id = enqueue(runtime, uploaded(runtime), type)
    messages.sent.clear()

    clock.advance(1)
    sweep(runtime)
    assert messages.sent == []
    minutes(runtime, clock, 1)

    assert [dict(each.payload) for each in messages.sent] == [{"jobId": str(job_id)}]


def test_so_is_a_segment_whose_task_is_gone_though_others_are_recognized(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    job_id = fan_out(runtime, uploaded(runtime), 3).job_id
    lease = claim_segment(runtime, job_id, 0)
    messages.sent.clear()

    minutes(runtime, clock, 1, lambda: renewed(runtime.segments.renew(lease)))

    assert [each["index"] for each in messages.to("segments")] == [1, 2]


@pytest.mark.slow
def test_each_time_it_is_sent_again_it_waits_twice_as_long(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    enqueue(runtime, uploaded(runtime))
    messages.sent.clear()
    times = []
    for minute in range(1, 62):
        sent = len(messages.sent)
        minutes(runtime, clock, 1)
        if len(messages.sent) > sent:
            times.append(minute)

    assert times == [1, 3, 7, 15, 30, 45, 60]


def test_one_whose_attempt_failed_is_left_to_the_backoff_of_its_message(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    lease = running(runtime, uploaded(runtime))
    runtime.jobs.fail(lease, Failure.of(TransientError()))
    messages.sent.clear()

    minutes(runtime, clock, 1)
    assert messages.sent == []
    minutes(runtime, clock, 1)

    assert messages.to("transcribe") == [{"jobId": str(lease.job_id)}]


def test_one_that_is_claimed_and_queued_again_begins_anew(
    runtime: Runtime, clock: HeldClock
) -> None:
    job_id = enqueue(runtime, uploaded(runtime))
    minutes(runtime, clock, 3)
    assert get_job(runtime, job_id).resent == 2

    runtime.jobs.claim(job_id, JobType.TRANSCRIPTION)

    assert get_job(runtime, job_id).resent == 0


def test_what_cannot_be_delivered_fails_after_as_many_times_as_a_queue_delivers(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    rt = changed(runtime, plc_fanout_lease_sec=MINUTE)
    cut, not_cut = uploaded(rt, "cut"), uploaded(rt, "not cut")
    job_id = fan_out(rt, cut, 2).job_id
    other_id = enqueue(rt, not_cut)
    messages.sent.clear()

    minutes(rt, clock, MAX_RESENT)
    assert {get_job(rt, each).status for each in (job_id, other_id)} == {
        WorkStatus.RUNNING,
        WorkStatus.QUEUED,
    }
    minutes(rt, clock, 1)

    assert len(messages.to("transcribe")) == MAX_RESENT
    assert len(messages.to("segments")) == 2 * MAX_RESENT
    for lecture in (cut, not_cut):
        error = get_lecture(rt, lecture).error
        assert error is not None
        assert error["code"] == "delivery_exhausted"


class TestBusy:
    """All workers have work: what waits is not lost, as far as anybody can tell."""

    @pytest.mark.slow
    def test_segments_behind_a_full_house_are_not_sent_again(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_segment_workers=2)
        job_id = fan_out(rt, uploaded(rt), 40).job_id
        leases = [claim_segment(rt, job_id, index) for index in range(2)]
        messages.sent.clear()

        def work() -> None:
            assert [rt.segments.renew(each) for each in leases] == [True, True]

        minutes(rt, clock, 14, work)
        assert messages.to("segments") == []
        minutes(rt, clock, 10, work)

        # The longest waiting, as many in a run as there are workers, once each.
        sent = [each["index"] for each in messages.to("segments")]
        assert len(sent) == len(set(sent)) == 2 * 10
        assert {row.resent for row in get_segments(rt, job_id)} == {0}

    @pytest.mark.slow
    def test_a_backlog_of_four_hours_is_sent_again_less_than_once_each(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_segment_workers=2)
        count = 300
        lease = running(rt, uploaded(rt))
        add_segments(rt, lease, [0, 1])
        _add_waiting(rt, lease.job_id, count)
        leases = [claim_segment(rt, lease.job_id, index) for index in range(2)]
        messages.sent.clear()

        def work() -> None:
            assert rt.jobs.renew(lease)
            assert [rt.segments.renew(each) for each in leases] == [True, True]

        minutes(rt, clock, 60, work)

        assert len(messages.to("segments")) <= 2 * 46 < count

    def test_more_than_the_free_workers_can_take_is_a_backlog(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        """Refused messages come again minutes later, and some workers are free until then."""
        at_work = running(runtime, uploaded(runtime, "at work"))
        for n in range(TRANSCRIBE_WORKERS):
            enqueue(runtime, uploaded(runtime, f"l{n}"))
        messages.sent.clear()

        minutes(runtime, clock, 14, lambda: renewed(runtime.jobs.renew(at_work)))

        assert messages.to("transcribe") == []

    def test_one_lost_under_load_is_sent_as_soon_as_a_worker_is_free(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        lost = enqueue(runtime, uploaded(runtime, "lost"))
        leases = [running(runtime, uploaded(runtime, f"l{n}")) for n in range(TRANSCRIBE_WORKERS)]
        messages.sent.clear()

        def work() -> None:
            for each in leases:
                runtime.jobs.renew(each)

        minutes(runtime, clock, 5, work)
        assert messages.to("transcribe") == []
        with runtime.database.unit_of_work() as session:
            for each in leases[:3]:
                runtime.jobs.complete(session, each, result={})
            session.commit()
        minutes(runtime, clock, 1, work)

        assert messages.to("transcribe") == [{"jobId": str(lost)}]

    def test_a_job_that_is_left_to_its_segments_holds_no_worker(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        for n in range(TRANSCRIBE_WORKERS):
            fan_out(runtime, uploaded(runtime, f"l{n}"), 1)
        lost = enqueue(runtime, uploaded(runtime, "lost"))
        messages.sent.clear()

        minutes(runtime, clock, 1)

        assert messages.to("transcribe") == [{"jobId": str(lost)}]

    @pytest.mark.slow
    def test_workers_that_died_are_not_busy(
        self, runtime: Runtime, messages: RecordingMessages, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_segment_workers=2, plc_fanout_lease_sec=7200)
        job_id = fan_out(rt, uploaded(rt), 3).job_id
        for index in range(2):
            claim_segment(rt, job_id, index)
        with rt.database.unit_of_work() as session:
            # Of a job that has failed: they are not recovered.
            session.execute(
                update(Segment)
                .where(Segment.status == WorkStatus.RUNNING)
                .values(lease_expires_at=clock() - timedelta(hours=1))
            )
            session.execute(update(Job).values(updated_at=clock()))
            session.commit()
        messages.sent.clear()

        minutes(rt, clock, 1)

        assert 2 in [each["index"] for each in messages.to("segments")]


def renewed(stands: bool) -> None:
    assert stands


def _add_waiting(rt: Runtime, job_id: object, count: int) -> None:
    with rt.database.unit_of_work() as session:
        session.add_all(
            Segment(
                job_id=job_id,
                index=index,
                start_sec=index,
                end_sec=index + 1,
                audio_object=f"{index}.flac",
                status=WorkStatus.QUEUED,
                attempt=0,
                updated_at=rt.clock(),
            )
            for index in range(2, count)
        )
        session.commit()
