"""A transcription's fan-out and its one join."""

import itertools
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, event, text

from shared.database.connections import Database
from shared.errors import LeaseLostError, NoSpeechError, TransientError
from shared.models import LectureStatus, WorkStatus
from shared.runtime import Runtime, build_runtime
from shared.work.leases import Lease, SegmentLease
from shared.work.retry import Failure
from tests.integration.local_stack.receiver import wait_until
from tests.support.clock import HeldClock
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures.builders import (
    add_segments,
    changed,
    claim_segment,
    columns,
    complete,
    enqueue,
    fan_out,
    finish_segment,
    get_job,
    get_jobs,
    get_lecture,
    get_segments,
    hand_over,
    running,
    segment_transcript,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import PATIENCE_SEC, at_once


def finish(rt: Runtime, lease: SegmentLease) -> Lease | None:
    return rt.segments.complete(lease, segment_transcript(rt, lease))


def states(rt: Runtime, job_id: uuid.UUID) -> list[str]:
    return [segment.status.value for segment in get_segments(rt, job_id)]


def adopt(rt: Runtime, lease: Lease) -> int | None:
    with rt.database.unit_of_work() as session:
        count = rt.segments.adopt(session, lease)
        session.commit()
        rt.outbox.publish(session)
    return count


def replay(rt: Runtime, job_id: uuid.UUID) -> Lease:
    """A failed job, queued again and claimed."""
    with rt.database.unit_of_work() as session:
        new = rt.jobs.replay(session, get_job(rt, job_id))
        session.commit()
        rt.outbox.publish(session)
    lease = rt.jobs.claim(new.job_id, get_job(rt, job_id).type)
    assert lease is not None
    return lease


class TestJoin:
    @pytest.mark.parametrize("count", [1, 2, 7, 12])
    def test_however_many_finish_at_once_exactly_one_joins(
        self, runtime: Runtime, count: int
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), count).job_id
        leases = [claim_segment(runtime, job_id, index) for index in range(count)]

        joins = at_once(lambda lease: finish(runtime, lease), leases)

        [join] = [lease for lease in joins if lease is not None]
        assert join.token == get_job(runtime, job_id).lease_token
        complete(runtime, join)
        assert get_job(runtime, job_id).status == WorkStatus.SUCCEEDED

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    def test_whoever_is_last_joins(self, runtime: Runtime, order: tuple[int, ...]) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 3).job_id

        joins = [finish_segment(runtime, job_id, index) for index in order]

        assert [join is not None for join in joins] == [False, False, True]

    def test_segments_that_finish_while_the_lecture_is_still_cut_leave_the_join_to_the_cutter(
        self, runtime: Runtime
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        add_segments(runtime, lease, range(2))
        assert [finish_segment(runtime, lease.job_id, index) for index in range(2)] == [None, None]

        assert hand_over(runtime, lease, 2) == lease
        complete(runtime, lease)

    @pytest.mark.parametrize("first", ["a segment", "the cutter"])
    def test_two_that_end_in_the_same_moment_cannot_both_leave_the_join_to_the_other(
        self, runtime: Runtime, first: str
    ) -> None:
        """The worst moment there is: the one has counted what is left and has not committed
        when the other ends its own part."""
        lease = running(runtime, uploaded(runtime))
        add_segments(runtime, lease, range(2))
        segments = [claim_segment(runtime, lease.job_id, index) for index in range(2)]
        if first == "a segment":
            hand_over(runtime, lease, 2)
        else:
            finish(runtime, segments[0])
        other: list[Future[Lease | None]] = []

        def before_commit(_: Connection) -> None:
            other.append(pool.submit(finish, runtime, segments[1]))
            wait_until(
                lambda: other[0].done() or a_transaction_waits(runtime.database),
                "the other has ended or waits for its turn",
            )

        with ThreadPoolExecutor(1) as pool, _another_connection(runtime) as rt:
            event.listen(rt.database.engine, "commit", before_commit, once=True)
            join = finish(rt, segments[0]) if first == "a segment" else hand_over(rt, lease, 2)
            joins = [join, *(future.result(PATIENCE_SEC) for future in other)]

        assert [join is not None for join in joins] == [False, True]

    def test_the_cutter_has_no_say_any_more_after_handing_over(self, runtime: Runtime) -> None:
        cutter = fan_out(runtime, uploaded(runtime), 2)

        assert runtime.jobs.renew(cutter) is False
        with pytest.raises(LeaseLostError):
            complete(runtime, cutter)

    def test_every_segment_that_finishes_gives_the_others_more_time(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 3).job_id
        for index in range(2):
            clock.advance(runtime.settings.plc_fanout_lease_sec - 1)
            finish_segment(runtime, job_id, index)

        expires = get_job(runtime, job_id).lease_expires_at

        assert expires == clock.now + runtime.settings.fanout_lease


@contextmanager
def _another_connection(rt: Runtime) -> Iterator[Runtime]:
    """The same runtime as another instance has it."""
    database = Database(create_engine(rt.database.engine.url))
    yield build_runtime(
        rt.settings, database=database, store=rt.store, messages=rt.messages, clock=rt.clock
    )
    database.close()


class TestSegments:
    def test_each_has_one_task_of_its_own(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 3).job_id

        assert messages.to("segments") == [
            {"jobId": str(job_id), "index": index} for index in range(3)
        ]

    def test_one_recorded_twice_is_one(self, runtime: Runtime) -> None:
        lease = running(runtime, uploaded(runtime))

        add_segments(runtime, lease, [0, 1, 0])

        assert states(runtime, lease.job_id) == ["queued", "queued"]
        assert runtime.segments.known(lease.job_id).keys() == {0, 1}

    def test_exactly_one_of_many_deliveries_gets_it(self, runtime: Runtime) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 1).job_id

        leases = at_once(lambda _: runtime.segments.claim(job_id, 0), range(8))

        assert sum(lease is not None for lease in leases) == 1
        assert get_segments(runtime, job_id)[0].attempt == 1

    def test_a_second_delivery_changes_nothing(self, runtime: Runtime, clock: HeldClock) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 2).job_id
        finish_segment(runtime, job_id, 0)
        before = [
            columns(row) for row in (*get_segments(runtime, job_id), get_job(runtime, job_id))
        ]
        clock.advance(days=1)

        assert runtime.segments.claim(job_id, 0) is None
        assert runtime.segments.claim(job_id, 99) is None
        assert runtime.segments.claim(uuid.uuid4(), 0) is None
        assert before == [
            columns(row) for row in (*get_segments(runtime, job_id), get_job(runtime, job_id))
        ]

    @pytest.mark.parametrize("deed", ["finish", "fail", "give up"])
    @pytest.mark.parametrize("successor", ["at work", "finished"])
    def test_a_replaced_worker_that_finishes_late_changes_nothing(
        self, runtime: Runtime, clock: HeldClock, deed: str, successor: str
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 1).job_id
        late = claim_segment(runtime, job_id, 0)
        clock.advance(runtime.settings.plc_lease_sec)
        new = claim_segment(runtime, job_id, 0)
        assert (new.attempt, new.token != late.token) == (2, True)
        if successor == "finished":
            assert finish(runtime, new) is not None
        before = [
            columns(row) for row in (*get_segments(runtime, job_id), get_job(runtime, job_id))
        ]

        assert runtime.segments.renew(late) is False
        with pytest.raises(LeaseLostError):
            match deed:
                case "finish":
                    finish(runtime, late)
                case "fail":
                    runtime.segments.fail(late, Failure.of(TransientError()))
                case "give up":
                    runtime.segments.fail(late, Failure.of(NoSpeechError()))

        assert before == [
            columns(row) for row in (*get_segments(runtime, job_id), get_job(runtime, job_id))
        ]

    def test_a_heartbeat_keeps_it(self, runtime: Runtime, clock: HeldClock) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 1).job_id
        lease = claim_segment(runtime, job_id, 0)
        clock.advance(runtime.settings.plc_lease_sec - 1)
        assert runtime.segments.renew(lease) is True
        clock.advance(runtime.settings.plc_lease_sec - 1)

        assert runtime.segments.claim(job_id, 0) is None

    def test_a_passing_trouble_is_tried_again_and_leaves_the_job_running(
        self, runtime: Runtime
    ) -> None:
        job_id = fan_out(runtime, uploaded(runtime), 1).job_id
        lease = claim_segment(runtime, job_id, 0)

        status = runtime.segments.fail(lease, Failure.of(TransientError("storage: away")))

        assert status == WorkStatus.QUEUED
        assert get_job(runtime, job_id).status == WorkStatus.RUNNING
        assert claim_segment(runtime, job_id, 0).attempt == 2
        [row] = get_segments(runtime, job_id)
        assert row.error == {"code": "unavailable", "message": "storage: away"}

    def test_the_last_attempt_fails_the_job(self, runtime: Runtime) -> None:
        rt = changed(runtime, plc_segment_max_attempts=2)
        lecture = uploaded(rt)
        job_id = fan_out(rt, lecture, 2).job_id

        outcomes = [
            rt.segments.fail(claim_segment(rt, job_id, 0), Failure.of(TransientError("away")))
            for _ in range(2)
        ]

        assert outcomes == [WorkStatus.QUEUED, WorkStatus.FAILED]
        assert get_job(rt, job_id).status == WorkStatus.FAILED
        assert get_lecture(rt, lecture).error == {"code": "unavailable", "message": "away"}


