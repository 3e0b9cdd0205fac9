"""The concept threads that run through a course."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from functions.ingest.lectures.lookup import own_course, own_thread
from functions.ingest.schemas.lectures import Occurrence, ThreadResponse, ThreadsResponse, Update
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Listing, PageQuery
from shared.courses.threads import COURSE_ORDER, thread_is_shown
from shared.models import Course, Lecture, Thread, ThreadOccurrence, ThreadUpdate, unrestricted
from shared.runtime import Runtime

_BY_TITLE = Listing(
    "threads",
    select(Thread).where(Thread.course_id == bindparam("course"), thread_is_shown),
    column=Thread.title,
    id=Thread.id,
    of=lambda row: (row.Thread.title, row.Thread.id),
)


def operations(rt: Runtime) -> Operations:
    routes = Operations("threads")

    @routes.get("/courses/{course_id}/threads")
    def list_threads(course_id: str, query: PageQuery) -> ThreadsResponse:
        """The concepts of a course, where each is spoken of, and how it changed."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
            rows, page = _BY_TITLE.page(session, query, course=course.id)
            threads = _responses(session, course, [row.Thread for row in rows])
        return ThreadsResponse(course_id=course.slug, threads=threads, pagination=page)

    @routes.get("/threads/{thread_id}")
    def read_thread(thread_id: str) -> ThreadResponse:
        """One concept."""
        with rt.database.reading() as session:
            thread = own_thread(session, thread_id)
            course = session.get_one(Course, thread.course_id)
            return _responses(session, course, [thread])[0]

    return routes


def _responses(
    session: Session, course: Course, threads: Sequence[Thread]
) -> tuple[ThreadResponse, ...]:
    ids = [thread.id for thread in threads]
    occurrences, updates = _occurrences(session, ids), _updates(session, ids)
    return tuple(
        ThreadResponse(
            thread_id=str(thread.id),
            course_id=course.slug,
            title=thread.title,
            aliases=tuple(thread.aliases),
            description=thread.description,
            complexity=thread.complexity,
            occurrences=tuple(occurrences[thread.id]),
            updates=tuple(updates[thread.id]),
        )
        for thread in threads
    )


def _occurrences(
    session: Session, ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[Occurrence]]:
    found: dict[uuid.UUID, list[Occurrence]] = defaultdict(list)
    for seen, slug in session.execute(
        select(ThreadOccurrence, Lecture.slug)
        .join(Lecture, Lecture.id == ThreadOccurrence.lecture_id)
        .where(ThreadOccurrence.thread_id.in_(ids), unrestricted)
        .order_by(*COURSE_ORDER, ThreadOccurrence.start_sec)
    ):
        found[seen.thread_id].append(
            Occurrence(
                lecture_id=slug,
                quote=seen.quote,
                start_sec=seen.start_sec,
                end_sec=seen.end_sec,
            )
        )
    return found


def _updates(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Update]]:
    found: dict[uuid.UUID, list[Update]] = defaultdict(list)
    for update, slug in session.execute(
        select(ThreadUpdate, Lecture.slug)
        .join(Lecture, Lecture.id == ThreadUpdate.lecture_id)
        .where(ThreadUpdate.thread_id.in_(ids), unrestricted)
        .order_by(*COURSE_ORDER)
    ):
        found[update.thread_id].append(
            Update(
                lecture_id=slug,
                change=update.change,
                summary=update.summary,
                at=update.created_at,
            )
        )
    return found
