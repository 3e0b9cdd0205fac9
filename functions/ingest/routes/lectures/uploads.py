"""Uploads of a lecture that were rejected, and why."""

from sqlalchemy import bindparam, func, or_, select

from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.schemas.delivery import RejectedUploadRecord, UploadsResponse
from functions.ingest.web.fields import Problem
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Listing, PageQuery
from shared.models import Lecture, RejectedUpload
from shared.runtime import Runtime

_OF_LECTURE = Listing(
    "uploads",
    select(RejectedUpload).where(
        or_(
            RejectedUpload.lecture_id == bindparam("lecture"),
            # What came under a name that the lecture did not wait for lies in its folder.
            func.starts_with(RejectedUpload.object, bindparam("folder")),
        )
    ),
    column=RejectedUpload.created_at,
    id=RejectedUpload.id,
    of=lambda row: (row.RejectedUpload.created_at, row.RejectedUpload.id),
    descending=True,
)


def operations(rt: Runtime) -> Operations:
    routes = Operations("uploads")

    @routes.get("/lectures/{lecture_id}/uploads")
    def list_rejected_uploads(lecture_id: str, query: PageQuery) -> UploadsResponse:
        """What was uploaded for the lecture and could not become its recording.

        A recording that was accepted is part of the lecture itself.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, Lecture.slug)
            rows, page = _OF_LECTURE.page(
                session, query, lecture=lecture.id, folder=rt.names.folder("raw", lecture.id)
            )
        return UploadsResponse(
            lecture_id=lecture.slug,
            uploads=tuple(_record(row.RejectedUpload) for row in rows),
            pagination=page,
        )

    def _record(upload: RejectedUpload) -> RejectedUploadRecord:
        return RejectedUploadRecord(
            path=rt.store.uri(upload.object),
            error=Problem.model_validate(upload.error),
            rejected_at=upload.created_at,
        )

    return routes
