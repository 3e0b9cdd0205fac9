"""The forms of what a language model answers.

Structured outputs want every field required and no defaults or limits in the schema, so
these models are apart from the stored ones.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.artifacts import (
    BulletRole,
)
from shared.models import ThreadChange
from shared.presets import QuestionKind


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class WireEvidence(Wire):
    utterance: int
    quote: str


class WirePoint(Wire):
    text: str
    evidence: list[WireEvidence]


class WireBullet(WirePoint):
    role: BulletRole | None


class WireSection(Wire):
    title: str
    bullets: list[WireBullet]


class WireSummary(Wire):
    overview: str
    overview_evidence: list[WireEvidence]
    sections: list[WireSection]


class WireChapter(Wire):
    """At `level` 2 it belongs to the last one before it at level 1, and so on: nested forms are
    limited in depth by some endpoints."""

    title: str
    level: int
    points: list[WirePoint]


class WireOutline(Wire):
    chapters: list[WireChapter]


class WireTerm(Wire):
    term: str
    definition: str
    example: str | None
    evidence: list[WireEvidence]


class WireTerms(Wire):
    terms: list[WireTerm]


class WireCard(Wire):
    about: str
    kind: Literal["basic", "cloze"]
    front: str
    back: str
    difficulty: Literal["easy", "medium", "hard"]
    tags: list[str]
    evidence: list[WireEvidence]


class WireCards(Wire):
    cards: list[WireCard]


class WireQuestion(Wire):
    kind: QuestionKind
    question: str
    options: list[str]
    answer: str
    explanation: str
    marking_points: list[str]
    evidence: list[WireEvidence]


class WireQuestions(Wire):
    questions: list[WireQuestion]


class WireConcept(Wire):
    title: str
    description: str
    complexity: int
    aliases: list[str]
    evidence: list[WireEvidence]
    continues: str | None
    change: ThreadChange | None
    change_summary: str | None


class WireConcepts(Wire):
    concepts: list[WireConcept]


class WireNote(Wire):
    text: str
    term: str | None
    evidence: list[WireEvidence]


class WireNotes(Wire):
    notes: list[WireNote]
