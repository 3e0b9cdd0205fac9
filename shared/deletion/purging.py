"""Deletes the objects of a deleted lecture, resumed after a crash.

A lecture's row goes first, in one transaction with the order to purge its objects: a crash
leaves the order, and the sweep carries it out. It is carried out several times, because
not every writer below those folders is notified of the deletion.
"""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from shared.deletion import audit
from shared.errors import TransientError
from shared.fault_points import reach
from shared.log import log
from shared.models import (
    DeletionAuditEvent,
    DeletionOutcome,
    Job,
    Lecture,
    Purge,
    RejectedUpload,
)
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject

PURGE_AFTER = (timedelta(0), timedelta(minutes=35), timedelta(days=8))
"""Counted from the deletion, or from the time until which the objects are kept: immediately; when
every worker that was still writing has ended (a segment's task may run for 30 minutes); when no
upload session, which lives a week, can bring another recording."""

RETRY_AFTER = timedelta(minutes=5)
"""A purge that something refused to leave lets others go first."""

AT_ONCE = 8
"""Objects that are deleted at the same time: one is a round trip, a long lecture hundreds."""


def request_purge(
    rt: Runtime,
    session: Session,
    lecture: Lecture,
    withdrawn: Sequence[str] = (),
    *,
    not_before: datetime | None = None,
) -> None:
    """Order that the lecture's objects are deleted, and with them the `withdrawn` folders: at
    once, or from the time on until which an operator keeps them. In the transaction that deletes
    the lecture.

    To be called while its jobs are still there.
    """
    start = not_before or rt.clock()
    session.add(
        Purge(
            lecture_id=lecture.id,
            owner=lecture.owner,
            folders=[*folders_of(rt, session, lecture.id), *withdrawn],
            runs=0,
            due_at=start + PURGE_AFTER[0],
            created_at=start,
        )
    )


def folders_of(rt: Runtime, session: Session, lecture_id: uuid.UUID) -> list[str]:
    """The prefixes below which all of a lecture's objects lie, and no other's."""
    jobs = session.scalars(
        select(Job.id).where(Job.lecture_id == lecture_id).order_by(Job.created_at, Job.id)
    )
    return [
        rt.names.folder("raw", lecture_id),
        rt.names.folder("transcripts", lecture_id),
        rt.names.folder("artifacts", lecture_id),
        rt.names.folder("exports", lecture_id),
        *(rt.names.folder("segments", job) for job in jobs),
    ]


def run_purge(rt: Runtime, lecture_id: uuid.UUID) -> int:
    """Carry out a lecture's purge if it is due; returns how many objects were deleted.

    May run twice concurrently, and again after a crash at any point. Raises TransientError if
    something is still there: the purge is then due again, as if it had not run.
    """
    with rt.database.reading() as session:
        purge = session.get(Purge, lecture_id)
    if purge is None or purge.due_at > rt.clock():
        return 0
    deleted = refused = 0
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for folder in purge.folders:
                stored = list(rt.store.list(folder))
                entries = _intend(rt, purge, stored)
                there = list(pool.map(partial(_delete, rt), stored))
                reach("purge.deleted", lecture_id)
                _conclude(rt, entries, there)
                deleted += there.count(True)
                refused += there.count(None)
        if refused:
            raise TransientError(f"{refused} objects could not be deleted.")  # noqa: TRY301
    except Exception:
        _postpone(rt, purge)
        raise
    _advance(rt, purge)
    log.info("purge.done", lecture=str(lecture_id), run=purge.runs + 1, objects=deleted)
    return deleted


def _delete(rt: Runtime, stored: StoredObject) -> bool | None:
    """Whether the object was still there; None if it would not go."""
    try:
        return rt.store.delete(stored.name, generation=stored.generation)
    except Exception as error:
        log.warning("purge.refused", reason=type(error).__name__)
        return None


def _intend(rt: Runtime, purge: Purge, stored: Sequence[StoredObject]) -> list[uuid.UUID]:
    """Ids of the audit's entries; a run that died may have written some of them."""
    with rt.transaction() as tx:
        intended = select(DeletionAuditEvent).where(
            _of(purge), audit.has_outcome(DeletionOutcome.INTENDED)
        )
        begun = {row.generation: row.id for row in tx.session.scalars(intended)}
        new = [each for each in stored if each.generation not in begun]
        entries = [
            audit.Entry(
                subject=audit.subject_of(rt, each.name),
                actor=audit.OWNER,
                generation=each.generation,
                lecture_id=purge.lecture_id,
            )
            for each in new
        ]
        for each, key in zip(new, audit.intend(rt, tx.session, entries), strict=True):
            begun[each.generation] = key
        tx.commit()
    return [begun[each.generation] for each in stored]


def _of(purge: Purge) -> ColumnElement[bool]:
    """Entries of the lecture's deletion."""
    return and_(
        DeletionAuditEvent.lecture_id == purge.lecture_id, DeletionAuditEvent.actor == audit.OWNER
    )


def _conclude(rt: Runtime, entries: Sequence[uuid.UUID], there: Sequence[bool | None]) -> None:
    """What would not go stays as it is intended to."""
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


def _advance(rt: Runtime, purge: Purge) -> None:
    runs = purge.runs + 1
    with rt.transaction() as tx:
        # An upload that came after the deletion was rejected, and that was recorded.
        tx.session.execute(
            delete(RejectedUpload).where(
                or_(*(RejectedUpload.object.startswith(f, autoescape=True) for f in purge.folders))
            )
        )
        # Nothing is left, so what was still intended went when a run died in the middle.
        audit.conclude_intended(tx.session, _of(purge))
        if runs < len(PURGE_AFTER):
            due_at = purge.created_at + PURGE_AFTER[runs]
            tx.session.execute(
                update(Purge).where(_as_read(purge)).values(runs=runs, due_at=due_at)
            )
        else:
            tx.session.execute(delete(Purge).where(_as_read(purge)))
        tx.commit()


def _postpone(rt: Runtime, purge: Purge) -> None:
    with rt.transaction() as tx:
        tx.session.execute(
            update(Purge).where(_as_read(purge)).values(due_at=rt.clock() + RETRY_AFTER)
        )
        tx.commit()


def _as_read(purge: Purge) -> ColumnElement[bool]:
    """Of two concurrent runs only one counts."""
    return and_(Purge.lecture_id == purge.lecture_id, Purge.runs == purge.runs)
