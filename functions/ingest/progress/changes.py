"""Which lectures of an owner have changed since a transaction, asked of the rows themselves.

Postgres keeps in each row the transaction that wrote it (the system column `xmin`). So whatever
writes a row that a lecture is shown from, a worker or retention, reports a change by it. Times
would not do: a transaction that commits late has an earlier one than what was seen before it. The
oldest transaction in progress has no such gap: all before it had ended when it was asked for, and
all that it or a later one writes is found the next time.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
)

from shared.models import (
    Course,
    Job,
    JobType,
    Lecture,
    LectureStatus,
    Purge,
    Segment,
    WorkStatus,
    unrestricted,
)

REACH = 1 << 31
"""Rows have the lower 32 bits of a transaction's id. So many transactions back it is certain which
one is meant."""
_LOWER_BITS = literal_column(str((1 << 32) - 1), BigInteger)


@dataclass(frozen=True)
class Moment:
    """What the database has seen."""

    oldest: int
    """All transactions before it have ended."""
    next: int
    """It and all after it had not ended yet."""
    history: str
    """Which database this is, and which course of transactions, which another one begins when it
    is restored."""


@dataclass(frozen=True)
class Changes:
    oldest: int
    """From where the next question has to begin."""
    lectures: Sequence[uuid.UUID]
    deleted: Sequence[uuid.UUID]
    """Lectures whose objects are ordered to be purged. The order has no name of a lecture."""
    empty: bool
    """Whether the owner has no lecture, and no such order: those of an account that was deleted do
    not say whose they are."""


_MOMENT = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,"
    " pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next,"
    " concat(system_identifier, '/', timeline_id) AS history"
    " FROM pg_control_system(), pg_control_checkpoint()"
)


def _number(transaction: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(cast(transaction, Text), BigInteger)


def _once(transaction: ColumnElement[Any]) -> ScalarSelect[int]:
    """Evaluated once for a statement, not for each row."""
    return select(_number(transaction)).scalar_subquery()


_OLDEST = _once(func.pg_snapshot_xmin(func.pg_current_snapshot()))
_NEXT = _once(func.pg_snapshot_xmax(func.pg_current_snapshot()))


def _written(table: type[Lecture | Course | Job | Segment | Purge]) -> ColumnElement[bool]:
    """Whether the transaction `since` or a later one wrote a row."""
    writer = _number(literal_column(f"{table.__tablename__}.xmin"))
    # How far back the two lie. The difference of 32 bits is right within `REACH`.
    back: ColumnElement[int] = (_NEXT - writer).bitwise_and(_LOWER_BITS)
    return back <= _NEXT - bindparam("since", type_=BigInteger)


_RECOGNIZED = exists().where(Segment.job_id == Job.id, _written(Segment))
"""The progress of a transcription is in its segments."""
_WORKED_ON = exists().where(
    Job.lecture_id == Lecture.id,
    or_(
        _written(Job),
        and_(Job.type == JobType.TRANSCRIPTION, Job.status == WorkStatus.RUNNING, _RECOGNIZED),
    ),
)
_CHANGED = (
    select(func.json_agg(Lecture.id))
    .join(Lecture.course)
    # How long a course is kept is shown with its lectures.
    .where(
        Lecture.owner == bindparam("owner"), or_(_written(Lecture), _written(Course), _WORKED_ON)
    )
)
_RESTORED = exists().where(Lecture.id == Purge.lecture_id)
_DELETED = select(func.json_agg(Purge.lecture_id)).where(
    Purge.owner == bindparam("owner"), _written(Purge), ~_RESTORED
)
_EMPTY = not_(
    or_(
        exists().where(Lecture.owner == bindparam("owner")),
        exists().where(Purge.owner == bindparam("owner")),
    )
)
_CHANGES: Select[int, Any, Any, bool] = select(
    _OLDEST.label("oldest"),
    _CHANGED.scalar_subquery().label("lectures"),
    _DELETED.scalar_subquery().label("deleted"),
    _EMPTY.label("empty"),
)

_UNDER_WAY: Select[Any, bool] = select(
    select(func.json_agg(Lecture.id))
    .where(
        Lecture.owner == bindparam("owner"),
        Lecture.status.in_((LectureStatus.UPLOADED, LectureStatus.PROCESSING)),
        unrestricted,
    )
    .scalar_subquery()
    .label("lectures"),
    _EMPTY.label("empty"),
)


def moment(connection: Connection) -> Moment:
    row = connection.execute(_MOMENT).one()
    return Moment(row.oldest, row.next, row.history)


def under_way(connection: Connection, owner: str) -> tuple[Sequence[uuid.UUID], bool]:
    """Lectures that are being worked on or are about to be, and `Changes.empty`."""
    row = connection.execute(_UNDER_WAY, {"owner": owner}).one()
    return [uuid.UUID(id) for id in row.lectures or ()], row.empty


def changes_since(connection: Connection, owner: str, transaction: int) -> Changes:
    """What the transaction and later ones changed, of those that are committed. In one statement,
    so that all of it is true at one moment."""
    row = connection.execute(_CHANGES, {"owner": owner, "since": transaction}).one()
    return Changes(
        oldest=row.oldest,
        lectures=[uuid.UUID(id) for id in row.lectures or ()],
        deleted=[uuid.UUID(id) for id in row.deleted or ()],
        empty=row.empty,
    )
