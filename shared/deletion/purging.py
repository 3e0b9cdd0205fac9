"""Deletes the objects of a deleted lecture, resumed after a crash.

A lecture's row goes first, in one transaction with the order to purge its objects: a crash
leaves the order, and the sweep carries it out. It is carried out several times, because
not every writer below those folders is notified of the deletion.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from shared.deletion import audit
from shared.deletion.objects import delete_objects, entries_of
from shared.errors import TransientError
from shared.log import log
from shared.models import Job, Lecture, Purge, RejectedUpload
from shared.runtime import Runtime

PURGE_AFTER = (timedelta(0), timedelta(minutes=35), timedelta(days=8))
"""Counted from the deletion, or from the time until which the objects are kept: immediately; when
every worker that was still writing has ended (a segment's task may run for 30 minutes); when no
upload session, which lives a week, can bring another recording."""

RETRY_AFTER = timedelta(minutes=5)
"""A purge that something refused to leave lets others go first."""


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
        rt.names.folder("silenced", lecture_id),
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
        for folder in purge.folders:
            gone = delete_objects(rt, lecture_id, list(rt.store.list(folder)))
            deleted += gone.deleted
            refused += gone.refused
        if refused:
            raise TransientError(f"{refused} objects could not be deleted.")  # noqa: TRY301
    except Exception:
        _postpone(rt, purge)
        raise
    _advance(rt, purge)
    log.info("purge.done", lecture=str(lecture_id), run=purge.runs + 1, objects=deleted)
    return deleted


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
        audit.conclude_intended(tx.session, entries_of(purge.lecture_id))
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
