"""Deleting a lecture or a course, with everything that was made of it."""

from datetime import datetime, timedelta

from functions.ingest.admission.auth import caller
from functions.ingest.lectures.lookup import own_course, own_lecture
from functions.ingest.schemas.lectures import DeletionResponse
from functions.ingest.web.field_problems import FieldCode, FieldProblem, InvalidFieldsError
from functions.ingest.web.fields import Moment
from functions.ingest.web.operations import Operations
from functions.ingest.web.reading import Flag
from shared.deletion.lectures import Deleted, delete_course, delete_lecture
from shared.errors import OperatorOnlyError
from shared.runtime import Runtime
from shared.schema import Schema


class DeletionQuery(Schema):
    purge_storage: Flag = True
    """`false` keeps the objects in storage until `keepUntil`; for operators only."""
    keep_until: Moment | None = None
    """With an offset. From then on the objects are deleted."""


def operations(rt: Runtime) -> Operations:
    routes = Operations("deletion")

    @routes.delete("/lectures/{lecture_id}")
    def remove_lecture(lecture_id: str, query: DeletionQuery) -> DeletionResponse:
        """Delete a lecture: its work is cancelled, its rows and objects go, the audit stays.

        Sent again it finds nothing, which changes nothing.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, restricted=True)
        return deletion_response(delete_lecture(rt, lecture, keep_until=_keep_until(query)))

    @routes.delete("/courses/{course_id}")
    def remove_course(course_id: str, query: DeletionQuery) -> DeletionResponse:
        """Delete a course with all its lectures."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
        return deletion_response(delete_course(rt, course, keep_until=_keep_until(query)))

    def _keep_until(query: DeletionQuery) -> datetime | None:
        """None if nothing is to be kept. Raises OperatorOnlyError, InvalidFieldsError."""
        if query.purge_storage and query.keep_until is None:
            return None
        if not caller().operates:
            raise OperatorOnlyError()
        days = rt.settings.plc_retention_hold_days_max
        code: FieldCode
        if query.purge_storage:
            code, reason = "not_allowed", "is only for purgeStorage=false"
        elif query.keep_until is None:
            code, reason = "required", "is needed with purgeStorage=false"
        elif query.keep_until > rt.clock() + timedelta(days=days):
            code, reason = "too_large", f"is more than {days} days away"
        else:
            return query.keep_until
        problem = FieldProblem(field="keepUntil", code=code, message=reason)
        raise InvalidFieldsError(problems=[problem])

    return routes


def deletion_response(deleted: Deleted) -> DeletionResponse:
    return DeletionResponse(
        lectures=deleted.lectures,
        jobs_cancelled=deleted.jobs_cancelled,
        storage=deleted.storage,
        objects_deleted=deleted.objects_deleted,
        kept=deleted.kept,
    )
