"""One lecture with everything an export may show, as plain values."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from shared.documents.artifacts import ExamQuestions, Flashcards, KeyTerms, Outline, Summary
from shared.documents.edits import Edit, laid_over
from shared.documents.transcript import Transcript, Utterance
from shared.documents.warnings import Warnings
from shared.models import ThreadChange
from shared.schema import Schema

_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


class ThreadOccurrence(Schema):
    """`quote` is said in that lecture of the course between the two times, in seconds."""

    lecture_id: UUID
    lecture_title: str
    start_sec: float
    end_sec: float
    quote: str


class ThreadUpdate(Schema):
    """What that lecture changed in what the course says of the thread."""

    lecture_id: UUID
    lecture_title: str
    change: ThreadChange
    summary: str


class CourseThread(Schema):
    """A concept that runs through the course, oldest occurrence first."""

    id: UUID
    title: str
    description: str
    complexity: int
    """1 to 5."""
    occurrences: tuple[ThreadOccurrence, ...]
    updates: tuple[ThreadUpdate, ...]


class Mark(Schema):
    """A moment that the student marked; `label` is what the student calls it."""

    at_sec: float
    label: str | None


@dataclass(frozen=True, kw_only=True)
class Marked:
    mark: Mark
    utterance: Utterance | None
    """The last that had begun by then, or the lecture's first; None without a transcript."""

    @property
    def words(self) -> str:
        return self.utterance.text if self.utterance else ""


@dataclass(frozen=True, kw_only=True)
class StudyMaterial:
    """All five artifacts of a lecture; that none is missing is the gate's work."""

    summary: Summary
    outline: Outline
    key_terms: KeyTerms
    flashcards: Flashcards
    exam_questions: ExamQuestions

    def laid_over(self, edits: Sequence[Edit]) -> "StudyMaterial":
        """As its student wants it."""
        return StudyMaterial(
            summary=laid_over(self.summary, edits),
            outline=laid_over(self.outline, edits),
            key_terms=laid_over(self.key_terms, edits),
            flashcards=laid_over(self.flashcards, edits),
            exam_questions=laid_over(self.exam_questions, edits),
        )

    @property
    def warnings(self) -> Warnings:
        """Those of all artifacts."""
        artifacts = (
            self.summary,
            self.outline,
            self.key_terms,
            self.flashcards,
            self.exam_questions,
        )
        return tuple(warning for artifact in artifacts for warning in artifact.warnings)


@dataclass(frozen=True, kw_only=True)
class TranscriptDocument:
    """What there is of a lecture before it has material."""

    lecture_id: UUID
    lecture_slug: str
    given_lecture_title: str | None
    """As a client gave it; `title` is what a reader sees."""
    course_id: UUID
    course_slug: str
    given_course_title: str | None
    date: datetime
    """When the lecture was registered; with a time zone."""
    language: str
    """ISO 639-1."""
    duration_sec: float
    preset_id: str
    transcript: Transcript | None
    """None once retention has removed it."""
    marks: tuple[Mark, ...] = ()
    """In the order of their times."""
    warnings: Warnings = ()
    """Of the transcript, which stay when it is removed, and of the artifacts if there are any."""

    @cached_property
    def title(self) -> str:
        return lecture_title(self.given_lecture_title, self.lecture_slug, self.date)

    @cached_property
    def course(self) -> str:
        return _given(self.given_course_title) or _from_slug(self.course_slug) or "Course"

    @cached_property
    def marked(self) -> tuple[Marked, ...]:
        """The marks with what was being said."""
        utterances = self.transcript.utterances if self.transcript else ()
        starts = [utterance.start_sec for utterance in utterances]
        found = []
        for mark in self.marks:
            place = max(bisect_right(starts, mark.at_sec) - 1, 0)
            found.append(Marked(mark=mark, utterance=utterances[place] if utterances else None))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class LectureDocument(TranscriptDocument):
    card_namespace: str
    """What a card's identity is derived from where none is stored
    (shared/courses/identities.py)."""
    material: StudyMaterial
    edited_at: datetime | None = None
    """When the student last changed an item or a mark, or took a change back."""
    threads: tuple[CourseThread, ...]
    sources: frozenset[UUID] = frozenset()
    """Other lectures of the course whose words or titles the threads repeat."""

    @cached_property
    def modified(self) -> datetime:
        """When the youngest artifact was made or the last item or mark changed, in UTC: the time
        files carry, so that the same document gives the same bytes and a newer one a later time."""
        material = self.material
        moments = [
            material.summary.generated_at,
            material.outline.generated_at,
            material.key_terms.generated_at,
            material.flashcards.generated_at,
            material.exam_questions.generated_at,
            *([self.edited_at] if self.edited_at else []),
        ]
        return max(moment.astimezone(UTC) for moment in moments)


def lecture_title(given: str | None, slug: str, date: datetime) -> str:
    """The given title, else the slug as words, else the date."""
    return _given(given) or _from_slug(slug) or f"Lecture of {date:%Y-%m-%d}"


def _given(title: str | None) -> str:
    """The title, or "" when nothing in it could be seen."""
    shown = any(unicodedata.category(char)[0] in "LNPS" for char in title or "")
    return " ".join((title or "").split()) if shown else ""


def _from_slug(slug: str) -> str:
    """`data-structures` → `Data structures`; "" when the slug is no readable title."""
    words = re.sub(r"[\W_]+", " ", slug).strip()
    return "" if _UUID.fullmatch(slug) else words[:1].upper() + words[1:]
