"""The five kinds of study material, as stored in the bucket and served by the API.

Every item that was made of the lecture carries citations: where in the lecture its
evidence was said, and the words themselves. An item of the student's own has none.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from shared.documents.warnings import Warnings
from shared.schema import Schema


class ArtifactType(StrEnum):
    SUMMARY = "summary"
    OUTLINE = "outline"
    KEY_TERMS = "key-terms"
    FLASHCARDS = "flashcards"
    EXAM_QUESTIONS = "exam-questions"


class Citation(Schema):
    """Evidence: `quote` is said between `start_sec` and `end_sec` of the lecture."""

    start_sec: float
    end_sec: float
    quote: str


Citations = Annotated[tuple[Citation, ...], Field(min_length=1)]


class StudyItem(Schema):
    """What a student reads, hides or changes as one."""

    id: str = ""
    """Identity in the lecture: opaque, and the same when the material is made again. Empty only in
    stored artifacts of before it was recorded."""
    edited: bool = False
    """The student changed its text."""
    own: bool = False
    """The student added it."""
    hidden: bool = False
    """The student does not want to see it. Such items are left out unless they are asked for."""


class CitingItem(StudyItem):
    """What a student may also add."""

    # What `_cites` checks, for who reads the schema alone.
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"own": {"const": True}}, "required": ["own"]},
            "else": {"properties": {"citations": {"minItems": 1}}},
        }
    )

    citations: tuple[Citation, ...]
    """At least one, except of the student's own."""

    @model_validator(mode="after")
    def _cites(self) -> Self:
        if not (self.citations or self.own):
            raise ValueError("cites nothing")
        return self


BulletRole = Literal["claim", "support", "counterargument", "critique", "question"]


class Bullet(StudyItem):
    """`role` is what the bullet is to its section where the preset asks for a discussion."""

    text: str
    citations: Citations
    role: BulletRole | None = None


class SummarySection(Schema):
    title: str
    bullets: tuple[Bullet, ...]


class Announcement(StudyItem):
    """What the lecturer says of the course and not of its subject: what is due, when and where."""

    text: str
    citations: Citations


class SummaryContent(Schema):
    overview: str
    overview_citations: Citations
    sections: tuple[SummarySection, ...]
    announcements: tuple[Announcement, ...] = ()
    """In the order of the lecture. No other item is about them."""


class OutlinePoint(StudyItem):
    text: str
    citations: Citations


class OutlineNode(StudyItem):
    """A chapter of the lecture and its sub-chapters; the span covers both."""

    title: str
    start_sec: float
    end_sec: float
    points: tuple[OutlinePoint, ...]
    children: tuple["OutlineNode", ...] = ()


class OutlineContent(Schema):
    nodes: tuple[OutlineNode, ...]


class KeyTerm(CitingItem):
    term: str
    definition: str
    example: str | None = None
    first_said_sec: float | None
    """None of a term of the student's own."""
    thread_ref: str | None = None


class KeyTermsContent(Schema):
    terms: tuple[KeyTerm, ...]


class Flashcard(CitingItem):
    """`key` names the fact that the card asks about. `guid` is the same as `id`: an imported deck
    updates instead of doubling. In a cloze card `front` holds the text with `{{c1::…}}` and `back`
    what may be added after answering (possibly empty)."""

    key: str
    guid: str | None = None
    """By which Anki recognizes the note; None in artifacts of before it was stored."""
    kind: Literal["basic", "cloze"]
    front: str
    back: str
    difficulty: Literal["easy", "medium", "hard"]
    tags: tuple[str, ...] = ()
    thread_ref: str | None = None


class FlashcardsContent(Schema):
    cards: tuple[Flashcard, ...]


class ExamQuestion(CitingItem):
    """`options` is filled for multiple-choice only, and holds `answer` exactly once.
    A true-false answer is "True" or "False"."""

    kind: Literal["multiple-choice", "short-answer", "essay", "true-false"]
    question: str
    options: tuple[str, ...] = ()
    answer: str
    explanation: str
    marking_points: tuple[str, ...] = ()
    thread_ref: str | None = None


class ExamQuestionsContent(Schema):
    questions: tuple[ExamQuestion, ...]


Check = Literal["quotes", "subject", "facts", "answer", "polarity", "entailment"]
"""What an item is checked for: its quotes were said; it is about what they are about; its numbers,
units and names were said there; the words of its answer were; no negation, quantity or opposite is
another than was said; a language model found that it follows from the passage (`entailment`)."""


class Grounding(Schema):
    """How the items of an artifact fared when they were checked against the transcript."""

    items: int
    verified: int
    repaired: int
    dropped: int
    checks: tuple[Check, ...] = ()
    """What every item that is kept has passed. Only `quotes` in languages written without spaces;
    empty in artifacts of before it was recorded."""


class ArtifactEnvelope(Schema):
    """What all five have in common."""

    id: str
    course_id: str
    """Of the course in which it was made; its lecture may have been moved since."""
    lecture_id: str
    preset_id: str
    generated_at: datetime
    version: int
    provider: str
    """Of this artifact: `extractive` also where the language model's could not be used."""
    thread_refs: tuple[str, ...]
    """Threads of that course."""
    grounding: Grounding
    warnings: Warnings = ()
    """What a student should know of how this artifact was made."""


class Summary(ArtifactEnvelope):
    artifact_type: Literal[ArtifactType.SUMMARY] = ArtifactType.SUMMARY
    content: SummaryContent


class Outline(ArtifactEnvelope):
    artifact_type: Literal[ArtifactType.OUTLINE] = ArtifactType.OUTLINE
    content: OutlineContent


class KeyTerms(ArtifactEnvelope):
    artifact_type: Literal[ArtifactType.KEY_TERMS] = ArtifactType.KEY_TERMS
    content: KeyTermsContent


class Flashcards(ArtifactEnvelope):
    artifact_type: Literal[ArtifactType.FLASHCARDS] = ArtifactType.FLASHCARDS
    content: FlashcardsContent


class ExamQuestions(ArtifactEnvelope):
    artifact_type: Literal[ArtifactType.EXAM_QUESTIONS] = ArtifactType.EXAM_QUESTIONS
    content: ExamQuestionsContent


Artifact = Annotated[
    Summary | Outline | KeyTerms | Flashcards | ExamQuestions,
    Field(discriminator="artifact_type"),
]
