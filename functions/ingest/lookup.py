"""Finding what belongs to the caller. What belongs to others does not exist."""

import uuid

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from functions.ingest.auth import Principal
from shared.errors import NotFoundError
from shared.models import Course, Job, Lecture


def caller() -> Principal:
    """Who sent the request being answered."""
    principal: Principal = g.principal
    return principal


def own_lecture(session: Session, slug: str) -> Lecture:
    """The caller's lecture with its course. Raises NotFoundError."""
    lecture = session.scalar(
        select(Lecture)
        .options(joinedload(Lecture.course))
        .where(Lecture.owner == caller().owner, Lecture.slug == slug)
    )
    if lecture is None:
        raise NotFoundError(f"There is no lecture {slug!r}.")
    return lecture


def own_course(session: Session, slug: str) -> Course:
    """Raises NotFoundError."""
    course = session.scalar(
        select(Course).where(Course.owner == caller().owner, Course.slug == slug)
    )
    if course is None:
        raise NotFoundError(f"There is no course {slug!r}.")
    return course


def own_job(session: Session, job_id: str) -> Job:
    """The caller's job with its lecture. Raises NotFoundError."""
    try:
        key = uuid.UUID(job_id)
    except ValueError:
        raise NotFoundError(f"There is no job {job_id!r}.") from None
    job = session.scalar(
        select(Job)
        .join(Job.lecture)
        .options(joinedload(Job.lecture))
        .where(Job.id == key, Lecture.owner == caller().owner)
    )
    if job is None:
        raise NotFoundError(f"There is no job {job_id!r}.")
    return job
