"""Transactions that Postgres aborts are repeated, a bounded number of times."""

import dataclasses
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from functions.ingest.app import create_app
from shared.database.transactions import ATTEMPTS, FIRST_PAUSE_SEC, Transactions
from shared.errors import ContendedError
from shared.errors.sqlstate import sqlstate
from shared.messaging import outbox
from shared.runtime import Runtime
from shared.work.jobs import Enqueued, Jobs
from tests.support.lectures.builders import add_lecture, get_outbox, uploaded
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import PATIENCE_SEC, at_once

ABORT = text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$")
REFUSE = text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'check_violation'; END $$")


def test_two_that_wait_for_each_other_both_commit(runtime: Runtime) -> None:
    ids = [str(uploaded(runtime, slug).id) for slug in ("one", "two")]
    both_hold_one = threading.Barrier(2)
    tries: list[object] = []

    def touch(order: list[str]) -> None:
        first_try = True

        def work(session: Session) -> None:
            nonlocal first_try
            tries.append(order)
            title = text("UPDATE lectures SET title = coalesce(title, '') || 'x' WHERE id = :id")
            session.execute(title, {"id": order[0]})
            if first_try:
                first_try = False
                both_hold_one.wait(PATIENCE_SEC)
            session.execute(title, {"id": order[1]})

        runtime.transact(work)

    at_once(touch, [ids, ids[::-1]])

    # Three, unless the one that was preferred does not run for longer than a pause.
    assert 3 <= len(tries) < 2 * ATTEMPTS
    with runtime.database.engine.connect() as connection:
        titles = connection.scalars(text("SELECT title FROM lectures")).all()
    assert titles == ["xx", "xx"]


def test_messages_are_published_once_and_only_of_what_was_committed(
    runtime: Runtime, messages: RecordingMessages
) -> None:
    tries: list[object] = []

    def work(session: Session) -> None:
        tries.append(None)
        outbox.put(session, "export", {"try": len(tries)}, now=runtime.clock())
        session.flush()
        if len(tries) < 3:
            session.execute(ABORT)

    runtime.transact(work)

    assert messages.to("export") == [{"try": 3}]
    assert [row.payload for row in get_outbox(runtime)] == [{"try": 3}]


def test_attempts_are_bounded(runtime: Runtime) -> None:
    tries: list[object] = []

    def work(session: Session) -> None:
        tries.append(None)
        session.execute(ABORT)

    with pytest.raises(ContendedError):
        runtime.transact(work)
    assert len(tries) == ATTEMPTS


def test_each_repetition_waits_longer_for_the_transaction_that_was_preferred(
    runtime: Runtime,
) -> None:
    pauses: list[float] = []
    transactions = Transactions(
        runtime.database, committed=runtime.outbox.publish, pause=pauses.append
    )

    with pytest.raises(ContendedError):
        transactions.run(lambda session: session.execute(ABORT))

    longest = [FIRST_PAUSE_SEC * 2**number for number in range(ATTEMPTS - 1)]
    assert len(pauses) == len(longest)
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


def test_any_other_error_of_the_database_propagates_at_the_first_attempt(
    runtime: Runtime,
) -> None:
    tries: list[object] = []

    def work(session: Session) -> None:
        tries.append(None)
        session.execute(REFUSE)

    with pytest.raises(DBAPIError) as refused:
        runtime.transact(work)
    assert sqlstate(refused.value) == "23514"
    assert len(tries) == 1


class _Contended(Jobs):
    def enqueue(self, session: Session, **_: object) -> Enqueued:
        session.execute(ABORT)
        raise AssertionError


def test_the_api_answers_503_with_retry_after(runtime: Runtime) -> None:
    lecture = add_lecture(runtime, transcript_object="transcripts/x")
    jobs = _Contended(
        runtime.transactions, clock=runtime.clock, new_id=runtime.new_id, settings=runtime.settings
    )
    client = create_app(dataclasses.replace(runtime, jobs=jobs)).test_client()

    answer = client.post(f"/lectures/{lecture.slug}/generate", json={})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "contended")
    assert int(answer.headers["Retry-After"]) >= 1
