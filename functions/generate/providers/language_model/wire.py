"""The schemas of a language model's answers.

Structured outputs want every field required and no defaults or limits in the schema, so
these models are apart from the stored ones.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.documents.artifacts import (
    BulletRole,
)
from shared.models import ThreadChange
from shared.presets import QuestionKind
from shared.text import Name, StorableText


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class WireEvidence(Wire):
    utterance: int
    quote: StorableText


class WirePoint(Wire):
    text: StorableText
    evidence: list[WireEvidence]


class WireBullet(WirePoint):
    role: BulletRole | None


class WireSection(Wire):
    title: Name
    bullets: list[WireBullet]


class WireSummary(Wire):
    overview: StorableText
    overview_evidence: list[WireEvidence]
    sections: list[WireSection]


class WireChapter(Wire):
    """At `level` 2 it belongs to the last one before it at level 1, and so on: nested forms are
    limited in depth by some endpoints."""

    title: Name
    level: int
    points: list[WirePoint]


class WireOutline(Wire):
    chapters: list[WireChapter]


class WireTerm(Wire):
    term: Name
    definition: StorableText
    example: StorableText | None
    evidence: list[WireEvidence]


class WireTerms(Wire):
    terms: list[WireTerm]


class WireCard(Wire):
    about: StorableText
    kind: Literal["basic", "cloze"]
    front: StorableText
    back: StorableText
    difficulty: Literal["easy", "medium", "hard"]
    tags: list[Name]
    evidence: list[WireEvidence]


class WireCards(Wire):
    cards: list[WireCard]


class WireQuestion(Wire):
    kind: QuestionKind
    question: StorableText
    options: list[StorableText]
    answer: StorableText
    explanation: StorableText
    marking_points: list[StorableText]
    evidence: list[WireEvidence]


class WireQuestions(Wire):
    questions: list[WireQuestion]


class WireConcept(Wire):
    title: Name
    description: StorableText
    complexity: int
    aliases: list[Name]
    evidence: list[WireEvidence]
    continues: StorableText | None
    change: ThreadChange | None
    change_summary: StorableText | None


class WireConcepts(Wire):
    concepts: list[WireConcept]


class WireNote(Wire):
    text: StorableText
    term: Name | None
    evidence: list[WireEvidence]


class WireNotes(Wire):
    notes: list[WireNote]
