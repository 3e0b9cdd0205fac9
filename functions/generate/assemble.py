"""From grounded contents to the five artifacts as they are stored."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.generate.grounding.grounding import GroundedDraft
from functions.generate.text.language import Language
from functions.generate.threads.mentions import Mentions, Named
from shared.documents.artifacts import (
    Announcement,
    ArtifactType,
    ExamQuestions,
    ExamQuestionsContent,
    Flashcards,
    FlashcardsContent,
    KeyTerms,
    KeyTermsContent,
    Outline,
    OutlineNode,
    Summary,
)
from shared.documents.warnings import LectureWarning, WarningCode

ITEMS: Mapping[ArtifactType, str] = {
    ArtifactType.SUMMARY: "sentences of the summary",
    ArtifactType.OUTLINE: "points of the outline",
    ArtifactType.KEY_TERMS: "key terms",
    ArtifactType.FLASHCARDS: "flashcards",
    ArtifactType.EXAM_QUESTIONS: "exam questions",
}


@dataclass(frozen=True)
class Provenance:
    """What all five artifacts of one generation share."""

    course_id: str
    lecture_id: str
    preset_id: str
    provider: str
    generated_at: datetime
    substitute: str = "extractive"
    """The provider of what the other could not make."""


@dataclass(frozen=True)
class Identity:
    """What distinguishes one artifact and one edition of it."""

    id: str
    version: int


@dataclass(frozen=True)
class ArtifactSet:
    summary: Summary
    outline: Outline
    key_terms: KeyTerms
    flashcards: Flashcards
    exam_questions: ExamQuestions

    @property
    def all(self) -> tuple[Summary | Outline | KeyTerms | Flashcards | ExamQuestions, ...]:
        return (self.summary, self.outline, self.key_terms, self.flashcards, self.exam_questions)


def assemble(
    draft: GroundedDraft,
    *,
    thread_ids: Sequence[uuid.UUID | None],
    identities: Mapping[ArtifactType, Identity],
    provenance: Provenance,
    language: Language,
    announced: tuple[Announcement, ...] = (),
) -> ArtifactSet:
    """`thread_ids` runs parallel to the draft's concepts. An item is of the thread whose
    concept it names; an artifact refers to the threads that its items name, and no others."""
    threads = Mentions(
        [
            Named(str(thread_id), concept.title, concept.aliases)
            for concept, thread_id in zip(draft.concepts, thread_ids, strict=True)
            if thread_id is not None
        ],
        language,
    )
    contents = draft.contents

    def envelope(kind: ArtifactType, refs: Iterable[str]) -> dict[str, Any]:
        is_substituted = kind in draft.substituted
        return {
            "id": identities[kind].id,
            "version": identities[kind].version,
            "course_id": provenance.course_id,
            "lecture_id": provenance.lecture_id,
            "preset_id": provenance.preset_id,
            "provider": provenance.substitute if is_substituted else provenance.provider,
            "warnings": ((_made_without_model(kind),) if is_substituted else ()),
            "generated_at": provenance.generated_at,
            "thread_refs": tuple(dict.fromkeys(refs)),
            "grounding": draft.grounding[kind],
        }

    bullets = [b.text for section in contents.summary.sections for b in section.bullets]
    points = [text for node in contents.outline.nodes for text in _points(node)]
    terms = tuple(
        term.model_copy(update={"thread_ref": threads.first(term.term)})
        for term in contents.key_terms.terms
    )
    cards = tuple(
        card.model_copy(update={"thread_ref": threads.first(card.front, card.back)})
        for card in contents.flashcards.cards
    )
    questions = tuple(
        question.model_copy(
            update={"thread_ref": threads.first(question.question, question.answer)}
        )
        for question in contents.exam_questions.questions
    )
    return ArtifactSet(
        summary=Summary(
            content=contents.summary.model_copy(update={"announcements": announced}),
            **envelope(ArtifactType.SUMMARY, threads.all(contents.summary.overview, *bullets)),
        ),
        outline=Outline(
            content=contents.outline, **envelope(ArtifactType.OUTLINE, threads.all(*points))
        ),
        key_terms=KeyTerms(
            content=KeyTermsContent(terms=terms),
            **envelope(ArtifactType.KEY_TERMS, [t.thread_ref for t in terms if t.thread_ref]),
        ),
        flashcards=Flashcards(
            content=FlashcardsContent(cards=cards),
            **envelope(ArtifactType.FLASHCARDS, [c.thread_ref for c in cards if c.thread_ref]),
        ),
        exam_questions=ExamQuestions(
            content=ExamQuestionsContent(questions=questions),
            **envelope(
                ArtifactType.EXAM_QUESTIONS, [q.thread_ref for q in questions if q.thread_ref]
            ),
        ),
    )


def _made_without_model(kind: ArtifactType) -> LectureWarning:
    code = WarningCode.MADE_WITHOUT_MODEL
    return LectureWarning.of(code, artifact=kind.value, items=ITEMS[kind])


def _points(node: OutlineNode) -> list[str]:
    below = [text for child in node.children for text in _points(child)]
    return [*(point.text for point in node.points), *below]
