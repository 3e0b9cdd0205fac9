"""What is to be deleted is written down before it is, and afterwards what came of it.

The audit would else know nothing of an object whose deleter died right after it. Whoever goes
on with the run begins with what is still only intended.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from functions.retention.policies.base import Found, Unknown
from functions.retention.runs.runs import RunLease
from shared.deletion.purging import nameless
from shared.models import INTENDED, JSON, DeletionAuditEvent
from shared.runtime import Runtime

T = TypeVar("T")

DELETED = "deleted"
ALREADY_GONE = "already_gone"
LEFT = "left"
REFUSED = "refused: {}"
"""With the reason."""

ROWS = 1000
"""Of one statement: it may have 32767 parameters."""


@dataclass(frozen=True)
class Intent:
    """An object that was there, and its row in the audit."""

    id: uuid.UUID
    policy: str
    found: Found


def write_down(
    rt: Runtime, session: Session, lease: RunLease, policy: str, found: Iterable[Found]
) -> list[Intent]:
    """Those that are there as intended, the others as gone already. Returns the former."""
    intents = []
    rows = []
    for each in found:
        key = rt.new_id()
        outcome = INTENDED if each.there else ALREADY_GONE
        rows.append(_row(rt, lease, policy, each, id=key, outcome=outcome))
        if each.there:
            intents.append(Intent(key, policy, each))
    _insert(session, rows)
    return intents


def write_unknown(
    rt: Runtime, session: Session, lease: RunLease, policy: str, unknown: Iterable[Unknown]
) -> None:
    """Those that could not be looked up, as refused."""
    rows = [
        _row(
            rt,
            lease,
            policy,
            Found(each.lecture_id, each.name, None),
            id=rt.new_id(),
            outcome=REFUSED.format(each.reason),
        )
        | {"size": None}
        for each in unknown
    ]
    _insert(session, rows)


def conclude(session: Session, outcomes: Mapping[uuid.UUID, str]) -> None:
    """Record how each intent went."""
    by_outcome = defaultdict(list)
    for key, outcome in outcomes.items():
        by_outcome[outcome].append(key)
    for outcome, keys in by_outcome.items():
        for some in _chunks(keys):
            session.execute(
                update(DeletionAuditEvent)
                .where(DeletionAuditEvent.id.in_(some))
                .values(outcome=outcome)
            )


def unconcluded(rt: Runtime, lease: RunLease) -> list[Intent]:
    """What somebody has begun, and did not live to say how it went. Asks the bucket."""
    with rt.database.reading() as session:
        rows = session.scalars(
            select(DeletionAuditEvent)
            .where(
                DeletionAuditEvent.run_id == lease.run_id, DeletionAuditEvent.outcome == INTENDED
            )
            .order_by(DeletionAuditEvent.actor, DeletionAuditEvent.subject)
        ).all()
    bucket = rt.store.uri("")
    return [
        Intent(
            row.id,
            row.actor.removeprefix("policy:"),
            _with_name(
                rt,
                Found(
                    row.lecture_id,
                    row.subject.removeprefix(bucket),
                    row.generation,
                    row.size or 0,
                ),
            ),
        )
        for row in rows
    ]


def _row(
    rt: Runtime, lease: RunLease, policy: str, found: Found, *, id: uuid.UUID, outcome: str
) -> JSON:
    return {
        "id": id,
        "subject": rt.store.uri(nameless(rt, found.name)),
        "generation": found.generation,
        "lecture_id": found.lecture_id,
        "actor": f"policy:{policy}",
        "outcome": outcome,
        "run_id": lease.run_id,
        "size": found.size if found.there else None,
        "created_at": rt.clock(),
    }


def _insert(session: Session, rows: Sequence[JSON]) -> None:
    for some in _chunks(rows):
        session.execute(insert(DeletionAuditEvent).values(list(some)))


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + ROWS] for start in range(0, len(items), ROWS))


def _with_name(rt: Runtime, found: Found) -> Found:
    """The object of this generation, whose name was not written down."""
    folder, star, _ = found.name.partition("*")
    if not star:
        return found
    for each in rt.store.list(folder):
        if each.generation == found.generation:
            return replace(found, name=each.name)
    return found
