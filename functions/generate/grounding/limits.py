"""A preset's hard limits, and whether what was written keeps to them.

They are checked on whatever any provider wrote, item by item before it is stored
(`problems`), and on a whole set of contents (`violations`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.generate.drafts import Contents, Item, Overview
from shared.documents.artifacts import (
    ArtifactType,
    Bullet,
    ExamQuestion,
    ExamQuestionsContent,
    Flashcard,
    FlashcardsContent,
    OutlineContent,
    OutlineNode,
    OutlinePoint,
    SummaryContent,
    SummarySection,
)
from shared.presets import Preset

SENTENCE_END = re.compile(r"(?<=[.!?…。！？؟।۔])[\"'”’»)\]]*\s+|\n+")
_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Violation:
    artifact: ArtifactType
    reason: str


def problems(item: Item, preset: Preset) -> tuple[str, ...]:
    """The limits that the item breaks, as messages for the provider; empty if none."""
    match item:
        case Overview() | Bullet() | OutlinePoint():
            return tuple(_long_sentences(item.text, preset.sentence_word_limit))
        case ExamQuestion() if item.kind not in preset.question_counts:
            return (f"no {item.kind} questions are wanted",)
        case Flashcard(kind="cloze") if not preset.cloze_share:
            return ("no cloze cards are wanted",)
        case _:
            return ()


def violations(contents: Contents, preset: Preset) -> tuple[Violation, ...]:
    """All that a lecture's material breaks."""
    found = (
        (ArtifactType.SUMMARY, _summary(contents.summary, preset)),
        (ArtifactType.OUTLINE, _outline(contents.outline, preset)),
        (
            ArtifactType.KEY_TERMS,
            _count("key terms", len(contents.key_terms.terms), preset.key_terms),
        ),
        (ArtifactType.FLASHCARDS, _cards(contents.flashcards, preset)),
        (ArtifactType.EXAM_QUESTIONS, _questions(contents.exam_questions, preset)),
    )
    return tuple(Violation(kind, reason) for kind, reasons in found for reason in reasons)


def longest_sentence(text: str) -> int:
    """Words in it. A word is what stands between spaces and holds a letter or digit."""
    return max((_words(sentence) for sentence in SENTENCE_END.split(text)), default=0)


def has_roles(section: SummarySection, preset: Preset) -> bool:
    """Whether the section consists of what the preset wants, if it wants anything."""
    roles = tuple(bullet.role for bullet in section.bullets)
    return not preset.section_roles or roles == preset.section_roles


def _words(sentence: str) -> int:
    return sum(bool(_WORD.search(word)) for word in sentence.split())


def _long_sentences(text: str, limit: int) -> Iterator[str]:
    if (words := longest_sentence(text)) > limit:
        yield f"it has a sentence of {words} words; at most {limit} are allowed"


def _count(what: str, count: int, limit: int) -> Iterator[str]:
    if count > limit:
        yield f"{count} {what}; at most {limit} are allowed"


def _summary(summary: SummaryContent, preset: Preset) -> Iterator[str]:
    yield from problems(Overview(summary.overview, summary.overview_citations), preset)
    yield from _count("sections", len(summary.sections), preset.summary_sections)
    for section in summary.sections:
        yield from _count("bullets in a section", len(section.bullets), preset.bullets_per_section)
        if not has_roles(section, preset):
            yield f"a section without {', '.join(preset.section_roles)} in this order"
        for bullet in section.bullets:
            yield from problems(bullet, preset)


def _outline(outline: OutlineContent, preset: Preset) -> Iterator[str]:
    yield from _count("chapters", len(outline.nodes), preset.summary_sections)
    yield from _count("levels of chapters", _depth(outline.nodes), preset.outline_depth)
    for node in _nodes(outline.nodes):
        yield from _count("points in a chapter", len(node.points), preset.bullets_per_section)
        for point in node.points:
            yield from problems(point, preset)


def _nodes(nodes: Sequence[OutlineNode]) -> Iterator[OutlineNode]:
    for node in nodes:
        yield node
        yield from _nodes(node.children)


def _depth(nodes: Sequence[OutlineNode]) -> int:
    return max((1 + _depth(node.children) for node in nodes), default=0)


def _cards(flashcards: FlashcardsContent, preset: Preset) -> Iterator[str]:
    yield from _count("cards", len(flashcards.cards), preset.flashcards)
    for card in flashcards.cards:
        yield from problems(card, preset)


def _questions(content: ExamQuestionsContent, preset: Preset) -> Iterator[str]:
    asked = Counter(question.kind for question in content.questions)
    for kind, count in asked.items():
        yield from _count(f"{kind} questions", count, preset.question_counts.get(kind, 0))
