"""The job protocol under everything that delivery may do to it."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import LeaseLostError, NoSpeechError, TransientError
from shared.models import JobType, LectureStatus, WorkStatus
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.work.stages import TranscriptionParams
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import DONE, DUPLICATE, Ending
from shared.workers.worker import run_job
from tests.integration.local_stack.receiver import wait_until
from tests.support.clock import HeldClock
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures.builders import (
    changed,
    columns,
    complete,
    enqueue,
    failed,
    get_job,
    get_jobs,
    get_lecture,
    get_outbox,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import PATIENCE_SEC, at_once

SPEECH = JobType.TRANSCRIPTION


def statuses(rt: Runtime, job_id: uuid.UUID) -> list[str]:
    return [entry["status"] for entry in get_job(rt, job_id).history]


class TestAskingForWork:
    def test_a_job_starts_with_one_message(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)

        job_id = enqueue(runtime, lecture)

        assert messages.to("transcribe") == [{"jobId": str(job_id)}]
        assert get_job(runtime, job_id).status == WorkStatus.QUEUED

    def test_an_uploaded_lecture_is_in_progress_once_its_job_is_claimed(
        self, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        job_id = enqueue(runtime, lecture)
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED

        runtime.jobs.claim(job_id, SPEECH)

        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING

    def test_a_lecture_that_was_over_is_in_progress_again_at_once(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        failed(runtime, lecture)
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED

        enqueue(runtime, lecture)

        row = get_lecture(runtime, lecture)
        assert (row.status, row.error) == (LectureStatus.PROCESSING, None)

    @pytest.mark.parametrize("already", ["queued", "running"])
    def test_asking_twice_finds_the_live_job_and_sends_nothing_more(
        self, runtime: Runtime, messages: RecordingMessages, already: str
    ) -> None:
        lecture = uploaded(runtime)
        first = enqueue(runtime, lecture)
        if already == "running":
            runtime.jobs.claim(first, SPEECH)

        with runtime.database.unit_of_work() as session:
            again = runtime.jobs.enqueue(
                session, lecture_id=lecture.id, params=TranscriptionParams()
            )
            session.commit()
            runtime.outbox.publish(session)

        assert (again.job_id, again.deduplicated) == (first, True)
        assert len(get_jobs(runtime, lecture)) == 1
        assert len(messages.sent) == 1
        assert get_job(runtime, first).run_again is False

    def test_many_asking_at_once_share_one_job(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)

        def ask(_: int) -> tuple[uuid.UUID, bool]:
            with runtime.database.unit_of_work() as session:
                enqueued = runtime.jobs.enqueue(
                    session, lecture_id=lecture.id, params=TranscriptionParams()
                )
                session.commit()
                runtime.outbox.publish(session)
            return enqueued.job_id, enqueued.deduplicated

        answers = at_once(ask, range(8))

        assert len({job_id for job_id, _ in answers}) == 1
        assert sorted(deduplicated for _, deduplicated in answers) == [False] + [True] * 7
        assert len(messages.to("transcribe")) == 1

    def test_other_stages_and_other_lectures_do_not_stand_in_the_way(
        self, runtime: Runtime
    ) -> None:
        first, second = uploaded(runtime, "one"), uploaded(runtime, "two")

        jobs = {enqueue(runtime, first), enqueue(runtime, second)}
        jobs.add(enqueue(runtime, first, JobType.GENERATION))

        assert len(jobs) == 3

    def test_a_job_that_is_over_makes_room_for_another(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        first = running(runtime, lecture)
        complete(runtime, first)

        assert enqueue(runtime, lecture) != first.job_id

    def test_new_input_for_a_running_job_has_it_done_once_more(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)
        lease = running(runtime, lecture, JobType.GENERATION)

        assert enqueue(runtime, lecture, JobType.GENERATION, new_input=True) == lease.job_id
        enqueue(runtime, lecture, JobType.GENERATION, new_input=True)
        complete(runtime, lease)

        first, second = get_jobs(runtime, lecture)
        assert (first.status, second.status) == (WorkStatus.SUCCEEDED, WorkStatus.QUEUED)
        assert second.params == first.params
        assert messages.to("generate") == [{"jobId": str(j.id)} for j in (first, second)]

        again = runtime.jobs.claim(second.id, JobType.GENERATION)
        assert again is not None
        complete(runtime, again)
        assert len(get_jobs(runtime, lecture)) == 2

    def test_new_input_for_a_job_that_waits_is_read_by_it(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        job_id = enqueue(runtime, lecture, JobType.GENERATION)

        enqueue(runtime, lecture, JobType.GENERATION, new_input=True)
        lease = runtime.jobs.claim(job_id, JobType.GENERATION)
        assert lease is not None
        complete(runtime, lease)

        assert len(get_jobs(runtime, lecture)) == 1

    def test_new_input_outlives_the_failure_of_the_job_that_read_the_old(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)
        lease = running(runtime, lecture, JobType.GENERATION)
        enqueue(runtime, lecture, JobType.GENERATION, new_input=True)

        runtime.jobs.fail(lease, Failure.of(NoSpeechError()))

        first, second = get_jobs(runtime, lecture)
        assert (first.status, second.status) == (WorkStatus.FAILED, WorkStatus.QUEUED)
        assert get_outbox(runtime)[-1].payload == {"jobId": str(second.id)}
        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING
        assert messages.to("generate")[-1] == {"jobId": str(second.id)}

    def test_a_replay_keeps_the_parameters_and_says_where_it_came_from(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)
        params = {"model": "tiny", "language": "de"}
        job_id = enqueue(runtime, lecture, params=params)
        lease = runtime.jobs.claim(job_id, SPEECH)
        assert lease is not None
        runtime.jobs.fail(lease, Failure.of(NoSpeechError()))

        with runtime.database.unit_of_work() as session:
            new = runtime.jobs.replay(session, get_job(runtime, job_id))
            session.commit()
            runtime.outbox.publish(session)

        job = get_job(runtime, new.job_id)
        assert (job.params, job.replayed_from, job.attempt) == (params, job_id, 0)
        assert messages.to("transcribe")[-1] == {"jobId": str(new.job_id)}
        assert get_lecture(runtime, lecture).error is None


class TestClaiming:
    def test_exactly_one_of_many_wins(self, runtime: Runtime) -> None:
        job_id = enqueue(runtime, uploaded(runtime))

        leases = at_once(lambda _: runtime.jobs.claim(job_id, SPEECH), range(12))

        won = [lease for lease in leases if lease is not None]
        assert len(won) == 1
        assert get_job(runtime, job_id).lease_token == won[0].token
        assert get_job(runtime, job_id).attempt == 1

    def test_a_live_lease_is_respected(self, runtime: Runtime, clock: HeldClock) -> None:
        lease = running(runtime, uploaded(runtime))

        clock.advance(runtime.settings.plc_lease_sec - 1)

        assert runtime.jobs.claim(lease.job_id, SPEECH) is None

    def test_an_expired_lease_is_taken_over_by_exactly_one(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        old = running(runtime, uploaded(runtime))
        clock.advance(runtime.settings.plc_lease_sec)

        leases = at_once(lambda _: runtime.jobs.claim(old.job_id, SPEECH), range(8))

        [new] = [lease for lease in leases if lease is not None]
        assert (new.attempt, old.attempt) == (2, 1)
        assert new.token != old.token
        assert new.created_at == old.created_at

    def test_a_job_is_not_taken_for_one_of_another_stage(self, runtime: Runtime) -> None:
        job_id = enqueue(runtime, uploaded(runtime))

        assert runtime.jobs.claim(job_id, JobType.EXPORT) is None
        assert runtime.jobs.claim(uuid.uuid4(), SPEECH) is None

    @pytest.mark.parametrize("ending", ["succeeded", "failed"])
    def test_a_late_message_does_not_start_a_job_that_is_over(
        self, runtime: Runtime, clock: HeldClock, ending: str
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        if ending == "succeeded":
            complete(runtime, lease)
        else:
            runtime.jobs.fail(lease, Failure.of(NoSpeechError()))
        clock.advance(days=1)

        assert runtime.jobs.claim(lease.job_id, SPEECH) is None

    def test_nobody_claims_beyond_the_last_attempt(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_job_max_attempts=2)
        job_id = enqueue(rt, uploaded(rt))
        for _ in range(2):
            assert rt.jobs.claim(job_id, SPEECH) is not None
            clock.advance(rt.settings.plc_lease_sec)

        assert rt.jobs.claim(job_id, SPEECH) is None
        assert get_job(rt, job_id).attempt == 2


class TestFencing:
    """A worker that was presumed dead and is not."""

    @pytest.fixture
    def replaced(self, runtime: Runtime, clock: HeldClock) -> Lease:
        lease = running(runtime, uploaded(runtime))
        clock.advance(runtime.settings.plc_lease_sec)
        assert runtime.jobs.claim(lease.job_id, SPEECH) is not None
        return lease

    @pytest.mark.parametrize("successor", ["at work", "finished"])
    @pytest.mark.parametrize("deed", ["complete", "fail", "give up", "hold", "add", "hand over"])
    def test_may_change_nothing(
        self, runtime: Runtime, replaced: Lease, deed: str, successor: str
    ) -> None:
        if successor == "finished":
            complete(runtime, Lease.of(get_job(runtime, replaced.job_id)))
        before = columns(get_job(runtime, replaced.job_id))

        with (
            pytest.raises(LeaseLostError),
            runtime.database.unit_of_work() as session,
        ):
            match deed:
                case "complete":
                    runtime.jobs.complete(session, replaced, result={"stale": True})
                case "fail":
                    runtime.jobs.fail(replaced, Failure.of(TransientError()))
                case "give up":
                    runtime.jobs.fail(replaced, Failure.of(NoSpeechError()))
                case "hold":
                    runtime.jobs.hold(session, replaced)
                case "add":
                    runtime.segments.add(
                        session, replaced, index=0, start=0, end=1, audio="stale.flac"
                    )
                case "hand over":
                    runtime.segments.hand_over(session, replaced, 1)
            session.commit()

        assert columns(get_job(runtime, replaced.job_id)) == before

    def test_cannot_be_replaced_while_it_writes(self, runtime: Runtime, clock: HeldClock) -> None:
        lease = running(runtime, uploaded(runtime))
        clock.advance(runtime.settings.plc_lease_sec)

        with (
            ThreadPoolExecutor(1) as pool,
            runtime.database.unit_of_work() as session,
        ):
            runtime.jobs.hold(session, lease)
            successor = pool.submit(runtime.jobs.claim, lease.job_id, SPEECH)
            wait_until(
                lambda: successor.done() or a_transaction_waits(runtime.database),
                "the successor has claimed or waits for its turn",
            )
            assert not successor.done()
            runtime.jobs.complete(session, lease, result={})
            session.commit()

            assert successor.result(PATIENCE_SEC) is None

    def test_cannot_report_or_renew(self, runtime: Runtime, replaced: Lease) -> None:
        before = columns(get_job(runtime, replaced.job_id))

        runtime.jobs.report(replaced, {"done": 99})

        assert runtime.jobs.renew(replaced) is False
        assert columns(get_job(runtime, replaced.job_id)) == before

    def test_the_right_worker_renews_reports_and_finishes(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        clock.advance(runtime.settings.plc_lease_sec - 1)

        assert runtime.jobs.renew(lease) is True
        runtime.jobs.report(lease, {"done": 1})
        clock.advance(runtime.settings.plc_lease_sec - 1)
        assert runtime.jobs.claim(lease.job_id, SPEECH) is None
        complete(runtime, lease, {"made": "a transcript"})

        job = get_job(runtime, lease.job_id)
        assert (job.status, job.progress, job.result) == (
            WorkStatus.SUCCEEDED,
            {"done": 1},
            {"made": "a transcript"},
        )


class TestRunning:
    def run(
        self, rt: Runtime, job_id: uuid.UUID, work: Callable[[Lease, Heartbeat], None]
    ) -> Ending:
        return run_job(rt, job_id, SPEECH, work).ending

    def test_work_that_succeeds_is_done_and_a_second_delivery_does_nothing(
        self, runtime: Runtime
    ) -> None:
        job_id = enqueue(runtime, uploaded(runtime))
        done: list[int] = []

        def work(lease: Lease, _: Heartbeat) -> None:
            done.append(lease.attempt)
            complete(runtime, lease)

        assert run_job(runtime, job_id, SPEECH, work) == DONE
        assert run_job(runtime, job_id, SPEECH, work) == DUPLICATE
        assert done == [1]
        assert statuses(runtime, job_id) == ["queued", "running", "succeeded"]

    def test_a_permanent_error_fails_job_and_lecture_with_a_reason(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        job_id = enqueue(runtime, lecture)

        def work(_lease: Lease, _: Heartbeat) -> None:
            raise NoSpeechError("Nobody says a word.")

        assert self.run(runtime, job_id, work) == Ending.FAILED

        reason = {"code": "no_speech", "message": "Nobody says a word."}
        job = get_job(runtime, job_id)
        assert (job.status, job.error, job.attempt) == (WorkStatus.FAILED, reason, 1)
        assert statuses(runtime, job_id) == ["queued", "running", "failed"]
        row = get_lecture(runtime, lecture)
        assert (row.status, row.error) == (LectureStatus.FAILED, reason)

    def test_a_transient_error_is_tried_again_until_it_works(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        job_id = enqueue(runtime, lecture)

        def work(lease: Lease, _: Heartbeat) -> None:
            if lease.attempt < 3:
                raise TransientError("storage: away")
            complete(runtime, lease)

        assert self.run(runtime, job_id, work) == Ending.RETRY
        waiting = get_job(runtime, job_id)
        assert (waiting.status, waiting.lease_token) == (WorkStatus.QUEUED, None)
        assert waiting.error == {"code": "unavailable", "message": "storage: away"}
        assert self.run(runtime, job_id, work) == Ending.RETRY
        assert self.run(runtime, job_id, work) == Ending.DONE

        job = get_job(runtime, job_id)
        assert (job.status, job.error, job.attempt) == (WorkStatus.SUCCEEDED, None, 3)
        assert statuses(runtime, job_id) == ["queued", "running"] * 3 + ["succeeded"]

    def test_the_last_attempt_fails_the_job(self, runtime: Runtime) -> None:
        rt = changed(runtime, plc_job_max_attempts=2)
        lecture = uploaded(rt)
        job_id = enqueue(rt, lecture)

        def work(_lease: Lease, _: Heartbeat) -> None:
            raise TransientError("storage: away")

        assert [self.run(rt, job_id, work) for _ in range(3)] == [
            Ending.RETRY,
            Ending.FAILED,
            Ending.DUPLICATE,
        ]
        assert get_job(rt, job_id).status == WorkStatus.FAILED
        assert get_lecture(rt, lecture).error == {
            "code": "unavailable",
            "message": "storage: away",
        }

    def test_what_an_unforeseen_error_says_stays_out_of_the_row(
        self, runtime: Runtime, capsys: pytest.CaptureFixture[str]
    ) -> None:
        job_id = enqueue(runtime, uploaded(runtime))

        def work(_lease: Lease, _: Heartbeat) -> None:
            raise KeyError("token=abc, and the professor said")

        outcome = run_job(runtime, job_id, SPEECH, work)

        assert outcome.ending == Ending.RETRY
        assert outcome.failure is not None
        assert "professor" not in outcome.failure.message
        job = get_job(runtime, job_id)
        assert job.error == {"code": "internal", "message": "An internal error (KeyError)."}

    def test_losing_the_lease_ends_the_work_without_a_trace(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = enqueue(runtime, uploaded(runtime))
        seen: list[Lease] = []

        def work(lease: Lease, _: Heartbeat) -> None:
            clock.advance(runtime.settings.plc_lease_sec)
            successor = runtime.jobs.claim(job_id, SPEECH)
            assert successor is not None
            seen.append(successor)
            complete(runtime, lease)

        assert run_job(runtime, job_id, SPEECH, work) == DUPLICATE
        assert get_job(runtime, job_id).lease_token == seen[0].token

    def test_an_error_after_the_lease_was_lost_does_not_fail_the_successor(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = enqueue(runtime, uploaded(runtime))

        def work(_lease: Lease, _: Heartbeat) -> None:
            clock.advance(runtime.settings.plc_lease_sec)
            assert runtime.jobs.claim(job_id, SPEECH) is not None
            raise NoSpeechError()

        assert run_job(runtime, job_id, SPEECH, work) == DUPLICATE
        assert get_job(runtime, job_id).status == WorkStatus.RUNNING

    def test_long_work_keeps_its_lease_by_its_heartbeat(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_lease_sec=1)
        job_id = enqueue(rt, uploaded(rt))

        def work(lease: Lease, heartbeat: Heartbeat) -> None:
            clock.advance(3600)
            _until(lambda: (get_job(rt, job_id).lease_expires_at or clock.now) > clock.now)
            assert rt.jobs.claim(job_id, SPEECH) is None
            heartbeat.check()
            complete(rt, lease)

        assert run_job(rt, job_id, SPEECH, work) == DONE

    def test_the_heartbeat_tells_a_replaced_worker(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        rt = changed(runtime, plc_lease_sec=1)
        job_id = enqueue(rt, uploaded(rt))
        told: list[bool] = []

        def work(_lease: Lease, heartbeat: Heartbeat) -> None:
            _take_over(rt, clock, job_id)
            _until(lambda: _raises_lease_lost(heartbeat))
            told.append(True)
            heartbeat.check()

        assert run_job(rt, job_id, SPEECH, work) == DUPLICATE
        assert told == [True]


def test_a_failed_job_of_one_lecture_leaves_others_alone(runtime: Runtime) -> None:
    healthy = uploaded(runtime, "healthy")
    lease = running(runtime, healthy)

    failed(runtime, uploaded(runtime, "broken"))

    assert get_job(runtime, lease.job_id).status == WorkStatus.RUNNING
    assert get_lecture(runtime, healthy).status == LectureStatus.PROCESSING


def _take_over(rt: Runtime, clock: HeldClock, job_id: uuid.UUID) -> None:
    """Be quicker than the heartbeat, which renews at the same time."""

    def attempt() -> bool:
        clock.advance(3600)
        return rt.jobs.claim(job_id, SPEECH) is not None

    _until(attempt)


def _raises_lease_lost(heartbeat: Heartbeat) -> bool:
    try:
        heartbeat.check()
    except LeaseLostError:
        return True
    return False


def _until(condition: Callable[[], bool]) -> None:
    wait_until(condition, "the condition holds")
