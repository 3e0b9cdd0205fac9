"""The rows that a lecture's items keep their identities by."""

from collections.abc import Mapping

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.generate.assemble import ArtifactSet
from functions.generate.identities.likeness import KnownItems, identities, to_keep
from functions.generate.text.language import Language
from shared.courses.identities import keep_namespace, namespace_of
from shared.documents.artifacts import Artifact, ArtifactEnvelope, ArtifactType, StudyItem
from shared.documents.items import A, items_of, with_ids
from shared.errors import ObjectMissingError
from shared.models import CardIdentity, Lecture
from shared.runtime import Runtime
from shared.work.leases import Lease

Known = Mapping[ArtifactType, KnownItems]

_ARTIFACT: TypeAdapter[ArtifactEnvelope] = TypeAdapter(Artifact)


def known_items(rt: Runtime, lease: Lease, current: Mapping[ArtifactType, str]) -> Known:
    """`current` are the objects of the current artifacts; none the first time."""
    with rt.database.reading() as session:
        namespace = namespace_of(session, session.get_one(Lecture, lease.lecture_id))
        rows = session.execute(
            select(CardIdentity.derived, CardIdentity.guid).where(
                CardIdentity.lecture_id == lease.lecture_id
            )
        ).all()
    kept = {row.derived: row.guid for row in rows}
    return {
        kind: KnownItems(namespace, _previous(rt, current.get(kind)), kept) for kind in ArtifactType
    }


def identified(artifacts: ArtifactSet, known: Known, language: Language) -> ArtifactSet:
    """The artifacts, each of their items with its identity."""

    def with_identities(kind: ArtifactType, artifact: A) -> A:
        return with_ids(artifact, identities(items_of(artifact), known[kind], language))

    return ArtifactSet(
        summary=with_identities(ArtifactType.SUMMARY, artifacts.summary),
        outline=with_identities(ArtifactType.OUTLINE, artifacts.outline),
        key_terms=with_identities(ArtifactType.KEY_TERMS, artifacts.key_terms),
        flashcards=with_identities(ArtifactType.FLASHCARDS, artifacts.flashcards),
        exam_questions=with_identities(ArtifactType.EXAM_QUESTIONS, artifacts.exam_questions),
    )


def keep_identities(session: Session, lease: Lease, artifacts: ArtifactSet, known: Known) -> None:
    """In the transaction that makes the artifacts the current ones, which the lease fences."""
    keep_namespace(session, session.get_one(Lecture, lease.lecture_id))
    for artifact in artifacts.all:
        keep = to_keep(items_of(artifact), known[artifact.artifact_type])
        for derived, id in keep.items():
            session.execute(
                insert(CardIdentity)
                .values(lecture_id=lease.lecture_id, derived=derived, guid=id)
                .on_conflict_do_update(
                    index_elements=[CardIdentity.lecture_id, CardIdentity.derived],
                    set_={"guid": id},
                )
            )


def _previous(rt: Runtime, current: str | None) -> tuple[StudyItem, ...]:
    if current is None:
        return ()
    try:
        return items_of(_ARTIFACT.validate_json(rt.store.read(current)))
    except ObjectMissingError:
        return ()  # Lost from the bucket: making the material again is what replaces it.
