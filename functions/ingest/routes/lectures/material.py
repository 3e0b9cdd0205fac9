"""What is made of a lecture. Artifacts are written once, so they have ETags."""

from flask import Response, request
from pydantic import RootModel
from sqlalchemy import select

from functions.ingest.lectures.keeping import no_artifact
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.lectures.outdated import material_is_outdated
from functions.ingest.schemas.material import ArtifactRecord, ArtifactsResponse
from functions.ingest.web.answers import unless_known
from functions.ingest.web.operations import Operations
from shared.courses.identities import identified, namespace_of
from shared.documents.artifacts import Artifact, ArtifactType, Summary
from shared.models import ArtifactRow, Lecture
from shared.runtime import Runtime

_FORM = "items have ids"
"""Part of the ETag: what a client has kept of before is not what is answered now."""


class AnyArtifact(RootModel[Artifact]):
    """One of the five, distinguished by `artifactType`."""


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
    def read_artifact(lecture_id: str, artifact_type: str) -> Response:
        """One kind: `summary`, `outline`, `key-terms`, `flashcards` or `exam-questions`."""
        return _artifact(lecture_id, artifact_type)

    @routes.get("/lectures/{lecture_id}/summary", answers={200: Summary}, conditional=True)
    def read_summary(lecture_id: str) -> Response:
        """The artifact `summary`."""
        return _artifact(lecture_id, ArtifactType.SUMMARY)

    def _artifact(lecture_id: str, kind: str) -> Response:
        with rt.database.reading() as session:
            lecture = own_lecture(
                session,
                lecture_id,
                *(Lecture.id, Lecture.owner, Lecture.course_id, Lecture.card_namespace),
                Lecture.material_deleted_at,
            )
            namespace = namespace_of(session, lecture)
            of_lecture = select(ArtifactRow).where(ArtifactRow.lecture_id == lecture.id)
            known = kind in set(ArtifactType)
            found = (
                session.scalar(of_lecture.where(ArtifactRow.type == ArtifactType(kind)))
                if known
                else None
            )
        if found is None:
            raise no_artifact(lecture, kind, known=known)
        name = found.object

        def read() -> bytes:
            stored = AnyArtifact.model_validate_json(rt.store.read(name)).root
            return identified(namespace, stored).to_json()

        return unless_known(request, f"{_FORM}\n{name}", read)

    return routes
