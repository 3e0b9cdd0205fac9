"""Deleting a lecture or a course, with everything that was made of it."""

from functions.ingest.deletion import Deleted, delete_course, delete_lecture
from functions.ingest.lookup import own_course, own_lecture
from functions.ingest.schemas.lectures import DeletionResponse
from functions.ingest.web.operations import Operations
from functions.ingest.web.reading import Flag
from shared.runtime import Runtime
from shared.schema import Schema


class DeletionQuery(Schema):
    purge_storage: Flag = True
    """`false` keeps the objects in storage and only forgets them."""


def operations(rt: Runtime) -> Operations:
    routes = Operations("deletion")

    @routes.delete("/lectures/{lecture_id}")
    def remove_lecture(lecture_id: str, query: DeletionQuery) -> DeletionResponse:
        """Delete a lecture: its work is cancelled, its rows and objects go, the audit stays.

        Sent again it finds nothing, which changes nothing.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        return _response(delete_lecture(rt, lecture, purge_storage=query.purge_storage))

    @routes.delete("/courses/{course_id}")
    def remove_course(course_id: str, query: DeletionQuery) -> DeletionResponse:
        """Delete a course with all its lectures."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
        return _response(delete_course(rt, course, purge_storage=query.purge_storage))

    return routes


def _response(deleted: Deleted) -> DeletionResponse:
    return DeletionResponse(
        lectures=deleted.lectures,
        jobs_cancelled=deleted.jobs_cancelled,
        storage=deleted.storage,
        objects_deleted=deleted.objects_deleted,
        kept=deleted.kept,
    )
