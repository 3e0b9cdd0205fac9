"""The order in which transactions lock rows, which rules out deadlocks.

Course, lecture, job, segment: the parent before the child. A transaction that locks more than
one row of a lecture locks the lecture first, even where it changes only its jobs. Inserting a
child locks its parent as well: the foreign key takes FOR KEY SHARE. Rows of one kind are locked
in the order of their ids. The whole order is in docs/data-model.md, "Locks".

A lecture can be moved to another course while its course is waited for. A move holds both courses,
so the course of a lecture that is read under the lock of that course does not change any more.
"""

import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.errors import ContendedError, LectureRestrictedError
from shared.models import Course, Job, Lecture


def lock_course(session: Session, course_id: uuid.UUID) -> bool:
    """Lock a course's row, and with it the threads of the course. False if it is gone."""
    # FOR NO KEY UPDATE: lectures of the course can still be announced meanwhile.
    locked = select(Course.id).where(Course.id == course_id).with_for_update(key_share=True)
    return session.scalar(locked) is not None


def lock_lectures_of(session: Session, *course_ids: uuid.UUID) -> None:
    """Lock all lectures of courses, in the order of their ids. The caller holds the courses."""
    of_courses = select(Lecture.id).where(Lecture.course_id.in_(course_ids)).order_by(Lecture.id)
    session.execute(of_courses.with_for_update(key_share=True))


def lock_courses_of(
    session: Session, lecture_ids: Collection[uuid.UUID], *, besides: Collection[uuid.UUID] = ()
) -> Mapping[uuid.UUID, uuid.UUID]:
    """Lock the courses of these lectures, and those `besides`, then all lectures of the courses.

    Returns the course of each of these lectures that is there. Raises ContendedError if one has
    been moved to a course that is not locked, which is not locked now, after the others: the
    transaction is to be repeated (shared/database/transactions.py).
    """
    courses = {*courses_of(session, lecture_ids).values(), *besides}
    for course_id in sorted(courses):
        lock_course(session, course_id)
    found = courses_of(session, lecture_ids)
    if not courses.issuperset(found.values()):
        raise ContendedError()
    lock_lectures_of(session, *courses)
    return found


def lock_with_course(
    session: Session, lecture_id: uuid.UUID, *, besides: Collection[uuid.UUID] = ()
) -> Lecture | None:
    """The row of a lecture, locked as by `lock_courses_of`. None if it is gone.

    Raises ContendedError.
    """
    lock_courses_of(session, [lecture_id], besides=besides)
    return session.get(Lecture, lecture_id, populate_existing=True)


def courses_of(
    session: Session, lecture_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, uuid.UUID]:
    """The course of each of these lectures that is there, as it is when this is called."""
    rows = session.execute(select(Lecture.id, Lecture.course_id).where(Lecture.id.in_(lecture_ids)))
    return {row.id: row.course_id for row in rows}


def lock_lecture(session: Session, lecture_id: uuid.UUID) -> bool:
    """Lock a lecture's row. False if it is gone."""
    return _lock_lecture(session, Lecture.id == lecture_id)


def lock_unrestricted(session: Session, lecture_id: uuid.UUID) -> bool:
    """Lock a lecture's row for a change of the lecture. False if it is gone.

    Raises LectureRestrictedError.
    """
    locked = select(Lecture.restricted_at).where(Lecture.id == lecture_id)
    row = session.execute(locked.with_for_update(key_share=True)).one_or_none()
    if row is not None and row.restricted_at is not None:
        raise LectureRestrictedError()
    return row is not None


def lock_job(
    session: Session,
    job_id: uuid.UUID,
    *conditions: ColumnElement[bool],
    skip_locked: bool = False,
) -> Job | None:
    """Lock a job and its lecture, and read the job as it is then.

    None if the job is gone, does not meet the conditions, or, with `skip_locked`, is locked.
    """
    if not lock_lecture_of(session, job_id, skip_locked=skip_locked):
        return None
    return session.scalar(
        select(Job)
        .where(Job.id == job_id, *conditions)
        .with_for_update(skip_locked=skip_locked, of=Job)
        .execution_options(populate_existing=True)
    )


def lock_lecture_of(session: Session, job_id: uuid.UUID, *, skip_locked: bool = False) -> bool:
    """Lock the lecture of a job. False if either is gone or, with `skip_locked`, is locked."""
    lecture = select(Job.lecture_id).where(Job.id == job_id).scalar_subquery()
    return _lock_lecture(session, Lecture.id == lecture, skip_locked=skip_locked)


def _lock_lecture(
    session: Session, which: ColumnElement[bool], *, skip_locked: bool = False
) -> bool:
    locked = select(Lecture.id).where(which)
    locked = locked.with_for_update(key_share=True, skip_locked=skip_locked)
    return session.scalar(locked) is not None
