"""Lectures: handing one in, and reading what became of it."""

from flask import Blueprint, Response, request
from sqlalchemy import select

from functions.ingest.answers import json_bytes, json_model
from functions.ingest.bodies import read_body, read_fields
from functions.ingest.intake import expect_upload, receive_upload
from functions.ingest.lookup import caller, own_lecture
from functions.ingest.progress import lecture_progress
from functions.ingest.schemas import (
    ArtifactRecord,
    ArtifactsResponse,
    IngestRequest,
    LectureResponse,
    Problem,
)
from shared.artifacts import ArtifactType
from shared.errors import InvalidRequestError, NotFoundError
from shared.models import ArtifactRow
from shared.runtime import Runtime


def blueprint(rt: Runtime) -> Blueprint:
    routes = Blueprint("lectures", __name__)

    @routes.post("/lectures/ingest")
    def ingest() -> Response:
        if request.mimetype == "multipart/form-data":
            audio = request.files.get("audio")
            if audio is None:
                raise InvalidRequestError("The form has no file in its field 'audio'.")
            fields = request.form.to_dict()
            if fields.keys().isdisjoint({"contentType", "content_type"}):
                fields["contentType"] = audio.mimetype
            form = read_fields(IngestRequest, fields)
            answer = receive_upload(rt, caller(), form, audio.stream)
        else:
            answer = expect_upload(rt, caller(), read_body(IngestRequest))
        return json_model(answer, status=201)

    @routes.get("/lectures/<slug>")
    def lecture(slug: str) -> Response:
        with rt.database.unit_of_work() as session:
            row = own_lecture(session, slug)
        return json_model(
            LectureResponse(
                lecture_id=row.slug,
                course_id=row.course.slug,
                title=row.title,
                preset_id=row.preset_id,
                status=row.status,
                error=Problem.model_validate(row.error) if row.error else None,
                audio_path=rt.store.uri(row.source_object),
                audio_bytes=row.source_size,
                duration_sec=row.duration_sec,
                language=row.language,
                created_at=row.created_at,
                updated_at=row.updated_at,
            )
        )

    @routes.get("/lectures/<slug>/progress")
    def progress(slug: str) -> Response:
        with rt.database.unit_of_work() as session:
            return json_model(lecture_progress(session, own_lecture(session, slug)))

    @routes.get("/lectures/<slug>/transcript")
    def transcript(slug: str) -> Response:
        with rt.database.unit_of_work() as session:
            name = own_lecture(session, slug).transcript_object
        if name is None:
            raise NotFoundError("There is no transcript of this lecture.")
        return json_bytes(rt.store.read(name))

    @routes.get("/lectures/<slug>/artifacts")
    def artifacts(slug: str) -> Response:
        with rt.database.unit_of_work() as session:
            row = own_lecture(session, slug)
            found = session.scalars(
                select(ArtifactRow)
                .where(ArtifactRow.lecture_id == row.id)
                .order_by(ArtifactRow.type)
            ).all()
        return json_model(
            ArtifactsResponse(
                lecture_id=row.slug,
                artifacts=tuple(
                    ArtifactRecord(
                        type=artifact.type,
                        path=rt.store.uri(artifact.object),
                        preset_id=artifact.preset_id,
                        version=artifact.version,
                        size_bytes=artifact.size,
                        counts=artifact.counts,
                        created_at=artifact.created_at,
                    )
                    for artifact in found
                ),
            )
        )

    @routes.get("/lectures/<slug>/artifacts/<kind>")
    def artifact(slug: str, kind: str) -> Response:
        return json_bytes(_read_artifact(rt, slug, kind))

    @routes.get("/lectures/<slug>/summary")
    def summary(slug: str) -> Response:
        return json_bytes(_read_artifact(rt, slug, ArtifactType.SUMMARY))

    return routes


def _read_artifact(rt: Runtime, slug: str, kind: str) -> bytes:
    with rt.database.unit_of_work() as session:
        row = own_lecture(session, slug)
        found = (
            session.scalar(
                select(ArtifactRow).where(
                    ArtifactRow.lecture_id == row.id, ArtifactRow.type == ArtifactType(kind)
                )
            )
            if kind in set(ArtifactType)
            else None
        )
    if found is None:
        raise NotFoundError(f"This lecture has no {kind!r}.")
    return rt.store.read(found.object)
