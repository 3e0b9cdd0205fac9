"""Every committed change is published; no change that was rolled back is."""

import contextlib
import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from shared.errors import LeaseLostError, TransientError
from shared.log import bind_request
from shared.messaging import outbox
from shared.messaging.outbox import Outbox
from shared.models import JobType, WorkStatus
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.stages import ExportParams, GenerationParams
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    get_job,
    get_jobs,
    get_outbox,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages

GRACE = timedelta(seconds=15)


class Crash(BaseException):
    """The process ends here."""


def put(rt: Runtime, *destinations: str) -> None:
    """Commit messages whose writer dies before it can send them."""
    with rt.database.unit_of_work() as session:
        for destination in destinations:
            outbox.put(session, destination, {"for": destination}, now=rt.clock())
        session.commit()


def finish_and_chain(rt: Runtime, lease: Lease, *, before_commit: BaseException | None) -> None:
    """What every stage does at its end."""
    with rt.database.unit_of_work() as session:
        rt.jobs.complete(session, lease, result={"transcript": "here"})
        rt.jobs.enqueue(
            session, lecture_id=lease.lecture_id, params=GenerationParams(preset_id="exam")
        )
        if before_commit:
            raise before_commit
        session.commit()
        rt.outbox.publish(session)


def test_result_next_job_and_message_come_together(
    runtime: Runtime, messages: RecordingMessages
) -> None:
    lecture = uploaded(runtime)
    lease = running(runtime, lecture)

    finish_and_chain(runtime, lease, before_commit=None)

    done, following = get_jobs(runtime, lecture)
    assert (done.status, done.result) == (WorkStatus.SUCCEEDED, {"transcript": "here"})
    assert (following.type, following.status) == (JobType.GENERATION, WorkStatus.QUEUED)
    assert messages.to("generate") == [{"jobId": str(following.id)}]
    assert all(row.published_at for row in get_outbox(runtime))


@pytest.mark.parametrize("end", [Crash(), LeaseLostError(), RuntimeError()])
def test_or_not_at_all(runtime: Runtime, messages: RecordingMessages, end: BaseException) -> None:
    lecture = uploaded(runtime)
    lease = running(runtime, lecture)
    sent_before, rows_before = len(messages.sent), len(get_outbox(runtime))

    with pytest.raises(type(end)):
        finish_and_chain(runtime, lease, before_commit=end)

    [job] = get_jobs(runtime, lecture)
    assert (job.status, job.result, job.lease_token) == (WorkStatus.RUNNING, None, lease.token)
    assert (len(messages.sent), len(get_outbox(runtime))) == (sent_before, rows_before)


@pytest.mark.parametrize(
    "trouble", [TransientError("away"), RuntimeError("unforeseen"), Crash()], ids=repr
)
def test_what_could_not_be_sent_after_the_commit_is_sent_once_by_the_sweep(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock, trouble: BaseException
) -> None:
    lecture = uploaded(runtime)
    lease = running(runtime, lecture)
    messages.down["generate"] = trouble
    with contextlib.suppress(Crash):
        finish_and_chain(runtime, lease, before_commit=None)
    assert get_job(runtime, lease.job_id).status == WorkStatus.SUCCEEDED
    assert messages.to("generate") == []
    assert get_outbox(runtime)[-1].published_at is None

    messages.down.clear()
    clock.advance(20)

    assert [runtime.outbox.sweep(older_than=GRACE) for _ in range(2)] == [1, 0]
    following = get_jobs(runtime, lecture, JobType.GENERATION)[0]
    assert messages.to("generate") == [{"jobId": str(following.id)}]
    assert get_outbox(runtime)[-1].published_at == clock.now


