"""The study material of a lecture as its owner wants it: the current artifacts, with the edits."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.courses.edits import edits_of
from shared.courses.identities import identified, namespace_of
from shared.documents.artifacts import Artifact, ArtifactType
from shared.documents.edits import Edit, laid_over, orphans
from shared.log import log
from shared.models import ArtifactRow, Lecture
from shared.runtime import Runtime

LECTURE_COLUMNS = (
    *(Lecture.id, Lecture.slug, Lecture.owner, Lecture.course_id, Lecture.card_namespace),
    Lecture.material_deleted_at,
)
"""What `material_of`, and the answer where there is none, read."""

_ARTIFACT: TypeAdapter[Artifact] = TypeAdapter(Artifact)
_FORM = "items have ids"
"""Part of the ETag: what a client has kept of an earlier release is not what is answered now."""


@dataclass(frozen=True)
class Material:
    namespace: str
    objects: Mapping[ArtifactType, str]
    """Of the artifacts there are."""
    edits: tuple[Edit, ...]

    def edits_in(self, type: ArtifactType) -> tuple[Edit, ...]:
        return tuple(edit for edit in self.edits if edit.kind.artifact_type is type)

    def version(self, type: ArtifactType) -> str:
        """What the artifact's ETag is made of. Each generation and each edit changes it."""
        return version_of(self.objects[type], self.edits_in(type))

    def made(self, rt: Runtime, type: ArtifactType) -> Artifact:
        """The artifact without its owner's edits."""
        stored = _ARTIFACT.validate_json(rt.store.read(self.objects[type]))
        return identified(self.namespace, stored)

    def shown(self, rt: Runtime, type: ArtifactType, *, with_hidden: bool = False) -> Artifact:
        return laid_over(self.made(rt, type), self.edits_in(type), with_hidden=with_hidden)

    def served(self, rt: Runtime, type: ArtifactType, *, with_hidden: bool) -> bytes:
        """The same as JSON. What a later release has written, and this one after a rollback does
        not understand, is served as it is stored."""
        try:
            return self.shown(rt, type, with_hidden=with_hidden).to_json()
        except ValidationError:
            log.warning("artifact.not_understood", artifact=type.value)
            return rt.store.read(self.objects[type])

    def orphaned(self, rt: Runtime) -> frozenset[str]:
        """Ids of edits whose item the current material does not have."""
        found: set[str] = set()
        for type in {edit.kind.artifact_type for edit in self.edits if not edit.own}:
            edits = self.edits_in(type)
            if type in self.objects:
                edits = orphans(self.made(rt, type), edits)
            found |= {edit.item_id for edit in edits if not edit.own}
        return frozenset(found)


def material_of(session: Session, lecture: Lecture) -> Material:
    return Material(
        namespace_of(session, lecture),
        objects_of(session, lecture.id),
        edits_of(session, lecture.id),
    )


def objects_of(session: Session, lecture_id: uuid.UUID) -> Mapping[ArtifactType, str]:
    rows = session.execute(
        select(ArtifactRow.type, ArtifactRow.object).where(ArtifactRow.lecture_id == lecture_id)
    )
    return {row.type: row.object for row in rows}


def version_of(object: str, edits: Iterable[Edit]) -> str:
    return "\n".join([_FORM, object, *sorted(f"{edit.item_id} {edit.revision}" for edit in edits)])