class TestFailure:
    def test_one_lost_segment_fails_the_lecture_with_its_reason_and_keeps_what_is_done(
        self, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        job_id = fan_out(runtime, lecture, 4).job_id
        finish_segment(runtime, job_id, 0)
        slow = claim_segment(runtime, job_id, 1)

        broken = claim_segment(runtime, job_id, 2)
        runtime.segments.fail(broken, Failure.of(NoSpeechError("It cannot be read.")))

        reason = {"code": "no_speech", "message": "It cannot be read."}
        assert get_job(runtime, job_id).error == get_lecture(runtime, lecture).error == reason
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED
        # Workers that have begun may finish; no other begins, and none joins.
        assert finish(runtime, slow) is None
        assert runtime.segments.claim(job_id, 3) is None
        assert states(runtime, job_id) == ["succeeded", "succeeded", "failed", "queued"]
        assert get_job(runtime, job_id).status == WorkStatus.FAILED

    def test_the_job_is_done_again_if_its_input_has_changed(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)
        job_id = fan_out(runtime, lecture, 2).job_id
        enqueue(runtime, lecture, new_input=True)

        runtime.segments.fail(claim_segment(runtime, job_id, 0), Failure.of(NoSpeechError()))

        first, second = get_jobs(runtime, lecture)
        assert (first.status, second.status) == (WorkStatus.FAILED, WorkStatus.QUEUED)
        assert messages.to("transcribe")[-1] == {"jobId": str(second.id)}

    def test_a_second_failure_does_not_change_the_reason(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        job_id = fan_out(runtime, lecture, 2).job_id
        first, second = (claim_segment(runtime, job_id, index) for index in range(2))

        runtime.segments.fail(first, Failure.of(NoSpeechError("first")))
        runtime.segments.fail(second, Failure.of(NoSpeechError("second")))

        error = get_lecture(runtime, lecture).error
        assert error is not None
        assert error["message"] == "first"
        assert [entry["status"] for entry in get_job(runtime, job_id).history].count("failed") == 1


class TestReplay:
    @pytest.fixture
    def failed_fan_out(self, runtime: Runtime) -> uuid.UUID:
        """Four segments: two done, one failed, one never begun."""
        job_id = fan_out(runtime, uploaded(runtime), 4).job_id
        for index in (0, 2):
            finish_segment(runtime, job_id, index)
        runtime.segments.fail(claim_segment(runtime, job_id, 1), Failure.of(NoSpeechError()))
        return job_id

    def test_the_missing_are_sent_in_their_order_however_the_database_finds_them(
        self, runtime: Runtime, messages: RecordingMessages, failed_fan_out: uuid.UUID
    ) -> None:
        lease = replay(runtime, failed_fan_out)
        messages.sent.clear()

        with runtime.transactions.begin() as tx:
            # Else the planner may or may not read the rows through the key, which has an order.
            for scan in ("indexscan", "bitmapscan", "indexonlyscan"):
                tx.session.execute(text(f"SET LOCAL enable_{scan} = off"))
            runtime.segments.adopt(tx.session, lease)
            tx.commit()

        assert [payload["index"] for payload in messages.to("segments")] == [1, 3]

    def test_finished_segments_are_adopted_and_only_the_missing_are_sent(
        self, runtime: Runtime, messages: RecordingMessages, failed_fan_out: uuid.UUID
    ) -> None:
        lease = replay(runtime, failed_fan_out)
        messages.sent.clear()

        assert adopt(runtime, lease) == 4

        assert states(runtime, lease.job_id) == ["succeeded", "queued", "succeeded", "queued"]
        assert messages.to("segments") == [
            {"jobId": str(lease.job_id), "index": index} for index in (1, 3)
        ]
        old, new = get_segments(runtime, failed_fan_out), get_segments(runtime, lease.job_id)
        assert [row.audio_object for row in new] == [row.audio_object for row in old]
        assert [row.transcript_object for row in new if row.status == WorkStatus.SUCCEEDED] == [
            old[0].transcript_object,
            old[2].transcript_object,
        ]

    def test_it_is_joined_when_the_missing_are_done(
        self, runtime: Runtime, failed_fan_out: uuid.UUID
    ) -> None:
        lease = replay(runtime, failed_fan_out)
        count = adopt(runtime, lease)
        assert count is not None
        assert hand_over(runtime, lease, count) is None

        assert finish_segment(runtime, lease.job_id, 1) is None
        join = finish_segment(runtime, lease.job_id, 3)

        assert join is not None
        complete(runtime, join)

    def test_adopting_twice_changes_and_sends_nothing_more(
        self, runtime: Runtime, messages: RecordingMessages, failed_fan_out: uuid.UUID
    ) -> None:
        lease = replay(runtime, failed_fan_out)
        adopt(runtime, lease)
        finish_segment(runtime, lease.job_id, 1)
        messages.sent.clear()

        assert adopt(runtime, lease) == 4

        assert messages.sent == []
        assert states(runtime, lease.job_id) == ["succeeded", "succeeded", "succeeded", "queued"]

    def test_a_replay_of_a_replay_still_has_it_all(
        self, runtime: Runtime, failed_fan_out: uuid.UUID
    ) -> None:
        second = replay(runtime, failed_fan_out)
        adopt(runtime, second)
        hand_over(runtime, second, 4)
        broken = claim_segment(runtime, second.job_id, 3)
        runtime.segments.fail(broken, Failure.of(NoSpeechError()))

        third = replay(runtime, second.job_id)

        assert adopt(runtime, third) == 4
        assert states(runtime, third.job_id) == ["succeeded", "queued", "succeeded", "queued"]

    def test_what_was_never_cut_to_the_end_is_cut_on(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        lease = running(runtime, lecture)
        add_segments(runtime, lease, range(2))
        finish_segment(runtime, lease.job_id, 0)
        runtime.jobs.fail(lease, Failure.of(NoSpeechError()))

        new = replay(runtime, lease.job_id)

        assert adopt(runtime, new) is None
        assert runtime.segments.known(new.job_id).keys() == {0, 1}
        assert states(runtime, new.job_id) == ["succeeded", "queued"]

    def test_a_first_job_has_nothing_to_adopt(self, runtime: Runtime) -> None:
        lease = running(runtime, uploaded(runtime))

        assert adopt(runtime, lease) is None
        assert get_segments(runtime, lease.job_id) == []

    def test_only_the_lease_holder_adopts(
        self, runtime: Runtime, clock: HeldClock, failed_fan_out: uuid.UUID
    ) -> None:
        lease = replay(runtime, failed_fan_out)
        clock.advance(runtime.settings.plc_lease_sec)
        assert runtime.jobs.claim(lease.job_id, lease.type) is not None

        with pytest.raises(LeaseLostError):
            adopt(runtime, lease)
        assert get_segments(runtime, lease.job_id) == []


def test_segments_of_one_lecture_do_not_join_another(runtime: Runtime) -> None:
    first = fan_out(runtime, uploaded(runtime, "one"), 2).job_id
    second = fan_out(runtime, uploaded(runtime, "two"), 1).job_id

    assert finish_segment(runtime, first, 0) is None
    join = finish_segment(runtime, second, 0)

    assert join is not None
    assert join.job_id == second
    assert get_job(runtime, first).status == WorkStatus.RUNNING
