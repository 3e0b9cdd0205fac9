"""Finds rows of the caller. Rows of other owners are answered as not found."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from functions.ingest.admission.auth import caller
from shared.courses.threads import thread_is_shown
from shared.errors import LectureRestrictedError, NotFoundError
from shared.models import Course, Job, Lecture, Thread


def own_lecture(
    session: Session, slug: str, *columns: InstrumentedAttribute[Any], restricted: bool = False
) -> Lecture:
    """The caller's lecture with its course, or only some columns of it, where a route reads no
    others. Raises NotFoundError, and LectureRestrictedError unless `restricted` ones are meant
    too."""
    loaded: ExecutableOption = joinedload(Lecture.course).load_only(Course.slug)
    if columns:
        loaded = load_only(*columns, Lecture.restricted_at, raiseload=True)
    lecture = session.scalar(
        select(Lecture).options(loaded).where(Lecture.owner == caller().owner, Lecture.slug == slug)
    )
    if lecture is None:
        raise no_lecture(slug)
    if not restricted:
        _require_unrestricted(lecture)
    return lecture


def _require_unrestricted(lecture: Lecture) -> None:
    if lecture.restricted_at is not None:
        raise LectureRestrictedError()


def no_lecture(slug: str) -> NotFoundError:
    return NotFoundError(f"There is no lecture {slug!r}.")


def own_course(session: Session, slug: str) -> Course:
    """Raises NotFoundError."""
    course = session.scalar(
        select(Course).where(Course.owner == caller().owner, Course.slug == slug)
    )
    if course is None:
        raise NotFoundError(f"There is no course {slug!r}.")
    return course


def own_job(session: Session, job_id: str) -> Job:
    """The caller's job, an operator's any job, with its lecture. Raises NotFoundError,
    LectureRestrictedError."""
    key = _key(job_id, "job")
    job = session.scalar(
        select(Job)
        .join(Job.lecture)
        .options(joinedload(Job.lecture))
        .where(Job.id == key, may_see_job())
    )
    if job is None:
        raise no_job(job_id)
    _require_unrestricted(job.lecture)
    return job


def no_job(job_id: str) -> NotFoundError:
    return NotFoundError(f"There is no job {job_id!r}.")


def own_thread(session: Session, thread_id: str) -> Thread:
    """Raises NotFoundError."""
    key = _key(thread_id, "thread")
    thread = session.scalar(
        select(Thread)
        .join(Course, Course.id == Thread.course_id)
        .where(Thread.id == key, Course.owner == caller().owner, thread_is_shown)
    )
    if thread is None:
        raise NotFoundError(f"There is no thread {thread_id!r}.")
    return thread


def may_see_job() -> ColumnElement[bool]:
    """The condition on a job's lecture; an operator's covers all owners."""
    principal = caller()
    return true() if principal.operates else Lecture.owner == principal.owner


def _key(text: str, kind: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFoundError(f"There is no {kind} {text!r}.") from None
