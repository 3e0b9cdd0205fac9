"""Grounded contents become the five stored artifacts."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from functions.generate.assemble import ArtifactSet, Identity, Provenance, assemble
from functions.generate.grounding.grounding import GroundedDraft
from functions.generate.text.language import language_of
from shared.documents.artifacts import Artifact, ArtifactType
from tests.unit.generate import lectures
from tests.unit.generate.lectures import draft, lecture

TRANSCRIPT = lecture("hashing-1")
DRAFT = lectures.grounded(draft(TRANSCRIPT), TRANSCRIPT)
PROVENANCE = Provenance(
    course_id="algorithms",
    lecture_id="hashing-1",
    preset_id="exam",
    provider="extractive",
    generated_at=datetime(2026, 1, 2, tzinfo=UTC),
)
IDS = {concept.title: uuid.uuid5(uuid.NAMESPACE_OID, concept.title) for concept in DRAFT.concepts}


def assembled(grounded: GroundedDraft, thread_ids: list[uuid.UUID | None]) -> ArtifactSet:
    return assemble(
        grounded,
        thread_ids=thread_ids,
        identities={kind: Identity(f"id-{kind.value}", 3) for kind in ArtifactType},
        provenance=PROVENANCE,
        language=language_of("en"),
    )


ARTIFACTS = assembled(DRAFT, list(IDS.values()))


def test_the_five_artifacts_say_what_they_are_and_come_from() -> None:
    assert [artifact.artifact_type for artifact in ARTIFACTS.all] == list(ArtifactType)
    for artifact in ARTIFACTS.all:
        assert artifact.id == f"id-{artifact.artifact_type.value}"
        assert artifact.version == 3
        assert artifact.course_id == "algorithms"
        assert artifact.lecture_id == "hashing-1"
        assert artifact.preset_id == "exam"
        assert artifact.provider == "extractive"
        assert artifact.generated_at == PROVENANCE.generated_at
        assert artifact.grounding == DRAFT.grounding[artifact.artifact_type]


def test_what_is_stored_reads_back_the_same() -> None:
    for artifact in ARTIFACTS.all:
        read: Artifact = TypeAdapter[Artifact](Artifact).validate_json(artifact.to_json())
        assert read == artifact


def test_an_item_refers_to_the_thread_it_names() -> None:
    terms = {term.term: term.thread_ref for term in ARTIFACTS.key_terms.content.terms}
    assert terms["open addressing"] == str(IDS["open addressing"])
    cards = {card.front: card.thread_ref for card in ARTIFACTS.flashcards.content.cards}
    assert cards["What is amortized analysis?"] == str(IDS["amortized analysis"])


def test_an_artifact_refers_to_the_threads_of_its_items_and_no_others() -> None:
    named = {
        ArtifactType.KEY_TERMS: {t.thread_ref for t in ARTIFACTS.key_terms.content.terms},
        ArtifactType.FLASHCARDS: {c.thread_ref for c in ARTIFACTS.flashcards.content.cards},
        ArtifactType.EXAM_QUESTIONS: {
            q.thread_ref for q in ARTIFACTS.exam_questions.content.questions
        },
    }
    for artifact in ARTIFACTS.all:
        assert artifact.thread_refs
        assert len(set(artifact.thread_refs)) == len(artifact.thread_refs)
        if artifact.artifact_type in named:
            assert set(artifact.thread_refs) == named[artifact.artifact_type] - {None}
    elsewhere = replace(DRAFT.concepts[0], title="glacier", aliases=())
    only = replace(DRAFT, concepts=(elsewhere,))
    for artifact in assembled(only, [uuid.uuid4()]).all:
        assert artifact.thread_refs == ()


def test_a_concept_without_a_thread_is_referred_to_by_nothing() -> None:
    for artifact in assembled(DRAFT, [None] * len(DRAFT.concepts)).all:
        assert artifact.thread_refs == ()
