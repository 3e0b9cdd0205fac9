"""Courses and the concept threads that run through them."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from flask import Blueprint, Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.ingest.answers import json_model
from functions.ingest.lookup import own_course
from functions.ingest.schemas import (
    CourseResponse,
    Occurrence,
    ThreadResponse,
    ThreadsResponse,
    Update,
)
from shared.errors import InvalidRequestError
from shared.models import Lecture, Thread, ThreadOccurrence, ThreadUpdate
from shared.runtime import Runtime

DEFAULT_LIMIT, MAX_LIMIT = 100, 500
MAX_OFFSET = 1_000_000


def blueprint(rt: Runtime) -> Blueprint:
    routes = Blueprint("courses", __name__)

    @routes.get("/courses/<slug>")
    def course(slug: str) -> Response:
        with rt.database.unit_of_work() as session:
            row = own_course(session, slug)
        return json_model(
            CourseResponse(
                course_id=row.slug,
                title=row.title,
                description=row.description,
                created_at=row.created_at,
            )
        )

    @routes.get("/courses/<slug>/threads")
    def threads(slug: str) -> Response:
        limit, offset = _page()
        with rt.database.unit_of_work() as session:
            row = own_course(session, slug)
            of_course = Thread.course_id == row.id
            total = session.scalar(select(func.count()).where(of_course)) or 0
            found = session.scalars(
                select(Thread)
                .where(of_course)
                .order_by(Thread.title, Thread.id)
                .limit(limit)
                .offset(offset)
            ).all()
            return json_model(
                ThreadsResponse(course_id=slug, threads=_responses(session, found), total=total)
            )

    return routes


def _page() -> tuple[int, int]:
    try:
        limit = int(request.args.get("limit", DEFAULT_LIMIT))
        offset = int(request.args.get("offset", 0))
    except ValueError:
        raise InvalidRequestError("limit and offset are whole numbers.") from None
    if not 1 <= limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
        raise InvalidRequestError(f"limit is 1 to {MAX_LIMIT}, offset 0 to {MAX_OFFSET}.")
    return limit, offset


def _responses(session: Session, threads: Sequence[Thread]) -> tuple[ThreadResponse, ...]:
    ids = [thread.id for thread in threads]
    occurrences: dict[uuid.UUID, list[Occurrence]] = defaultdict(list)
    for seen, slug in session.execute(
        select(ThreadOccurrence, Lecture.slug)
        .join(Lecture, Lecture.id == ThreadOccurrence.lecture_id)
        .where(ThreadOccurrence.thread_id.in_(ids))
        .order_by(Lecture.created_at, ThreadOccurrence.start_sec)
    ):
        occurrences[seen.thread_id].append(
            Occurrence(
                lecture_id=slug,
                quote=seen.quote,
                start_sec=seen.start_sec,
                end_sec=seen.end_sec,
            )
        )
    updates: dict[uuid.UUID, list[Update]] = defaultdict(list)
    for update, slug in session.execute(
        select(ThreadUpdate, Lecture.slug)
        .join(Lecture, Lecture.id == ThreadUpdate.lecture_id)
        .where(ThreadUpdate.thread_id.in_(ids))
        .order_by(ThreadUpdate.created_at)
    ):
        updates[update.thread_id].append(
            Update(
                lecture_id=slug,
                change=update.change,
                summary=update.summary,
                at=update.created_at,
            )
        )
    return tuple(
        ThreadResponse(
            thread_id=str(thread.id),
            title=thread.title,
            description=thread.description,
            complexity=thread.complexity,
            occurrences=tuple(occurrences[thread.id]),
            updates=tuple(updates[thread.id]),
        )
        for thread in threads
    )
