"""Courses."""

from sqlalchemy import bindparam, select

from functions.ingest.admission.auth import caller
from functions.ingest.lectures import changes
from functions.ingest.lectures.lookup import own_course
from functions.ingest.schemas.lectures import (
    CourseChanges,
    CourseRequest,
    CourseResponse,
    CoursesResponse,
)
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Listing, PageQuery
from shared.models import Course
from shared.runtime import Runtime

_MINE = Listing(
    "courses",
    select(Course).where(Course.owner == bindparam("owner")),
    column=Course.created_at,
    id=Course.id,
    of=lambda row: (row.Course.created_at, row.Course.id),
    descending=True,
)


def operations(rt: Runtime) -> Operations:
    routes = Operations("courses")

    @routes.get("/courses")
    def list_courses(query: PageQuery) -> CoursesResponse:
        """The caller's courses."""
        with rt.database.reading() as session:
            rows, page = _MINE.page(session, query, owner=caller().owner)
        courses = tuple(_response(row.Course) for row in rows)
        return CoursesResponse(courses=courses, pagination=page)

    @routes.get("/courses/{course_id}")
    def read_course(course_id: str) -> CourseResponse:
        """One course."""
        with rt.database.reading() as session:
            return _response(own_course(session, course_id))

    @routes.post("/courses", status=201)
    def create_course(body: CourseRequest) -> CourseResponse:
        """A new course. The announcement of a lecture makes its course as well."""
        return _response(changes.create_course(rt, caller().owner, body))

    @routes.patch("/courses/{course_id}")
    def change_course(course_id: str, body: CourseChanges) -> CourseResponse:
        """Another title or description. Files that show the title are made again."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
        return _response(changes.change_course(rt, course, body))

    return routes


def _response(row: Course) -> CourseResponse:
    return CourseResponse(
        course_id=row.slug,
        title=row.title,
        description=row.description,
        created_at=row.created_at,
    )
