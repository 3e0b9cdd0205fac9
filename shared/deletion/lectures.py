"""Deleting lectures and courses for good.

The rows go in one transaction, with the order to purge the objects. Who is at work on such
a lecture is not notified: its job is gone, so its next write finds the lease lost.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, delete, or_, select
from sqlalchemy.orm import Session

from shared.courses.threads import restate
from shared.courses.vocabulary import forget_terms, forget_terms_of
from shared.database.locks import courses_of
from shared.deletion import audit
from shared.deletion.purging import folders_of, request_purge, run_purge
from shared.deletion.siblings import withdraw_repetitions
from shared.errors import ContendedError, NotFoundError
from shared.fault_points import reach
from shared.log import log
from shared.models import (
    LIVE,
    Course,
    DeadLetter,
    DeletionOutcome,
    Job,
    Lecture,
    RejectedUpload,
)
from shared.runtime import Runtime

PATIENCE_SEC = 20
"""After which the rest of a large course is left to the sweep: a client waits for the answer."""

_OBJECTS_KEPT = audit.Conclusion(DeletionOutcome.OBJECTS_KEPT)


@dataclass(frozen=True)
class Deleted:
    lectures: int
    jobs_cancelled: int
    objects_deleted: int | None
    """None while some are still to go, or where they were to be kept."""
    storage: Literal["purged", "pending", "kept"]
    kept: tuple[str, ...]
    """The folders that are kept for now, as `gs://` URIs."""


def delete_lecture(
    rt: Runtime,
    lecture: Lecture,
    *,
    keep_until: datetime | None = None,
    before: Callable[[Session, Sequence[Lecture]], None] | None = None,
) -> Deleted:
    """Delete a lecture, its material, and its objects, the latter not before `keep_until`.

    Threads go that no other lecture of the course speaks of; the others say what the other
    lectures say of them. Files of other lectures that repeat this one are withdrawn, and made
    again without it; terms of the course that only its corrections put in are deleted. `before`
    is given the lecture once it is locked, and may refuse.
    Raises NotFoundError if the lecture is already deleted.
    """

    def forget(session: Session) -> tuple[_Held, tuple[str, ...] | None]:
        course_id = _course_of(session, lecture)
        held = _hold(session, course_id, Lecture.id == lecture.id)
        if not held.lectures:
            _course_of(session, lecture)
            raise ContendedError()  # Moved to another course: the next attempt locks that one.
        if before is not None:
            before(session, held.lectures)
        withdrawn = withdraw_repetitions(rt, session, course_id, [lecture.id])
        kept = _delete_lectures(rt, session, held, keep_until=keep_until, withdrawn=withdrawn)
        forget_terms_of(session, course_id, [lecture.id])
        restate(session, course_id)
        return held, kept

    return _purged(rt, *rt.transact(forget))


def delete_course(rt: Runtime, course: Course, *, keep_until: datetime | None = None) -> Deleted:
    """Delete a course with all its lectures, all or none. Raises as `delete_lecture`."""

    def forget(session: Session) -> tuple[_Held, tuple[str, ...] | None]:
        held = _hold(session, course.id, Lecture.course_id == course.id)
        if not held.course:
            raise NotFoundError(f"There is no course {course.slug!r}.")
        kept = _delete_lectures(rt, session, held, keep_until=keep_until)
        forget_terms(session, course.id)
        session.execute(delete(Course).where(Course.id == course.id))
        entry = audit.Entry(f"course:{course.id}", audit.OWNER)
        audit.record(rt, session, [(entry, audit.DELETED)])
        return held, kept

    return _purged(rt, *rt.transact(forget))


def _course_of(session: Session, lecture: Lecture) -> uuid.UUID:
    """Raises NotFoundError if the lecture is deleted."""
    course_id = courses_of(session, [lecture.id]).get(lecture.id)
    if course_id is None:
        raise NotFoundError(f"There is no lecture {lecture.slug!r}.")
    return course_id


@dataclass(frozen=True)
class _Held:
    """Locked rows."""

    course: bool
    """Whether it is there."""
    lectures: Sequence[Lecture]
    live_jobs: int


def _hold(session: Session, course_id: uuid.UUID, which: ColumnElement[bool]) -> _Held:
    """Lock lectures and all that could add to them, in the order of docs/data-model.md.

    While the course is locked no lecture is added to it, while a lecture is locked no job.
    """
    of_these = select(Lecture.id).where(Lecture.course_id == course_id, which)
    session.execute(
        select(DeadLetter.id).where(_about(of_these)).order_by(DeadLetter.id).with_for_update()
    )
    course = session.scalar(select(Course.id).where(Course.id == course_id).with_for_update())
    # All of the course in one statement: what the others repeat of these is withdrawn as well.
    rows = session.execute(
        select(Lecture, which.label("meant"))
        .where(Lecture.course_id == course_id)
        .order_by(Lecture.id)
        .with_for_update()
    ).all()
    lectures = [row.Lecture for row in rows if row.meant]
    jobs = session.execute(
        select(Job.status)
        .where(Job.lecture_id.in_([lecture.id for lecture in lectures]))
        .order_by(Job.id)
        .with_for_update()
    ).all()
    return _Held(course is not None, lectures, sum(job.status in LIVE for job in jobs))


def _delete_lectures(
    rt: Runtime,
    session: Session,
    held: _Held,
    *,
    keep_until: datetime | None,
    withdrawn: Sequence[str] = (),
) -> tuple[str, ...] | None:
    """Returns the folders that are kept; None if none is. `withdrawn` are folders of other
    lectures that go with the first of them."""
    kept: list[str] = []
    for lecture in held.lectures:
        raw = rt.names.folder("raw", lecture.id)
        if keep_until is not None:
            kept += map(rt.store.uri, folders_of(rt, session, lecture.id))
        request_purge(rt, session, lecture, withdrawn, not_before=keep_until)
        session.execute(
            delete(RejectedUpload).where(
                or_(
                    RejectedUpload.lecture_id == lecture.id,
                    RejectedUpload.object.startswith(raw, autoescape=True),
                )
            )
        )
    ids = [lecture.id for lecture in held.lectures]
    outcome = audit.DELETED if keep_until is None else _OBJECTS_KEPT
    entries = [audit.Entry(f"lecture:{key}", audit.OWNER, lecture_id=key) for key in ids]
    audit.record(rt, session, [(each, outcome) for each in entries])
    # One that was recorded after the others were locked may be locked for its replay, which then
    # waits for a lecture: it is left to retention.
    letters = select(DeadLetter.id).where(_about(ids)).with_for_update(skip_locked=True)
    session.execute(delete(DeadLetter).where(DeadLetter.id.in_(letters)))
    session.execute(delete(Lecture).where(Lecture.id.in_(ids)))
    return None if keep_until is None else tuple(kept)


def _about(lecture_ids: Sequence[uuid.UUID] | Select[uuid.UUID]) -> ColumnElement[bool]:
    """Dead letters of these lectures. One that an earlier release recorded names only its job."""
    jobs = select(Job.id).where(Job.lecture_id.in_(lecture_ids))
    return or_(DeadLetter.lecture_id.in_(lecture_ids), DeadLetter.job_id.in_(jobs))


def _purged(rt: Runtime, held: _Held, kept: tuple[str, ...] | None) -> Deleted:
    """Purge now what was ordered to be; what cannot be, the sweep does."""
    reach("deletion.committed", held.lectures[0].id if held.lectures else "")
    log.info("lectures.deleted", lectures=len(held.lectures), jobs=held.live_jobs)
    if kept is not None:
        return Deleted(len(held.lectures), held.live_jobs, None, "kept", kept)
    objects = _purge(rt, held.lectures)
    storage: Literal["purged", "pending"] = "pending" if objects is None else "purged"
    return Deleted(len(held.lectures), held.live_jobs, objects, storage, ())


def _purge(rt: Runtime, lectures: Sequence[Lecture]) -> int | None:
    """How many objects were deleted; None if there may be more."""
    began = time.monotonic()
    objects = 0
    for lecture in lectures:
        if time.monotonic() - began > PATIENCE_SEC:
            return None
        try:
            objects += run_purge(rt, lecture.id)
        except Exception as error:
            # The rows are gone and the order stands, so the answer is not an error.
            log.warning("purge.pending", lecture=str(lecture.id), reason=type(error).__name__)
            return None
    return objects
