"""Deletion of all data of an owner, resumed after a crash.

The request is a row first; its courses then go one after the other by the deletion of courses,
and the owner's other rows with the row's completion. What a crash leaves undone the sweep does.
The completed row is the receipt: it names no person.

What limits the owner's use of today stays until it has run out: otherwise a deletion would renew
the limits. Retention deletes it then.
"""

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.accounts.exports import end_exports
from shared.deletion.lectures import delete_course
from shared.errors import ContendedError, NotFoundError
from shared.fault_points import reach
from shared.log import log
from shared.models import (
    AccountDeletion,
    CardNamespace,
    Course,
    DailyUsage,
    IdempotencyKey,
    Lecture,
    Purge,
    RateLimit,
)
from shared.runtime import Runtime

BUDGET_SEC = 60.0
"""Of one request or one run of the sweep; the next run continues."""


@dataclass(frozen=True)
class Receipt:
    id: uuid.UUID
    requested_at: datetime
    completed_at: datetime | None
    courses: int
    """There when the deletion was requested."""
    lectures: int


def request_deletion(rt: Runtime, owner: str) -> Receipt:
    """Record that everything of an owner is to be deleted, or find that it is."""

    def ask(session: Session) -> Receipt:
        session.execute(
            insert(AccountDeletion)
            .values(
                id=rt.new_id(),
                owner=owner,
                requested_at=rt.clock(),
                courses=_count_of(Course, owner),
                lectures=_count_of(Lecture, owner),
            )
            .on_conflict_do_nothing(
                index_elements=[AccountDeletion.owner],
                index_where=AccountDeletion.completed_at.is_(None),
            )
        )
        row = session.scalar(
            select(AccountDeletion).where(
                AccountDeletion.owner == owner, AccountDeletion.completed_at.is_(None)
            )
        )
        if row is None:
            raise ContendedError()  # The one that stood in the way has just been completed.
        return _receipt(row)

    return rt.transact(ask)


def carry_out(rt: Runtime, receipt_id: uuid.UUID) -> Receipt:
    """Delete what is left, as far as the time goes. May run twice at the same moment."""
    began = time.monotonic()
    while (course := _next_course(rt, receipt_id)) is not None:
        with suppress(NotFoundError):  # Another run was first.
            delete_course(rt, course)
        reach("account.course_deleted", receipt_id)
        if time.monotonic() - began > BUDGET_SEC:
            return find_receipt(rt, receipt_id)
    rt.transact(lambda session: _complete(rt, session, receipt_id))
    return find_receipt(rt, receipt_id)


def find_receipt(rt: Runtime, receipt_id: uuid.UUID) -> Receipt:
    """Raises NotFoundError."""
    with rt.database.reading() as session:
        row = session.get(AccountDeletion, receipt_id)
    if row is None:
        raise NotFoundError("There is no such receipt.")
    return _receipt(row)


def pending_deletions(session: Session, limit: int) -> list[uuid.UUID]:
    return list(
        session.scalars(
            select(AccountDeletion.id)
            .where(AccountDeletion.completed_at.is_(None))
            .order_by(AccountDeletion.requested_at)
            .limit(limit)
        )
    )


def _next_course(rt: Runtime, receipt_id: uuid.UUID) -> Course | None:
    """What was begun after the request is another use of Pegasus, and stays."""
    with rt.database.reading() as session:
        return session.scalars(
            select(Course)
            .join(AccountDeletion, AccountDeletion.owner == Course.owner)
            .where(
                AccountDeletion.id == receipt_id,
                Course.created_at <= AccountDeletion.requested_at,
            )
            .order_by(Course.id)
            .limit(1)
        ).one_or_none()


def _complete(rt: Runtime, session: Session, receipt_id: uuid.UUID) -> None:
    row = session.scalar(
        select(AccountDeletion)
        .where(AccountDeletion.id == receipt_id, AccountDeletion.completed_at.is_(None))
        .with_for_update()
    )
    if row is None or row.owner is None:
        return
    now, owner = rt.clock(), row.owner
    end_exports(session, owner, now=now)
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.scope == owner))
    session.execute(delete(CardNamespace).where(CardNamespace.owner == owner))
    session.execute(
        delete(RateLimit).where(RateLimit.scope == owner, RateLimit.theoretical_arrival_at <= now)
    )
    session.execute(
        delete(DailyUsage).where(DailyUsage.owner == owner, DailyUsage.day < now.date())
    )
    # The orders to purge continue without the name.
    session.execute(update(Purge).where(Purge.owner == owner).values(owner=""))
    row.owner, row.completed_at = None, now
    log.info("account.deleted", lectures=row.lectures)


def _count_of(table: type[Course] | type[Lecture], owner: str) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(table.owner == owner).scalar_subquery()


def _receipt(row: AccountDeletion) -> Receipt:
    return Receipt(row.id, row.requested_at, row.completed_at, row.courses, row.lectures)
