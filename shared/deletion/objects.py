"""Deletes objects of a lecture under the audit of deletions, several at the same time."""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, and_, select

from shared.deletion import audit
from shared.fault_points import reach
from shared.log import log
from shared.models import DeletionAuditEvent, DeletionOutcome
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject

AT_ONCE = 8
"""Objects that are deleted at the same time: one is a round trip, a long lecture hundreds."""


@dataclass(frozen=True)
class Gone:
    deleted: int
    refused: int
    """They stay as they are intended to go: the next run finds their entries."""


def delete_objects(rt: Runtime, lecture_id: uuid.UUID, stored: Sequence[StoredObject]) -> Gone:
    """May run twice concurrently, and again after a crash at any point."""
    entries = _intend(rt, lecture_id, stored)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        there = list(pool.map(partial(_delete, rt), stored))
    reach("purge.deleted", lecture_id)
    _conclude(rt, entries, there)
    return Gone(there.count(True), there.count(None))


def entries_of(lecture_id: uuid.UUID) -> ColumnElement[bool]:
    """The audit's entries of what a lecture's owner deleted of it."""
    return and_(
        DeletionAuditEvent.lecture_id == lecture_id, DeletionAuditEvent.actor == audit.OWNER
    )


def _delete(rt: Runtime, stored: StoredObject) -> bool | None:
    """Whether the object was still there; None if it would not go."""
    try:
        return rt.store.delete(stored.name, generation=stored.generation)
    except Exception as error:
        log.warning("purge.refused", reason=type(error).__name__)
        return None


def _intend(rt: Runtime, lecture_id: uuid.UUID, stored: Sequence[StoredObject]) -> list[uuid.UUID]:
    """Ids of the audit's entries; a run that died may have written some of them."""
    with rt.transaction() as tx:
        intended = select(DeletionAuditEvent).where(
            entries_of(lecture_id), audit.has_outcome(DeletionOutcome.INTENDED)
        )
        begun = {row.generation: row.id for row in tx.session.scalars(intended)}
        new = [each for each in stored if each.generation not in begun]
        entries = [
            audit.Entry(
                subject=audit.subject_of(rt, each.name),
                actor=audit.OWNER,
                generation=each.generation,
                lecture_id=lecture_id,
            )
            for each in new
        ]
        for each, key in zip(new, audit.intend(rt, tx.session, entries), strict=True):
            begun[each.generation] = key
        tx.commit()
    return [begun[each.generation] for each in stored]


def _conclude(rt: Runtime, entries: Sequence[uuid.UUID], there: Sequence[bool | None]) -> None:
    with rt.transaction() as tx:
        audit.conclude(
            tx.session,
            {
                key: audit.DELETED if was_there else audit.ALREADY_GONE
                for key, was_there in zip(entries, there, strict=True)
                if was_there is not None
            },
        )
        tx.commit()
