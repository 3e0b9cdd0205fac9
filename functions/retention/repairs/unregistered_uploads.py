"""Recordings whose notification was lost, found by listing the bucket.

Asking about each lecture that waits takes long where many are never uploaded, and finds
nothing under a name that no lecture waits for. So all recordings are listed as well, some
in each run; where the last one stopped is in the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from functions.retention.repairs.uploads import announce, grace
from shared.deletion.audit import has_outcome
from shared.errors import UploadUnexpectedError
from shared.log import log
from shared.models import (
    DeletionAuditEvent,
    DeletionOutcome,
    Lecture,
    LectureStatus,
    Purge,
    RejectedUpload,
    SweepPosition,
)
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.retry import Failure
from shared.workers import registrations

LISTED = 1000
"""Objects one run looks at: one page of the bucket's listing, and one request."""

UNCLAIMED_AFTER = timedelta(days=7)
"""A recording no lecture is known for may still get one: rows can come back from a backup."""

_POSITION = "unregistered_uploads"


def find_unregistered_uploads(rt: Runtime, *, listed: int = LISTED) -> int:
    """Announce recordings that lectures wait for; record those that none ever will.

    Looks at `listed` objects at most, and deletes none. Returns how many were announced or
    recorded.
    """
    page, rest = _next_page(rt, listed)
    reached = page[-1].name if rest else ""
    try:
        return rt.transact(partial(_look_through, rt, page, reached))
    except Exception:
        # One object must not keep the others, and those behind them, from being examined.
        log.exception("sweep.page_failed", repair="unregistered_uploads", objects=len(page))
    try:
        return mend_each(
            rt,
            "unregistered_uploads",
            lambda _session, limit: page[:limit],
            lambda each: rt.transact(partial(_look_at, rt, [each])),
            subject=lambda each: each.name,
            limit=listed,
        )
    finally:
        rt.transact(partial(_go_on_from, rt, reached))


def _look_through(rt: Runtime, page: Sequence[StoredObject], reached: str, session: Session) -> int:
    mended = _look_at(rt, page, session)
    _go_on_from(rt, reached, session)
    return mended


def _look_at(rt: Runtime, page: Sequence[StoredObject], session: Session) -> int:
    lectures = _waited_for(session, page)
    known = _Known.about(rt, session, [each for each in page if each.name not in lectures])
    mended = 0
    for stored in page:
        if stored.created_at > rt.clock() - grace(rt):
            continue
        if (lecture := lectures.get(stored.name)) is not None:
            mended += _announce(rt, session, stored, lecture)
        else:
            mended += _write_down(rt, session, stored, known)
    return mended


def _next_page(rt: Runtime, size: int) -> tuple[list[StoredObject], bool]:
    """The next objects, and whether there are more behind them."""
    with rt.database.reading() as session:
        position = session.get(SweepPosition, _POSITION)
    after = position.reached if position else ""
    listed = rt.store.list(rt.names.folder("raw"), start=after)
    page = list(islice((each for each in listed if each.name != after), size))
    return page, len(page) == size


def _go_on_from(rt: Runtime, reached: str, session: Session) -> int:
    values = {"reached": reached, "updated_at": rt.clock()}
    session.execute(
        insert(SweepPosition)
        .values(name=_POSITION, **values)
        .on_conflict_do_update(index_elements=[SweepPosition.name], set_=values)
    )
    return 0


def _waited_for(session: Session, page: Iterable[StoredObject]) -> Mapping[str, Lecture]:
    """By object: the lectures whose recording it is or may become."""
    return {
        lecture.source_object: lecture
        for lecture in session.scalars(
            select(Lecture)
            .where(Lecture.source_object.in_([each.name for each in page]))
            # In one order, so that two sweeps do not wait for each other.
            .order_by(Lecture.id)
        )
    }


def _announce(rt: Runtime, session: Session, stored: StoredObject, lecture: Lecture) -> bool:
    if lecture.status != LectureStatus.AWAITING_UPLOAD:
        return False
    asked = lecture.upload_checked_at
    if asked is not None and asked > rt.clock() - grace(rt):
        return False
    lecture.upload_checked_at = rt.clock()
    announce(rt, session, stored)
    return True


@dataclass(frozen=True)
class _Known:
    """What the rows say about objects that are no lecture's recording."""

    lectures: frozenset[UUID]
    """Of those whose folder an object lies in: the ones there are."""
    deleted: frozenset[UUID]
    """Whose objects are being purged, or were to be kept."""
    rejected: frozenset[tuple[str, int]]
    """Written down before: name and generation."""

    @classmethod
    def about(cls, rt: Runtime, session: Session, strays: list[StoredObject]) -> "_Known":
        owners = {owner for each in strays if (owner := rt.names.key_of(each.name)) is not None}
        purged = select(Purge.lecture_id).where(Purge.lecture_id.in_(owners))
        kept = select(DeletionAuditEvent.lecture_id).where(
            DeletionAuditEvent.lecture_id.in_(owners), has_outcome(DeletionOutcome.OBJECTS_KEPT)
        )
        written_down = select(RejectedUpload.object, RejectedUpload.generation).where(
            tuple_(RejectedUpload.object, RejectedUpload.generation).in_(
                [(each.name, each.generation) for each in strays]
            )
        )
        return cls(
            lectures=frozenset(session.scalars(select(Lecture.id).where(Lecture.id.in_(owners)))),
            deleted=frozenset(
                each for each in session.scalars(purged.union(kept)) if each is not None
            ),
            rejected=frozenset(
                (row.object, row.generation) for row in session.execute(written_down)
            ),
        )


def _write_down(rt: Runtime, session: Session, stored: StoredObject, known: _Known) -> bool:
    """As its notification would have done, had it come.

    A lecture that waits for another object can record it. Where there is none, the object
    has to be old enough.
    """
    owner = rt.names.key_of(stored.name)
    lecture_id = owner if owner in known.lectures else None
    if (stored.name, stored.generation) in known.rejected or owner in known.deleted:
        return False
    if lecture_id is None and stored.created_at > rt.clock() - UNCLAIMED_AFTER:
        return False
    failure = Failure.of(UploadUnexpectedError())
    recorded = session.scalar(
        registrations.rejection(rt, stored, lecture_id, failure).returning(RejectedUpload.id)
    )
    log.warning("upload.unregistered", code=failure.code, bytes=stored.size)
    return recorded is not None
