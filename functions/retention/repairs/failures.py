"""Rows that a repair fails on: skipped for a while, retried, and recorded.

A row that fails for an unforeseen reason must not stop the repair for the other rows, nor take
its place in every run. It is tried again ever later; once it has failed as often as a job may,
it is recorded as a dead letter, where an operator finds it.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.retention.repairs import BATCH
from shared.errors import TransientError
from shared.log import log
from shared.models import SweepFailure
from shared.runtime import Runtime
from shared.text import spelled_out
from shared.work.retry import Failure
from shared.workers import dead_letters

RETRY_FIRST = timedelta(minutes=1)
RETRY_LATEST = timedelta(hours=1)

AS_A_WHOLE = ""
"""The subject of a repair that failed before it came to any row."""

S = TypeVar("S")


class RowsFailedError(Exception):
    """Some rows could not be mended; each has been recorded."""


def mend_each(
    rt: Runtime,
    repair: str,
    find: Callable[[Session, int], Sequence[S]],
    mend: Callable[[S], int],
    *,
    subject: Callable[[S], str] = str,
    limit: int = BATCH,
    stop_at: tuple[type[Exception], ...] = (TransientError,),
) -> int:
    """Mend what `find` finds, up to `limit`, each separately. Returns the sum of what `mend` does.

    `stop_at` ends the repair: what all of them depend on is unavailable. Raises those, and
    RowsFailedError after all others have had their turn.
    """

    def key(each: S) -> str:
        return spelled_out(subject(each))

    failing = _failing(rt, repair)
    passed_over = {each for each, retry_at in failing.items() if retry_at > rt.clock()}
    with rt.database.reading() as session:
        found = find(session, limit + len(passed_over))
    due = [each for each in found if key(each) not in passed_over][:limit]
    mended = failed = 0
    for each in due:
        try:
            mended += mend(each)
        except stop_at:
            raise
        except Exception as error:
            failed += 1
            note(rt, repair, key(each), error)
        else:
            if key(each) in failing:
                clear(rt, repair, key(each))
    if failed:
        raise RowsFailedError(f"{failed} of {len(due)} failed, {mended} mended")
    return mended


def note(rt: Runtime, repair: str, subject: str, error: Exception) -> None:
    """Record a failure. Raises what the database does: without it there is nothing to mend."""
    failure, now = Failure.of(error), rt.clock()
    log.error("sweep.failed", repair=repair, subject=subject, code=failure.code, exc_info=error)
    with rt.transaction() as tx:
        values = {"error": failure.to_json(), "retry_at": now, "updated_at": now}
        row = tx.session.scalars(
            insert(SweepFailure)
            .values(repair=repair, subject=subject, failures=1, **values)
            .on_conflict_do_update(
                index_elements=[SweepFailure.repair, SweepFailure.subject],
                set_={"failures": SweepFailure.failures + 1, **values},
            )
            .returning(SweepFailure)
        ).one()
        if subject != AS_A_WHOLE:
            row.retry_at = now + min(RETRY_FIRST * 2 ** min(row.failures - 1, 10), RETRY_LATEST)
        if row.failures == rt.settings.plc_job_max_attempts:
            dead_letters.record(
                rt,
                tx.session,
                source=f"sweep:{repair}",
                message_id=f"{subject} {now.isoformat()}",
                payload=json.dumps({"repair": repair, "subject": subject}),
                attributes={"reason": failure.code, "message": failure.message},
            )
        tx.commit()


def clear(rt: Runtime, repair: str, subject: str) -> None:
    """It has been mended."""
    with rt.transaction() as tx:
        tx.session.execute(
            delete(SweepFailure).where(
                SweepFailure.repair == repair, SweepFailure.subject == subject
            )
        )
        tx.commit()


def repairs_that_failed(rt: Runtime) -> set[str]:
    """As a whole, when they were last run."""
    with rt.database.reading() as session:
        return set(
            session.scalars(select(SweepFailure.repair).where(SweepFailure.subject == AS_A_WHOLE))
        )


def _failing(rt: Runtime, repair: str) -> dict[str, datetime]:
    with rt.database.reading() as session:
        return {
            row.subject: row.retry_at
            for row in session.scalars(select(SweepFailure).where(SweepFailure.repair == repair))
        }
