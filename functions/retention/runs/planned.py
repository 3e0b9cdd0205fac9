"""The entries of a run in the audit of deletions: one for each object that a policy found.

A run that is continued begins with the entries that are still intended.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.retention.policies.base import Found, Unknown
from functions.retention.runs.runs import RunLease
from shared.deletion import audit
from shared.models import DeletionAuditEvent, DeletionOutcome
from shared.runtime import Runtime


@dataclass(frozen=True)
class PlannedDeletion:
    """An object that was there, and its row in the audit."""

    id: uuid.UUID
    policy: str
    found: Found


def record_planned(
    rt: Runtime, session: Session, lease: RunLease, policy: str, found: Iterable[Found]
) -> list[PlannedDeletion]:
    """Those that are there as intended, the others as gone already. Returns the former."""
    found = list(found)
    there = [each for each in found if each.there]
    gone = [_entry(rt, lease, policy, each) for each in found if not each.there]
    audit.record(rt, session, [(each, audit.ALREADY_GONE) for each in gone])
    keys = audit.intend(rt, session, [_entry(rt, lease, policy, each) for each in there])
    return [PlannedDeletion(key, policy, each) for key, each in zip(keys, there, strict=True)]


def write_unknown(
    rt: Runtime, session: Session, lease: RunLease, policy: str, unknown: Iterable[Unknown]
) -> None:
    """Those that could not be looked up, as refused."""
    audit.record(
        rt,
        session,
        [
            (
                _entry(rt, lease, policy, Found(each.lecture_id, each.name, None, there=False)),
                audit.refused(each.reason),
            )
            for each in unknown
        ],
    )


def unconcluded(rt: Runtime, lease: RunLease) -> list[PlannedDeletion]:
    """Deletions of an earlier worker without a recorded outcome. Queries the bucket."""
    with rt.database.reading() as session:
        rows = session.scalars(
            select(DeletionAuditEvent)
            .where(
                DeletionAuditEvent.run_id == lease.run_id,
                audit.has_outcome(DeletionOutcome.INTENDED),
            )
            .order_by(DeletionAuditEvent.actor, DeletionAuditEvent.subject)
        ).all()
    bucket = rt.store.uri("")
    return [
        PlannedDeletion(
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


def _entry(rt: Runtime, lease: RunLease, policy: str, found: Found) -> audit.Entry:
    return audit.Entry(
        subject=audit.subject_of(rt, found.name),
        actor=f"policy:{policy}",
        generation=found.generation,
        lecture_id=found.lecture_id,
        run_id=lease.run_id,
        size=found.size if found.there else None,
    )


def _with_name(rt: Runtime, found: Found) -> Found:
    """The object of this generation, whose name was not recorded."""
    folder, star, _ = found.name.partition("*")
    if not star:
        return found
    for each in rt.store.list(folder):
        if each.generation == found.generation:
            return replace(found, name=each.name)
    return found
