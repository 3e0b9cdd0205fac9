"""The objects of a deleted lecture go, whatever dies in between.

A lecture's row goes first, in one transaction with the order to purge its objects: a crash
leaves the order, and the sweep carries it out. It is carried out several times, because
not everybody who may write below those folders hears of the deletion.
"""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from shared.errors import TransientError
from shared.fault_points import reach
from shared.log import log
from shared.models import DeletionAuditEvent, Job, Lecture, Purge, RejectedUpload
from shared.runtime import Runtime
from shared.storage import StoredObject

PURGE_AFTER = (timedelta(0), timedelta(minutes=35), timedelta(days=8))
"""Counted from the deletion: at once; when every worker that was still writing has ended
(a segment's task may run for 30 minutes); when no upload session, which lives a week, can
bring another recording."""

RETRY_AFTER = timedelta(minutes=5)
"""A purge that something refused to leave lets others go first."""

AT_ONCE = 8
"""Objects that are deleted at the same time: one is a round trip, a long lecture hundreds."""

ACTOR = "owner"
"""In the audit. Who that was is personal, and goes with the lecture."""


def request_purge(rt: Runtime, session: Session, lecture: Lecture) -> None:
    """Order that the lecture's objects go, in the transaction that deletes the lecture.

    To be called while its jobs are still there.
    """
    now = rt.clock()
    session.add(
        Purge(
            lecture_id=lecture.id,
            owner=lecture.owner,
            folders=folders_of(rt, session, lecture.id),
            runs=0,
            due_at=now + PURGE_AFTER[0],
            created_at=now,
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

    May run twice at once, and again after it died anywhere. Raises TransientError if
    something is still there: the purge is then due again, as if it had not run.
    """
    with rt.database.unit_of_work() as session:
        purge = session.get(Purge, lecture_id)
    if purge is None or purge.due_at > rt.clock():
        return 0
    deleted = refused = 0
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for folder in purge.folders:
                stored = list(rt.store.list(folder))
                there = list(pool.map(partial(_delete, rt), stored))
                reach("purge.deleted")
                _record(rt, purge, folder, stored, there)
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


def _record(
    rt: Runtime,
    purge: Purge,
    folder: str,
    stored: Sequence[StoredObject],
    there: Sequence[bool | None],
) -> None:
    outcomes = {True: "deleted", False: "already_gone"}
    now = rt.clock()
    with rt.database.unit_of_work() as session:
        session.add_all(
            DeletionAuditEvent(
                id=rt.new_id(),
                subject=rt.store.uri(_nameless(rt, purge, each.name)),
                generation=each.generation,
                lecture_id=purge.lecture_id,
                actor=ACTOR,
                outcome=outcomes[was_there],
                created_at=now,
            )
            for each, was_there in zip(stored, there, strict=True)
            if was_there is not None
        )
        session.commit()


def _nameless(rt: Runtime, purge: Purge, name: str) -> str:
    """An export's file is called after its lecture: the audit keeps only the ending."""
    if not name.startswith(rt.names.folder("exports", purge.lecture_id)):
        return name
    path = PurePosixPath(name)
    return str(path.with_name(f"*{path.suffix}"))


def _advance(rt: Runtime, purge: Purge) -> None:
    runs = purge.runs + 1
    with rt.database.unit_of_work() as session:
        # An upload that came after the deletion was turned away, and that was written down.
        session.execute(
            delete(RejectedUpload).where(
                or_(*(RejectedUpload.object.startswith(f, autoescape=True) for f in purge.folders))
            )
        )
        if runs < len(PURGE_AFTER):
            due_at = purge.created_at + PURGE_AFTER[runs]
            session.execute(update(Purge).where(_as_read(purge)).values(runs=runs, due_at=due_at))
        else:
            session.execute(delete(Purge).where(_as_read(purge)))
        session.commit()


def _postpone(rt: Runtime, purge: Purge) -> None:
    with rt.database.unit_of_work() as session:
        session.execute(
            update(Purge).where(_as_read(purge)).values(due_at=rt.clock() + RETRY_AFTER)
        )
        session.commit()


def _as_read(purge: Purge) -> ColumnElement[bool]:
    """Of two that run at once only one counts."""
    return and_(Purge.lecture_id == purge.lecture_id, Purge.runs == purge.runs)
