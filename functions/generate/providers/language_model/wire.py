"""The forms of a language model's answers.

A form bounds what is written: a text has a longest length, a list a greatest number of entries,
and an item at least one piece of evidence. Evidence comes first in each item: a model that has to
quote before it writes quotes the passage that it writes about. The bounds are in the JSON Schema
that an endpoint keeps to, and in reading (chat/reading.py), which shortens a list that is too long
and leaves out an item with a text that is.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from shared.documents.artifacts import (
    BulletRole,
)
from shared.models import ThreadChange
from shared.presets import QuestionKind
from shared.text import Name, StorableText

Phrase = Annotated[Name, Field(max_length=120)]
Line = Annotated[StorableText, Field(max_length=1_200, json_schema_extra={"maxLength": 400})]
"""A sentence or two. What is longer but no loop is read: not every endpoint keeps to lengths."""
Text = Annotated[StorableText, Field(max_length=3_600, json_schema_extra={"maxLength": 1_200})]
"""A paragraph."""
QUOTE_CHARACTERS = 600


def _shortened(quote: str) -> str:
    """A quote that is too long loses its end, and so was still said."""
    return quote if len(quote) <= QUOTE_CHARACTERS else quote[:QUOTE_CHARACTERS].rsplit(" ", 1)[0]


Quote = Annotated[
    StorableText,
    AfterValidator(_shortened),
    Field(json_schema_extra={"maxLength": QUOTE_CHARACTERS}),
]


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class WireEvidence(Wire):
    utterance: int
    quote: Quote


Evidence = Annotated[list[WireEvidence], Field(max_length=3, json_schema_extra={"minItems": 1})]
"""An answer without any is read, so that the item can be repaired."""


class WirePoint(Wire):
    evidence: Evidence
    text: Line


class WireBullet(WirePoint):
    role: BulletRole | None = None


class WireSection(Wire):
    title: Phrase = ""
    bullets: Annotated[list[WireBullet], Field(max_length=12)]


class WireSummary(Wire):
    overview_evidence: Annotated[
        list[WireEvidence], Field(max_length=6, json_schema_extra={"minItems": 1})
    ] = []
    overview: Text = ""
    sections: Annotated[list[WireSection], Field(max_length=50)]


class WireChapter(Wire):
    """At `level` 2 it belongs to the last one before it at level 1, and so on: nested forms are
    limited in depth by some endpoints."""

    title: Phrase = ""
    level: int = 1
    points: Annotated[list[WirePoint], Field(max_length=12)]


class WireOutline(Wire):
    chapters: Annotated[list[WireChapter], Field(max_length=150)]


class WireTerm(Wire):
    evidence: Evidence
    term: Phrase
    definition: Line
    example: Line | None = None


class WireTerms(Wire):
    terms: Annotated[list[WireTerm], Field(max_length=100)]


class WireCard(Wire):
    evidence: Evidence
    about: Phrase
    kind: Literal["basic", "cloze"]
    front: Line
    back: Line
    difficulty: Literal["easy", "medium", "hard"] = "medium"


class WireCards(Wire):
    cards: Annotated[list[WireCard], Field(max_length=100)]


class WireQuestion(Wire):
    evidence: Evidence
    kind: QuestionKind
    question: Line
    options: Annotated[list[Line], Field(max_length=6)] = []
    answer: Text
    explanation: Text = ""
    marking_points: Annotated[list[Line], Field(max_length=6)] = []


class WireQuestions(Wire):
    questions: Annotated[list[WireQuestion], Field(max_length=100)]


class WireConcept(Wire):
    evidence: Annotated[list[WireEvidence], Field(max_length=6, json_schema_extra={"minItems": 1})]
    title: Phrase
    description: Line
    complexity: int = 3
    aliases: Annotated[list[Phrase], Field(max_length=4)] = []
    continues: Line | None = None
    change: ThreadChange | None = None
    change_summary: Line | None = None


class WireConcepts(Wire):
    concepts: Annotated[list[WireConcept], Field(max_length=12)]


class WireNote(Wire):
    evidence: Evidence
    text: Line
    term: Phrase | None = None


class WireNotes(Wire):
    notes: Annotated[list[WireNote], Field(max_length=40)]
