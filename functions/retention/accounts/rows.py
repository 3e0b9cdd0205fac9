"""The rows of an owner, of every table that has any, as JSON.

Which rows those are follows from the columns: `owner` and `scope` name the owner; `lecture_id`,
`course_id`, `job_id` and `thread_id` lead to something of the owner's. Operators' accesses name the
owner by a digest.
"""

import uuid
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, or_, select
from sqlalchemy.orm import Session

from shared.models import Base, Course, Job, Lecture, OperatorAccess, account_subject

Rows = dict[str, list[dict[str, Any]]]

LEFT_OUT = frozenset({"account_exports", "account_deletions", "purges"})
"""What Pegasus does with the account itself, and lectures that are deleted."""
SECRET = frozenset({"lease_token", "claim"})
"""Columns that let a worker write."""
OF_OTHERS = frozenset(
    {"idempotency_keys.accessed", "operator_accesses.operator", "operator_accesses.subjects"}
)
"""Columns that name an operator, and rows of other owners that the same request reached."""


def account_rows(session: Session, owner: str) -> Rows:
    """What belongs to the account and its courses, and to no single lecture."""
    courses = select(Course.id).where(Course.owner == owner)
    return _rows(
        session,
        lambda table: (
            None
            if "lecture_id" in table.columns or table.name == Lecture.__tablename__
            else OperatorAccess.subjects.contains([account_subject(owner)])
            if table.name == OperatorAccess.__tablename__
            else _any(table, {"owner": owner, "scope": owner}, {"course_id": courses})
        ),
    )


def lecture_rows(session: Session, lecture_id: uuid.UUID) -> Rows:
    jobs = select(Job.id).where(Job.lecture_id == lecture_id)
    return _rows(
        session,
        lambda table: (
            table.columns["id"] == lecture_id
            if table.name == Lecture.__tablename__
            else _any(table, {"lecture_id": lecture_id}, {"job_id": jobs})
        ),
    )


def _any(
    table: Table, equal: dict[str, object], among: dict[str, Select[Any]]
) -> ColumnElement[bool] | None:
    conditions = [
        *(table.columns[name] == value for name, value in equal.items() if name in table.columns),
        *(table.columns[name].in_(each) for name, each in among.items() if name in table.columns),
    ]
    return or_(*conditions) if conditions else None


def _rows(session: Session, condition: Any) -> Rows:
    found: Rows = {}
    for table in Base.metadata.sorted_tables:
        where = None if table.name in LEFT_OUT else condition(table)
        if where is None:
            continue
        columns = [
            column
            for column in table.columns
            if column.name not in SECRET and f"{table.name}.{column.name}" not in OF_OTHERS
        ]
        query = select(*columns).where(where).order_by(*table.primary_key.columns)
        found[table.name] = [
            {name: _plain(value) for name, value in row._mapping.items()}
            for row in session.execute(query)
        ]
    return found


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
        case uuid.UUID():
            return str(value)
        case list():
            return [_plain(each) for each in value]
    return value
