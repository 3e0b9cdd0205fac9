"""Lectures to export: deterministic, of any size, with any text in them.

The words are those of the spoken lectures in `tests/data/lectures`; what would be
generated from them is cut from the same sentences, so that lengths are real.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from functions.export.document import (
    CourseThread,
    LectureDocument,
    StudyMaterial,
    ThreadOccurrence,
    ThreadUpdate,
)
from shared.courses.identities import keys_namespace
from shared.documents.artifacts import (
    ArtifactEnvelope,
    Bullet,
    Citation,
    ExamQuestion,
    ExamQuestions,
    ExamQuestionsContent,
    Flashcard,
    Flashcards,
    FlashcardsContent,
    Grounding,
    KeyTerm,
    KeyTerms,
    KeyTermsContent,
    Outline,
    OutlineContent,
    OutlineNode,
    OutlinePoint,
    Summary,
    SummaryContent,
    SummarySection,
)
from shared.documents.transcript import Transcript, Utterance, Word
from shared.models import ThreadChange

LECTURES = Path(__file__).parents[2] / "data" / "lectures"
NAMESPACE = UUID("6f1c0b5e-6a53-4df7-9a55-0d0f3c2f7a11")
REGISTERED = datetime(2026, 3, 12, 9, 15, tzinfo=UTC)
_WORDS_PER_SEC = 2.5

Wording = Callable[[str], str]


def as_said(text: str) -> str:
    return text


def sentences(source: str) -> Iterator[str]:
    """The lecture's sentences, over and over, numbered from the second round on."""
    text = (LECTURES / f"{source}.txt").read_text()
    once = [each.strip() for each in re.split(r"(?<=[.?!])\s+", text) if each.strip()]
    for turn in count(1):
        for each in once:
            yield each if turn == 1 else f"{each[:-1]} ({turn}){each[-1]}"


def transcript(said: list[str], *, language: str = "en") -> Transcript:
    """One utterance a sentence, words of even length, a breath between sentences."""
    utterances, clock = [], 0.4
    for index, sentence in enumerate(said):
        words = []
        for text in sentence.split():
            duration = (1 + len(text)) / 6 / _WORDS_PER_SEC
            words.append(
                Word(
                    text=text,
                    start_sec=round(clock, 3),
                    end_sec=round(clock + duration, 3),
                    probability=0.97,
                )
            )
            clock += duration
        utterances.append(
            Utterance(
                id=index,
                start_sec=words[0].start_sec,
                end_sec=words[-1].end_sec,
                text=sentence,
                confidence=0.97,
                words=tuple(words),
            )
        )
        clock += 0.35 + (index % 5 == 4) * 1.4
    return Transcript(
        language=language,
        duration_sec=round(clock + 1, 3),
        provider="whisper",
        model="base",
        utterances=tuple(utterances),
    )


class Material:
    """Draws the items of the five artifacts, sentence by sentence."""

    def __init__(self, spoken: Transcript, source: str, wording: Wording, size: int) -> None:
        self._spoken = spoken
        self._sentences = sentences(source)
        self._wording = wording
        self._size = size
        self._times = count()

    def text(self) -> str:
        return self._wording(next(self._sentences))

    def title(self) -> str:
        words = next(self._sentences).rstrip(".?!").split()
        return self._wording(" ".join(words[:5]).rstrip(",;:").capitalize())

    def citations(self) -> tuple[Citation, ...]:
        utterances = self._spoken.utterances
        said = utterances[next(self._times) * 7 % len(utterances)]
        return (
            Citation(
                start_sec=said.start_sec, end_sec=said.end_sec, quote=self._wording(said.text)
            ),
        )

    def summary(self) -> SummaryContent:
        return SummaryContent(
            overview=" ".join(self.text() for _ in range(3)),
            overview_citations=self.citations() + self.citations(),
            sections=tuple(
                SummarySection(
                    title=self.title(),
                    bullets=tuple(
                        Bullet(text=self.text(), citations=self.citations()) for _ in range(4)
                    ),
                )
                for _ in range(3 * self._size)
            ),
        )

    def outline(self) -> OutlineContent:
        return OutlineContent(nodes=tuple(self._node(2) for _ in range(3 * self._size)))

    def _node(self, depth: int) -> OutlineNode:
        citation = self.citations()[0]
        return OutlineNode(
            title=self.title(),
            start_sec=citation.start_sec,
            end_sec=citation.end_sec,
            points=tuple(
                OutlinePoint(text=self.text(), citations=self.citations()) for _ in range(2)
            ),
            children=tuple(self._node(depth - 1) for _ in range(2 if depth > 1 else 0)),
        )

    def key_terms(self) -> KeyTermsContent:
        return KeyTermsContent(
            terms=tuple(
                KeyTerm(
                    term=self.title(),
                    definition=self.text(),
                    example=self.text() if index % 2 else None,
                    first_said_sec=self._spoken.utterances[0].start_sec,
                    citations=self.citations(),
                )
                for index in range(8 * self._size)
            )
        )

    def flashcards(self) -> FlashcardsContent:
        return FlashcardsContent(
            cards=tuple(
                self._basic(index) if index % 3 else self._cloze(index)
                for index in range(12 * self._size)
            )
        )

    def _basic(self, index: int) -> Flashcard:
        return Flashcard(
            key=f"term-{index}",
            kind="basic",
            front=self.text(),
            back=self.text(),
            difficulty="medium",
            tags=("definition",),
            citations=self.citations(),
        )

    def _cloze(self, index: int) -> Flashcard:
        words = self.text().split(" ")
        hole = min(1, len(words) - 1)
        words[hole] = f"{{{{c1::{words[hole]}}}}}"
        return Flashcard(
            key=f"cloze-{index}",
            kind="cloze",
            front=" ".join(words),
            back="",
            difficulty="easy",
            citations=self.citations(),
        )

    def exam_questions(self) -> ExamQuestionsContent:
        kinds: list[dict[str, Any]] = [
            {"kind": "multiple-choice"},
            {"kind": "short-answer"},
            {"kind": "true-false", "answer": "True"},
            {"kind": "essay"},
        ]
        return ExamQuestionsContent(
            questions=tuple(self._question(**kinds[each % 4]) for each in range(8 * self._size))
        )

    def _question(self, kind: Any, answer: str | None = None) -> ExamQuestion:
        options = tuple(self.text() for _ in range(4)) if kind == "multiple-choice" else ()
        return ExamQuestion(
            kind=kind,
            question=self.text(),
            options=options,
            answer=answer or (options[2] if options else self.text()),
            explanation=self.text(),
            marking_points=(self.text(), self.text()) if kind == "essay" else (),
            citations=self.citations(),
        )


