"""Rows that have served their purpose: sent messages, answers kept for a repetition, limits."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    delete,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from functions.retention.policies.conditions import busy, held
from shared.models import (
    ArtifactRow,
    Base,
    Course,
    DailyUsage,
    DeadLetter,
    IdempotencyKey,
    Lecture,
    LectureMark,
    OperatorAccess,
    OutboxMessage,
    RateLimit,
    RejectedUpload,
    SweepFailure,
    UploadRegistration,
)

BATCH = 5000
"""Rows of one transaction, so that none holds up those who write beside it."""
OUTBOX_DAYS = 7
DEAD_LETTER_DAYS = 30
"""What a message holds is not known: this bounds how long it is kept."""
OPERATOR_ACCESS_DAYS = 365
REJECTED_DAYS = 30
REGISTRATION_DAYS = 7
"""Longer than any notification is delivered again."""


def _marks_nothing(as_of: datetime) -> ColumnElement[bool]:
    """Of a lecture whose recording, transcript and material have all been deleted."""
    return exists().where(
        Lecture.id == LectureMark.lecture_id,
        Course.id == Lecture.course_id,
        Lecture.raw_deleted_at.is_not(None),
        Lecture.transcript_object.is_(None),
        ~exists().where(ArtifactRow.lecture_id == Lecture.id).correlate(Lecture),
        ~held(as_of),
        ~busy,
    )


_used_up: Mapping[type[Base], Callable[[datetime], ColumnElement[bool]]] = {
    # What was not sent is never past use.
    OutboxMessage: lambda as_of: OutboxMessage.published_at <= as_of - timedelta(days=OUTBOX_DAYS),
    IdempotencyKey: lambda as_of: IdempotencyKey.expires_at <= as_of,
    # Of objects whose attempts are used up, or that were deleted between two of them.
    UploadRegistration: lambda as_of: (
        UploadRegistration.updated_at <= as_of - timedelta(days=REGISTRATION_DAYS)
    ),
    DeadLetter: lambda as_of: DeadLetter.created_at <= as_of - timedelta(days=DEAD_LETTER_DAYS),
    OperatorAccess: lambda as_of: (
        OperatorAccess.accessed_at <= as_of - timedelta(days=OPERATOR_ACCESS_DAYS)
    ),
    # Of an upload that belongs to no lecture; its object is deleted long before.
    RejectedUpload: lambda as_of: and_(
        RejectedUpload.created_at <= as_of - timedelta(days=REJECTED_DAYS),
        ~exists().where(Lecture.id == RejectedUpload.lecture_id),
    ),
    LectureMark: _marks_nothing,
    # Of what was mended or deleted otherwise; a failure of today is newer.
    SweepFailure: lambda as_of: SweepFailure.updated_at <= as_of - timedelta(days=1),
    DailyUsage: lambda as_of: DailyUsage.day < as_of.date() - timedelta(days=1),
    RateLimit: lambda as_of: RateLimit.theoretical_arrival_at <= as_of,
}
USED = {f"used:{table.__tablename__}": table for table in _used_up}
"""The tables by the name of the step that expires each."""


def count_used(session: Session, table: type[Base], as_of: datetime) -> int:
    return (
        session.scalar(select(func.count()).select_from(table).where(_used_up[table](as_of))) or 0
    )


def drop_used(session: Session, table: type[Base], as_of: datetime) -> int:
    """Delete a batch; returns how many. Fewer than BATCH were the last."""
    # The row's place, which every table has; another's lock is not waited for.
    ctid: ColumnElement[Any] = literal_column(f"{table.__tablename__}.ctid")
    batch = (
        select(ctid)
        .select_from(table)
        .where(_used_up[table](as_of))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    done = session.execute(
        delete(table).where(ctid.in_(batch)).execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", done).rowcount
