"""Courses."""

from sqlalchemy import select

from functions.ingest.lookup import caller, own_course
from functions.ingest.schemas.lectures import CourseResponse, CoursesResponse
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Order, PageQuery, page_of
from shared.models import Course
from shared.runtime import Runtime

NEWEST = Order[Course](
    "courses",
    Course.created_at,
    Course.id,
    lambda course: (course.created_at, course.id),
    descending=True,
)


def operations(rt: Runtime) -> Operations:
    routes = Operations("courses")

    @routes.get("/courses")
    def list_courses(query: PageQuery) -> CoursesResponse:
        """The caller's courses."""
        with rt.database.reading() as session:
            mine = select(Course).where(Course.owner == caller().owner)
            rows, page = page_of(session, mine, NEWEST, query)
        return CoursesResponse(courses=tuple(map(_response, rows)), pagination=page)

    @routes.get("/courses/{course_id}")
    def read_course(course_id: str) -> CourseResponse:
        """One course."""
        with rt.database.reading() as session:
            return _response(own_course(session, course_id))

    return routes


def _response(row: Course) -> CourseResponse:
    return CourseResponse(
        course_id=row.slug,
        title=row.title,
        description=row.description,
        created_at=row.created_at,
    )
