"""Objects that an earlier release kept of deleted lectures, without an end, get an order to purge.

That release deleted a lecture's rows, kept its objects (`purgeStorage=false`), and wrote no order.
The end is that of a lecture that is deleted now: the longest time that an operator can ask for,
counted from the deletion, but not before a notice of 30 days from now. The order is then carried
out as any other (`purges`).

Lectures are examined page by page, and all of them once more a day later, as functions of the
version before may have run beside the sweep. One that has an order, or no objects, needs nothing:
so a crash at any point leaves what the next run does. To be removed with the release after the one
in which it has come.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Row, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.retention.repairs import positions
from functions.retention.repairs.failures import mend_each
from shared.deletion.audit import has_outcome
from shared.log import log
from shared.models import DeletionAuditEvent, DeletionOutcome, Lecture, Purge
from shared.runtime import Runtime
from shared.storage.object_names import Kind

LECTURES = 100
"""Examined in one run: a listing of four folders each."""
AGAIN_AFTER = timedelta(days=1)
NOTICE = timedelta(days=30)
"""For an operator who wants to fetch what was kept."""

_NAME = "kept_objects"
_FOLDERS: tuple[Kind, ...] = ("raw", "silenced", "transcripts", "artifacts", "exports")


def end_kept_objects(rt: Runtime, *, lectures: int = LECTURES) -> int:
    """Returns for how many lectures an end was set."""
    reached = positions.reached(rt, _NAME, again_after=AGAIN_AFTER)
    if reached is None:
        return 0
    with rt.database.reading() as session:
        page = _kept_without_end(session, reached, lectures)
    deleted_at = {row.lecture_id: row.deleted_at for row in page}

    def find(_session: Session, limit: int) -> Sequence[uuid.UUID]:
        return list(islice(deleted_at, limit))

    ended = mend_each(
        rt, _NAME, find, lambda key: _set_end(rt, key, deleted_at[key]), limit=lectures
    )
    more = len(page) == lectures
    positions.go_on_from(rt, _NAME, str(page[-1].lecture_id) if more else positions.END)
    return ended


def _kept_without_end(
    session: Session, reached: str, limit: int
) -> Sequence[Row[uuid.UUID | None, datetime]]:
    """Deleted lectures in the order of their ids. One that was restored is a lecture again."""
    lecture_id = DeletionAuditEvent.lecture_id
    query = select(lecture_id, func.max(DeletionAuditEvent.created_at).label("deleted_at")).where(
        has_outcome(DeletionOutcome.OBJECTS_KEPT),
        ~exists().where(Purge.lecture_id == lecture_id),
        ~exists().where(Lecture.id == lecture_id),
    )
    if reached:
        query = query.where(lecture_id > uuid.UUID(reached))
    return session.execute(query.group_by(lecture_id).order_by(lecture_id).limit(limit)).all()


def _set_end(rt: Runtime, lecture_id: uuid.UUID, deleted_at: datetime) -> int:
    folders = _folders(rt, lecture_id)
    if not folders:
        return 0
    longest = timedelta(days=rt.settings.plc_retention_hold_days_max)
    end = max(deleted_at + longest, rt.clock() + NOTICE)

    def order(session: Session) -> int:
        ordered = session.scalar(
            insert(Purge)
            .values(
                lecture_id=lecture_id,
                owner="",  # The lecture's row had it.
                folders=folders,
                runs=0,
                due_at=end,
                created_at=end,
            )
            .on_conflict_do_nothing()
            .returning(Purge.lecture_id)
        )
        return int(ordered is not None)

    done = rt.transact(order)
    if done:
        log.info("purge.end_set", lecture=str(lecture_id))
    return done


def _folders(rt: Runtime, lecture_id: uuid.UUID) -> list[str]:
    """Those that hold something. The rows of the lecture's jobs are gone: which they were is in the
    names of what they made."""
    folders, jobs = [], set()
    for kind in _FOLDERS:
        folder = rt.names.folder(kind, lecture_id)
        names = [each.name for each in rt.store.list(folder)]
        if names:
            folders.append(folder)
        if kind != "raw":
            jobs |= {job for name in names if (job := rt.names.job_of(name)) is not None}
    segments = (rt.names.folder("segments", job) for job in sorted(jobs))
    return [*folders, *(each for each in segments if any(True for _ in rt.store.list(each)))]
