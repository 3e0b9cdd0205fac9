"""Lectures: what there is, and what became of one."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, load_only

from functions.ingest.lecture_integrity import check_lecture
from functions.ingest.lookup import caller, own_course, own_lecture
from functions.ingest.schemas.fields import Problem
from functions.ingest.schemas.lectures import LectureResponse, LecturesResponse
from functions.ingest.schemas.material import IntegrityResponse
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Order, PageQuery, page_of
from shared.models import Course, Lecture
from shared.runtime import Runtime

NEWEST = Order[Lecture](
    "lectures",
    Lecture.created_at,
    Lecture.id,
    lambda lecture: (lecture.created_at, lecture.id),
    descending=True,
)

SHOWN = (
    load_only(
        *(Lecture.slug, Lecture.title, Lecture.preset_id, Lecture.status, Lecture.error),
        *(Lecture.source_object, Lecture.source_size, Lecture.content_type),
        *(Lecture.duration_sec, Lecture.language, Lecture.created_at, Lecture.updated_at),
        raiseload=True,
    ),
    joinedload(Lecture.course).load_only(Course.slug, raiseload=True),
)


def operations(rt: Runtime) -> Operations:
    routes = Operations("lectures")

    @routes.get("/lectures")
    def list_lectures(query: PageQuery) -> LecturesResponse:
        """The caller's lectures."""
        with rt.database.reading() as session:
            mine = select(Lecture).where(Lecture.owner == caller().owner)
            rows, page = page_of(session, mine.options(*SHOWN), NEWEST, query)
        return LecturesResponse(lectures=tuple(map(_response, rows)), pagination=page)

    @routes.get("/lectures/{lecture_id}")
    def read_lecture(lecture_id: str) -> LectureResponse:
        """One lecture."""
        with rt.database.reading() as session:
            return _response(own_lecture(session, lecture_id))

    @routes.get("/courses/{course_id}/lectures")
    def list_course_lectures(course_id: str, query: PageQuery) -> LecturesResponse:
        """The lectures of a course."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
            of_course = select(Lecture).where(Lecture.course_id == course.id)
            rows, page = page_of(session, of_course.options(*SHOWN), NEWEST, query)
        return LecturesResponse(lectures=tuple(map(_response, rows)), pagination=page)

    @routes.get("/lectures/{lecture_id}/integrity")
    def check_integrity(lecture_id: str) -> IntegrityResponse:
        """Whether the lecture's files are in storage as they were written."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        return check_lecture(rt, lecture)

    def _response(row: Lecture) -> LectureResponse:
        return LectureResponse(
            lecture_id=row.slug,
            course_id=row.course.slug,
            title=row.title,
            preset_id=row.preset_id,
            status=row.status,
            error=Problem.model_validate(row.error) if row.error else None,
            audio_path=rt.store.uri(row.source_object),
            audio_bytes=row.source_size,
            content_type=row.content_type,
            duration_sec=row.duration_sec,
            language=row.language,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    return routes
