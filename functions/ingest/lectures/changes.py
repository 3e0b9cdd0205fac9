"""Changes of a lecture and of a course that their owner makes by hand.

Files show the titles of their lecture, of its course and, in threads, of the course's other
lectures: those that show a title that has changed are made again. A lecture that gets another
course is moved (moving.py).
"""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.ingest.lectures.lookup import no_lecture, own_course
from functions.ingest.lectures.moving import move_lecture
from functions.ingest.schemas.lectures import CourseChanges, CourseRequest, LectureChanges
from shared.database.locks import lock_course, lock_lectures_of, lock_with_course
from shared.deletion.siblings import renew_course, renew_sharing
from shared.errors import ConflictError, LectureRestrictedError, NotFoundError
from shared.log import log
from shared.models import Course, Lecture
from shared.presets import load_preset
from shared.runtime import Runtime


def change_lecture(rt: Runtime, lecture: Lecture, changes: LectureChanges) -> None:
    """Raises NotFoundError if it has been deleted meanwhile or there is no such course,
    LectureRestrictedError, CourseHeldError, and ContendedError if it is being moved."""
    given = changes.model_dump(exclude_unset=True, exclude={"course_id"})
    if changes.preset_id is None:
        given.pop("preset_id", None)
    else:
        given["preset_id"] = load_preset(changes.preset_id).id

    def change(session: Session) -> bool:
        course = own_course(session, changes.course_id) if changes.course_id else None
        row = lock_with_course(session, lecture.id, besides=[course.id] if course else [])
        if row is None:
            raise no_lecture(lecture.slug)
        if row.restricted_at is not None:
            raise LectureRestrictedError()
        moved = course is not None and move_lecture(rt, session, row, course)
        changed = _set(row, given)
        if changed:
            row.updated_at = rt.clock()
        session.flush()
        if "title" in changed:
            renew_sharing(rt, session, row.course_id, row.id)
        return moved

    if rt.transact(change):
        log.info("lecture.moved", lecture=str(lecture.id))


def create_course(rt: Runtime, owner: str, request: CourseRequest) -> Course:
    """Raises ConflictError if the owner has a course of this name."""

    def create(session: Session) -> Course:
        course = insert_course(rt, session, owner, request)
        if course is None:
            raise ConflictError(f"There is a course {request.course_id!r} already.")
        session.expunge(course)
        return course

    return rt.transact(create)


def insert_course(
    rt: Runtime, session: Session, owner: str, request: CourseRequest
) -> Course | None:
    """None if the owner has one of this name."""
    now = rt.clock()
    course: Course | None = session.scalar(
        insert(Course)
        .values(
            id=rt.new_id(),
            owner=owner,
            slug=request.course_id,
            title=request.title,
            description=request.description,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Course.owner, Course.slug])
        .returning(Course)
    )
    return course


def change_course(rt: Runtime, course: Course, changes: CourseChanges) -> Course:
    """The course as it is now. Raises NotFoundError if it has been deleted meanwhile."""
    given = changes.model_dump(exclude_unset=True)

    def change(session: Session) -> Course:
        lock_course(session, course.id)
        lock_lectures_of(session, course.id)
        row = session.get(Course, course.id, populate_existing=True)
        if row is None:
            raise NotFoundError(f"There is no course {course.slug!r}.")
        changed = _set(row, given)
        if changed:
            row.updated_at = rt.clock()
        session.flush()
        if "title" in changed:
            renew_course(rt, session, row.id)
        session.expunge(row)
        return row

    return rt.transact(change)


def _set(row: Lecture | Course, given: dict[str, Any]) -> set[str]:
    """The names of the columns that have another value now."""
    changed = {name for name, value in given.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, given[name])
    return changed
