"""Deletes the objects of a lecture that still hold what was cut out of it.

A cut is the order to do so (`Cut`): everything that no row refers to below the folders of the jobs
that were before it, and every other recording and transcript. It is carried out twice, as some
worker may still be writing: immediately, and when none of those can be alive any more.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session

from shared.deletion import audit
from shared.deletion.objects import delete_objects, entries_of
from shared.deletion.purging import PURGE_AFTER
from shared.errors import TransientError
from shared.fault_points import reach
from shared.log import log
from shared.models import (
    LIVE,
    ArtifactRow,
    Cut,
    ExportRow,
    Job,
    Lecture,
    TranscriptRevision,
)
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject

AGAIN_AFTER = PURGE_AFTER[1]
UNDER_WAY = timedelta(minutes=5)
"""A request lasts two minutes at most: what it has stored for longer, and no row refers to, is
referred to by none to come."""


def folders_before(rt: Runtime, session: Session, lecture_id: uuid.UUID) -> list[str]:
    """Prefixes of all that the lecture's jobs have made so far. No job that comes later writes
    below them."""
    jobs = session.scalars(
        select(Job.id).where(Job.lecture_id == lecture_id).order_by(Job.created_at, Job.id)
    )
    kinds = [rt.names.folder(kind, lecture_id) for kind in ("transcripts", "artifacts", "exports")]
    return [
        prefix
        for job in jobs
        for prefix in (rt.names.folder("segments", job), *(f"{folder}{job}" for folder in kinds))
    ]


def lectures_due(session: Session, limit: int, *, now: datetime) -> Sequence[uuid.UUID]:
    due = select(Cut.lecture_id).where(Cut.purge_due_at <= now)
    return session.scalars(due.distinct().order_by(Cut.lecture_id).limit(limit)).all()


def copyable(
    session: Session, lecture_id: uuid.UUID, found: Sequence[StoredObject]
) -> Sequence[StoredObject]:
    """Those of a lecture's objects that hold nothing of what was cut out of it: until the others
    are deleted, the ones that rows refer to, without a recording that is not silent yet."""
    pending = or_(Cut.silenced_at.is_(None), Cut.purge_due_at.is_not(None))
    cuts = session.scalars(select(Cut).where(Cut.lecture_id == lecture_id, pending)).all()
    if not cuts:
        return found
    kept = _referred_to(session, [each.name for each in found])
    if any(cut.silenced_at is None for cut in cuts):
        recording = select(Lecture.source_object).where(Lecture.id == lecture_id)
        kept -= set(session.scalars(recording))
    return [each for each in found if each.name in kept]


def purge_superseded(rt: Runtime, lecture_id: uuid.UUID) -> int:
    """Carry out what is due of a lecture's cuts; returns how many objects were deleted.

    May run twice concurrently, and again after a crash at any point. Raises TransientError if
    something is still there: it is then due again.
    """
    now = rt.clock()
    with rt.database.reading() as session:
        due = session.scalars(select(Cut).where(_due(lecture_id, now)).order_by(Cut.id)).all()
    if not due:
        return 0
    prefixes = {prefix for cut in due for prefix in cut.folders}
    found = {each.name: each for each in _listed(rt, lecture_id, prefixes)}
    # Looked up after they were listed: what is referred to by then stays.
    with rt.database.reading() as session:
        kept = _referred_to(session, list(found))
        at_work = set(
            session.scalars(
                select(Job.id).where(Job.lecture_id == lecture_id, Job.status.in_(LIVE))
            )
        )
    going = [
        each
        for each in found.values()
        if each.name not in kept
        and (each.name.startswith(tuple(prefixes)) or _is_over(rt, each, at_work, now))
    ]
    gone = delete_objects(rt, lecture_id, going)
    reach("lecture_cut.purged", lecture_id)
    if gone.refused:
        raise TransientError(f"{gone.refused} objects could not be deleted.")
    rt.transact(lambda session: _advance(session, lecture_id, due, now))
    log.info("cut.purged", lecture=str(lecture_id), objects=gone.deleted)
    return gone.deleted


def _listed(rt: Runtime, lecture_id: uuid.UUID, prefixes: set[str]) -> Iterator[StoredObject]:
    for kind in ("raw", "silenced", "transcripts"):
        yield from rt.store.list(rt.names.folder(kind, lecture_id))
    for prefix in sorted(prefixes):
        yield from rt.store.list(prefix)


def _is_over(rt: Runtime, stored: StoredObject, at_work: set[uuid.UUID], now: datetime) -> bool:
    """Of a recording or a transcript that no row refers to: whether none will."""
    if stored.name.startswith(rt.names.folder("raw")):
        return True
    writer = rt.names.job_of(stored.name)
    return stored.created_at <= now - UNDER_WAY if writer is None else writer not in at_work


def _referred_to(session: Session, names: Sequence[str]) -> set[str]:
    columns = (
        *(Lecture.source_object, Lecture.transcript_object, TranscriptRevision.object),
        *(ArtifactRow.object, ExportRow.object),
    )
    return {
        name
        for column in columns
        for name in session.scalars(select(column).where(column.in_(names)))
        if name is not None
    }


def _due(lecture_id: uuid.UUID, now: datetime) -> ColumnElement[bool]:
    return and_(Cut.lecture_id == lecture_id, Cut.purge_due_at <= now)


def _advance(session: Session, lecture_id: uuid.UUID, due: Sequence[Cut], now: datetime) -> None:
    """Of two concurrent runs only one counts; what was silenced meanwhile is due again."""
    for cut in due:
        session.execute(
            update(Cut)
            .where(Cut.id == cut.id, Cut.purges == cut.purges, Cut.purge_due_at == cut.purge_due_at)
            .values(purges=Cut.purges + 1, purge_due_at=case((Cut.purges == 0, now + AGAIN_AFTER)))
        )
    # Entries of a run that died: what they name was not listed any more.
    audit.conclude_intended(
        session,
        and_(entries_of(lecture_id), audit.written_before(now - UNDER_WAY)),
    )
