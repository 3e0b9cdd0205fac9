"""Exports: which files there are, and a short-lived address to fetch one."""

from datetime import timedelta

from flask import Blueprint, Response
from sqlalchemy import select

from functions.ingest.answers import json_model
from functions.ingest.lookup import own_lecture
from functions.ingest.schemas import ExportRecord, ExportsResponse
from shared.errors import NotFoundError
from shared.models import ExportRow
from shared.runtime import Runtime


def blueprint(rt: Runtime) -> Blueprint:
    routes = Blueprint("exports", __name__)

    @routes.get("/lectures/<slug>/exports")
    def exports(slug: str) -> Response:
        with rt.database.unit_of_work() as session:
            lecture = own_lecture(session, slug)
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
        return json_model(ExportsResponse(lecture_id=lecture.slug, exports=records))

    @routes.get("/exports/<slug>/<kind>")
    def export(slug: str, kind: str) -> Response:
        with rt.database.unit_of_work() as session:
            lecture = own_lecture(session, slug)
            row = session.scalar(
                select(ExportRow).where(ExportRow.lecture_id == lecture.id, ExportRow.type == kind)
            )
        if row is None:
            raise NotFoundError(f"This lecture has no export {kind!r}.")
        url = rt.store.signed_download_url(
            row.object,
            file_name=row.file_name,
            ttl=timedelta(seconds=rt.settings.plc_download_url_ttl_sec),
        )
        # The address is a key to the file: no cache may keep it.
        return Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})

    return routes
