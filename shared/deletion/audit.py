"""The audit of deletions: an entry for each planned deletion, and then its outcome.

An object and its entry cannot be deleted and written in one transaction. So `intend` writes the
entry, the object is deleted, and `conclude` gives the entry its outcome. After a crash in between
the next run finds the entries that are still intended (docs/decisions/012-intended-deletions.md).
What is deleted with its rows needs no intention: `record` writes an entry with its outcome.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from shared.models import DeletionAuditEvent, DeletionOutcome
from shared.runtime import Runtime

OWNER = "owner"
"""The actor where a person deletes. Who that was is personal, and goes with the lecture."""

ROWS = 1000
"""Of one statement: it may have 32767 parameters."""

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """What is deleted, and by whom."""

    subject: str
    actor: str
    """OWNER, `policy:<name>` or `operator:<program>`."""
    generation: int | None = None
    lecture_id: uuid.UUID | None = None
    run_id: uuid.UUID | None = None
    size: int | None = None
    """Bytes."""


@dataclass(frozen=True)
class Conclusion:
    """How a deletion went."""

    outcome: DeletionOutcome
    detail: str | None = None

    def __str__(self) -> str:
        return self.outcome if self.detail is None else f"{self.outcome}: {self.detail}"


DELETED = Conclusion(DeletionOutcome.DELETED)
ALREADY_GONE = Conclusion(DeletionOutcome.ALREADY_GONE)
LEFT = Conclusion(DeletionOutcome.LEFT)
_WITH_DETAIL = {
    DeletionOutcome.REFUSED,
    DeletionOutcome.RULES,
    DeletionOutcome.TAKEN_DOWN,
    DeletionOutcome.CUT,
}
_INTENDED = Conclusion(DeletionOutcome.INTENDED)


def refused(reason: str) -> Conclusion:
    return Conclusion(DeletionOutcome.REFUSED, reason)


def intend(rt: Runtime, session: Session, entries: Iterable[Entry]) -> list[uuid.UUID]:
    """Write what is going to be deleted after the commit; ids in the order of the entries."""
    return record(rt, session, ((entry, _INTENDED) for entry in entries))


def conclude(session: Session, conclusions: Mapping[uuid.UUID, Conclusion]) -> None:
    """Record how each intended deletion went.

    Two purges of one lecture may conclude the same entries, each with another outcome for some. So
    all of them are locked first, in the order of their ids.
    """
    for some in _chunks(sorted(conclusions)):
        _lock(session, DeletionAuditEvent.id.in_(some))
    by_outcome = defaultdict(list)
    for key, conclusion in conclusions.items():
        by_outcome[conclusion].append(key)
    for conclusion, keys in by_outcome.items():
        for some in _chunks(keys):
            _set_outcome(session, DeletionAuditEvent.id.in_(some), conclusion)


def conclude_intended(
    session: Session, of: ColumnElement[bool], conclusion: Conclusion = DELETED
) -> None:
    """Record how the deletions went that are still intended of those that `of` selects."""
    intended = of & has_outcome(DeletionOutcome.INTENDED)
    _lock(session, intended)
    _set_outcome(session, intended, conclusion)


def record(
    rt: Runtime, session: Session, ended: Iterable[tuple[Entry, Conclusion]]
) -> list[uuid.UUID]:
    """Write entries with their outcome; ids in the order of the entries."""
    rows: list[dict[str, Any]] = [
        {
            **vars(entry),
            "id": rt.new_id(),
            "outcome": str(conclusion),
            "created_at": rt.clock(),
        }
        for entry, conclusion in ended
    ]
    for some in _chunks(rows):
        session.execute(insert(DeletionAuditEvent).values(list(some)))
    return [row["id"] for row in rows]


def copy_missing(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add entries of another state of the database as they are; returns how many were missing."""
    added = 0
    for some in _chunks(rows):
        statement = postgresql.insert(DeletionAuditEvent).values(list(some))
        statement = statement.on_conflict_do_nothing()
        added += len(session.scalars(statement.returning(DeletionAuditEvent.id)).all())
    return added


def has_outcome(outcome: DeletionOutcome) -> ColumnElement[bool]:
    """The condition that an entry has this outcome, with whatever detail."""
    if outcome in _WITH_DETAIL:
        return DeletionAuditEvent.outcome.startswith(f"{outcome}: ")
    return DeletionAuditEvent.outcome == outcome


def written_before(moment: datetime) -> ColumnElement[bool]:
    return DeletionAuditEvent.created_at <= moment


def subject_of(rt: Runtime, name: str) -> str:
    """An object in the audit. The name of an upload without a lecture is the sender's, and that of
    an earlier version's file is the lecture's title: of those only the ending is kept. A name of
    ids has none."""
    path = PurePosixPath(name)
    foreign = rt.names.key_of(name) is None
    titled = name.startswith(rt.names.folder("exports")) and path.suffix != ""
    if foreign or titled:
        name = str(path.with_name(f"*{path.suffix}"))
    return rt.store.uri(name)


def _lock(session: Session, which: ColumnElement[bool]) -> None:
    locked = select(DeletionAuditEvent.id).where(which).order_by(DeletionAuditEvent.id)
    session.execute(locked.with_for_update())


def _set_outcome(session: Session, of: ColumnElement[bool], conclusion: Conclusion) -> None:
    session.execute(update(DeletionAuditEvent).where(of).values(outcome=str(conclusion)))


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + ROWS] for start in range(0, len(items), ROWS))