def lecture(
    source: str = "hashing-1",
    *,
    title: str | None = "Hash tables",
    course_title: str | None = "Data structures",
    slug: str = "hashing-1",
    said: int | None = None,
    size: int = 1,
    wording: Wording = as_said,
    language: str = "en",
    generated: datetime = REGISTERED + timedelta(hours=1),
) -> LectureDocument:
    """A finished lecture: `said` sentences were spoken, `size` multiplies what was made of them."""
    words = (LECTURES / f"{source}.txt").read_text()
    stream = sentences(source)
    spoken = transcript(
        [wording(next(stream)) for _ in range(said or len(re.findall(r"[.?!](?=\s|$)", words)))],
        language=language,
    )
    lecture_id = uuid5(NAMESPACE, slug)
    course_id = uuid5(NAMESPACE, "course")
    material = Material(spoken, source, wording, size)
    envelope = _envelope(lecture_id, course_id, generated)
    return LectureDocument(
        lecture_id=lecture_id,
        lecture_slug=slug,
        given_lecture_title=title,
        course_id=course_id,
        course_slug="data-structures",
        given_course_title=course_title,
        card_namespace=keys_namespace(course_id=course_id, lecture_id=lecture_id),
        date=REGISTERED,
        language=language,
        duration_sec=spoken.duration_sec,
        preset_id="exam",
        material=StudyMaterial(
            summary=Summary(**envelope, content=material.summary()),
            outline=Outline(**envelope, content=material.outline()),
            key_terms=KeyTerms(**envelope, content=material.key_terms()),
            flashcards=Flashcards(**envelope, content=material.flashcards()),
            exam_questions=ExamQuestions(**envelope, content=material.exam_questions()),
        ),
        threads=tuple(_thread(material, lecture_id, index) for index in range(2 * size)),
        transcript=spoken,
    )


def _envelope(lecture_id: UUID, course_id: UUID, generated: datetime) -> dict[str, Any]:
    envelope = ArtifactEnvelope(
        id=str(uuid5(lecture_id, "artifact")),
        course_id=str(course_id),
        lecture_id=str(lecture_id),
        preset_id="exam",
        generated_at=generated,
        version=1,
        provider="extractive",
        thread_refs=(),
        grounding=Grounding(items=40, verified=38, repaired=2, dropped=0),
    )
    return envelope.model_dump()


def _thread(material: Material, lecture_id: UUID, index: int) -> CourseThread:
    citation = material.citations()[0]
    return CourseThread(
        id=uuid5(NAMESPACE, f"thread-{index}"),
        title=material.title(),
        description=material.text(),
        complexity=3,
        occurrences=(
            ThreadOccurrence(
                lecture_id=lecture_id,
                lecture_title="Hash tables",
                start_sec=citation.start_sec,
                end_sec=citation.end_sec,
                quote=citation.quote,
            ),
        ),
        updates=(
            ThreadUpdate(
                lecture_id=uuid5(NAMESPACE, "hashing-2"),
                lecture_title="Hash tables, continued",
                change=ThreadChange.REFINEMENT,
                summary=material.text(),
            ),
        ),
    )


def with_cards(document: LectureDocument, *cards: Flashcard) -> LectureDocument:
    flashcards = document.material.flashcards.model_copy(
        update={"content": FlashcardsContent(cards=cards)}
    )
    return replace(document, material=replace(document.material, flashcards=flashcards))
