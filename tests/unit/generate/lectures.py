"""Transcripts for tests: the recorded lectures' texts, and whatever a test wants said."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from functions.generate.drafts import Contents, Draft, KnownThread
from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.documents.artifacts import Citation, OutlineNode
from shared.documents.transcript import Transcript, Utterance, Word
from shared.presets import load_preset

FOLDER = Path(__file__).parents[2] / "data" / "lectures"
NAMES = ("photosynthesis", "economics", "hashing-1", "hashing-2")
WORD_SEC = 0.4


def spoken(text: str, language: str = "en") -> Transcript:
    """One utterance a sentence, a word every 0.4 s, a pause between paragraphs."""
    now = 0.0
    utterances: list[Utterance] = []
    for paragraph in text.split("\n\n"):
        now += 0.8
        for sentence in re.split(r"(?<=[.?!।])\s+", paragraph.strip()):
            words = []
            for text_of_word in sentence.split():
                end = round(now + WORD_SEC, 2)
                words.append(
                    Word(text=text_of_word, start_sec=round(now, 2), end_sec=end, probability=0.9)
                )
                now = end
            if words:
                utterances.append(
                    Utterance(
                        id=len(utterances),
                        start_sec=words[0].start_sec,
                        end_sec=words[-1].end_sec,
                        text=sentence,
                        confidence=0.9,
                        words=tuple(words),
                    )
                )
    return Transcript(
        language=language,
        duration_sec=now,
        provider="whisper",
        model="base",
        utterances=tuple(utterances),
    )


@cache
def lecture(name: str) -> Transcript:
    return spoken((FOLDER / f"{name}.txt").read_text())


def key_facts(name: str) -> list[tuple[str, list[list[str]]]]:
    """Each fact with its groups of alternatives."""
    facts = json.loads((FOLDER / f"{name}.facts.json").read_text())["facts"]
    return [(fact["fact"], fact["covered_if_one_item_has_all_of"]) for fact in facts]


def request(
    transcript: Transcript,
    preset: str = "exam",
    *,
    known_threads: tuple[KnownThread, ...] = (),
) -> GenerationRequest:
    return GenerationRequest(
        transcript=transcript,
        preset=load_preset(preset),
        course_title="Data structures",
        lecture_title="Hashing",
        known_threads=known_threads,
    )


@cache
def draft(transcript: Transcript, preset: str = "exam") -> Draft:
    """Written once for each process: drafts cannot be changed."""
    return ExtractiveProvider().generate(request(transcript, preset))


@cache
def grounded(made: Draft, transcript: Transcript, preset: str = "exam") -> GroundedDraft:
    """What is left once it was checked; nothing is repaired."""
    return ground(made, request(transcript, preset), ExtractiveProvider())


def outline_nodes(contents: Contents) -> Iterator[OutlineNode]:
    pending = list(contents.outline.nodes)
    while pending:
        node = pending.pop(0)
        yield node
        pending += node.children


def items(contents: Contents) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    """Every item that a student reads: its text and its evidence."""
    summary = contents.summary
    yield summary.overview, summary.overview_citations
    for section in summary.sections:
        yield from ((bullet.text, bullet.citations) for bullet in section.bullets)
    for node in outline_nodes(contents):
        yield from ((point.text, point.citations) for point in node.points)
    for term in contents.key_terms.terms:
        yield f"{term.term}: {term.definition} {term.example or ''}", term.citations
    for card in contents.flashcards.cards:
        yield f"{uncovered(card.front)} {card.back}", card.citations
    for question in contents.exam_questions.questions:
        parts = (question.question, question.answer, question.explanation)
        yield " ".join([*parts, *question.marking_points]), question.citations


def uncovered(cloze: str) -> str:
    return re.sub(r"\{\{c1::(.*?)\}\}", r"\1", cloze)
