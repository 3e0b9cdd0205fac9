"""What is made of a lecture, as its owner wants it."""

from flask import Response, request
from sqlalchemy import select

from functions.ingest.lectures.current_material import LECTURE_COLUMNS, material_of
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.lectures.outdated import material_is_outdated
from functions.ingest.lectures.retention_dates import no_artifact
from functions.ingest.schemas.material import (
    AnyArtifact,
    ArtifactQuery,
    ArtifactRecord,
    ArtifactsResponse,
)
from functions.ingest.web.answers import unless_known
from functions.ingest.web.operations import Operations
from shared.documents.artifacts import ArtifactType, Summary
from shared.models import ArtifactRow, Lecture
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("study material")

    @routes.get("/lectures/{lecture_id}/artifacts")
    def list_artifacts(lecture_id: str) -> ArtifactsResponse:
        """Which study material there is, and where."""
        with rt.database.reading() as session:
            row = own_lecture(session, lecture_id, Lecture.slug)
            found = session.scalars(
                select(ArtifactRow)
                .where(ArtifactRow.lecture_id == row.id)
                .order_by(ArtifactRow.type)
            ).all()
            outdated = material_is_outdated(session, row.id, found)
        return ArtifactsResponse(
            lecture_id=row.slug,
            outdated=outdated,
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

    @routes.get(
        "/lectures/{lecture_id}/artifacts/{artifact_type}",
        answers={200: AnyArtifact},
        conditional=True,
    )
    def read_artifact(lecture_id: str, artifact_type: str, query: ArtifactQuery) -> Response:
        """One kind: `summary`, `outline`, `key-terms`, `flashcards` or `exam-questions`.

        It has the changes of its owner; its ETag is what `If-Match` needs to change an item of it.
        """
        return _artifact(lecture_id, artifact_type, query)

    @routes.get("/lectures/{lecture_id}/summary", answers={200: Summary}, conditional=True)
    def read_summary(lecture_id: str, query: ArtifactQuery) -> Response:
        """The artifact `summary`."""
        return _artifact(lecture_id, ArtifactType.SUMMARY, query)

    def _artifact(lecture_id: str, kind: str, query: ArtifactQuery) -> Response:
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, *LECTURE_COLUMNS)
            material = material_of(session, lecture)
        if kind not in material.objects:
            raise no_artifact(lecture, kind, known=kind in set(ArtifactType))
        type = ArtifactType(kind)

        def read() -> bytes:
            return material.served(rt, type, with_hidden=query.hidden)

        # With hidden items or without, the ETag is what a change of an item names.
        return unless_known(request, material.version(type), read)

    return routes
