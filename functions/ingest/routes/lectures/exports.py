"""Exports: which files there are, and a short-lived address to fetch one."""

from flask import Response
from sqlalchemy import select

from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.lectures.retention_dates import no_export
from functions.ingest.schemas.material import ExportRecord, ExportsResponse
from functions.ingest.web.operations import Operations
from shared.models import ExportRow, Lecture
from shared.runtime import Runtime
from shared.storage.url_signing import DOWNLOAD_URL_TTL


def operations(rt: Runtime) -> Operations:
    routes = Operations("exports")

    @routes.get("/lectures/{lecture_id}/exports")
    def list_exports(lecture_id: str) -> ExportsResponse:
        """Which files there are."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, Lecture.slug, Lecture.items_edited_at)
            rows = session.scalars(
                select(ExportRow).where(ExportRow.lecture_id == lecture.id).order_by(ExportRow.type)
            ).all()
        records = tuple(
            ExportRecord(
                type=row.type,
                path=rt.store.uri(row.object),
                file_name=row.file_name,
                content_type=row.content_type,
                size_bytes=row.size,
                sha256=row.sha256,
                created_at=row.created_at,
            )
            for row in rows
        )
        edited_at = lecture.items_edited_at
        outdated = edited_at is not None and any(row.created_at < edited_at for row in rows)
        return ExportsResponse(lecture_id=lecture.slug, outdated=outdated, exports=records)

    @routes.get("/exports/{lecture_id}/{export_type}", answers={302: None})
    def fetch_export(lecture_id: str, export_type: str) -> Response:
        """One file: a redirect to an address from which it can be fetched for some minutes."""
        with rt.database.reading() as session:
            lecture = own_lecture(
                session,
                lecture_id,
                *(Lecture.slug, Lecture.transcript_object),
                *(Lecture.transcript_deleted_at, Lecture.material_deleted_at),
            )
            row = session.scalar(
                select(ExportRow).where(
                    ExportRow.lecture_id == lecture.id, ExportRow.type == export_type
                )
            )
        if row is None:
            raise no_export(lecture, export_type)
        url = rt.store.signed_download_url(
            row.object,
            file_name=row.file_name,
            ttl=DOWNLOAD_URL_TTL,
        )
        # The address is a key to the file: no cache may keep it.
        return Response(status=302, headers={"Location": url})

    return routes