def test_work_that_committed_does_not_fail_because_its_message_cannot_be_marked(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    def refuse(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE outbox"):
            raise RuntimeError("The database is away.")

    event.listen(Engine, "before_cursor_execute", refuse)
    try:
        with runtime.transaction() as tx:
            outbox.put(tx.session, "export", {"for": "export"}, now=clock())
            tx.commit()
        clock.advance(20)
        with pytest.raises(RuntimeError):
            runtime.outbox.sweep(older_than=GRACE)
    finally:
        event.remove(Engine, "before_cursor_execute", refuse)

    assert [row.published_at for row in get_outbox(runtime)] == [None]
    assert runtime.outbox.sweep(older_than=GRACE) == 1
    assert {message.dedup_key for message in messages.sent} == {messages.sent[0].dedup_key}


def test_messages_are_sent_when_the_transaction_holds_nothing_any_more(
    runtime: Runtime, clock: HeldClock
) -> None:
    checked_out: list[int] = []

    class Looking(RecordingMessages):
        def send(self, *destination: Any, **message: Any) -> None:
            checked_out.append(runtime.database.engine.pool.checkedout())  # type: ignore[attr-defined]

    sender = Outbox(runtime.database, Looking(), clock)
    rt = dataclasses.replace(runtime, outbox=sender)
    with rt.transaction() as tx:
        outbox.put(tx.session, "export", {}, now=clock())
        tx.commit()
    rt.transact(lambda session: outbox.put(session, "export", {}, now=clock()))

    assert checked_out == [0, 0]


def test_a_crash_after_sending_repeats_the_message_under_the_same_name(
    runtime: Runtime, clock: HeldClock, messages: RecordingMessages
) -> None:
    class SendsAndDies(RecordingMessages):
        def send(
            self,
            destination: str,
            payload: Mapping[str, Any],
            *,
            attributes: Mapping[str, str],
            dedup_key: str,
        ) -> None:
            messages.send(destination, payload, attributes=attributes, dedup_key=dedup_key)
            raise Crash

    dying = outbox.Outbox(runtime.database, SendsAndDies(), clock)
    with runtime.database.unit_of_work() as session:
        outbox.put(session, "segments", {"index": 0}, now=clock())
        session.commit()
        with pytest.raises(Crash):
            dying.publish(session)
    clock.advance(20)
    runtime.outbox.sweep(older_than=GRACE)

    first, second = messages.sent
    assert first == second


def test_every_message_has_a_name_of_its_own(runtime: Runtime, clock: HeldClock) -> None:
    put(runtime, "segments", "segments", "generate")
    clock.advance(20)
    runtime.outbox.sweep(older_than=GRACE)

    assert isinstance(runtime.messages, RecordingMessages)
    assert len({message.dedup_key for message in runtime.messages.sent}) == 3


def test_the_sweep_leaves_young_messages_to_their_writer(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    put(runtime, "export")

    clock.advance(14)
    assert runtime.outbox.sweep(older_than=GRACE) == 0
    clock.advance(1)
    assert runtime.outbox.sweep(older_than=GRACE) == 1
    assert messages.to("export") == [{"for": "export"}]


@pytest.mark.parametrize("trouble", [TransientError("away"), ValueError("unforeseen")], ids=repr)
def test_a_destination_that_is_down_does_not_hold_up_the_others(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock, trouble: Exception
) -> None:
    put(runtime, "segments", "transcribe", "segments", "export")
    messages.down["segments"] = trouble
    clock.advance(20)

    assert runtime.outbox.sweep(older_than=GRACE) == 2
    assert [message.destination for message in messages.sent] == ["transcribe", "export"]

    messages.down.clear()
    assert runtime.outbox.sweep(older_than=GRACE) == 2
    assert [message.destination for message in messages.sent[2:]] == ["segments", "segments"]


def test_a_long_outage_is_made_up_for_in_one_run_and_in_order(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    count = 2 * outbox.BATCH + 1
    with runtime.database.unit_of_work() as session:
        for index in range(count):
            outbox.put(session, "segments", {"index": index}, now=clock())
        session.commit()
    clock.advance(20)

    assert runtime.outbox.sweep(older_than=GRACE) == count
    assert [payload["index"] for payload in messages.to("segments")] == list(range(count))


def test_a_message_carries_the_trace_of_the_request_that_caused_it(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    traceparent = f"00-{'a' * 32}-{'b' * 16}-01"
    bind_request({"traceparent": traceparent})
    put(runtime, "export")
    bind_request({})
    clock.advance(20)
    runtime.outbox.sweep(older_than=GRACE)

    assert messages.sent[0].attributes == {"traceparent": traceparent}


def test_a_session_that_was_not_committed_sends_nothing(
    runtime: Runtime, messages: RecordingMessages, clock: HeldClock
) -> None:
    lecture = uploaded(runtime)
    with runtime.database.unit_of_work() as session:
        runtime.jobs.enqueue(session, lecture_id=lecture.id, params=ExportParams())

    clock.advance(20)
    assert runtime.outbox.sweep(older_than=GRACE) == 0
    assert (messages.sent, get_outbox(runtime)) == ([], [])
    assert get_jobs(runtime, lecture) == []
