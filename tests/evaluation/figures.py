"""What is measured of one lecture's material, on the artifacts as they are stored."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.evaluation.choices import doubts
from tests.evaluation.evidence import Leaf, leaves_of, unsupported
from tests.evaluation.lectures import Fact
from tests.evaluation.repetition import repetitions

JSON = dict[str, Any]

UNREAD = frozenset({"citations", "key", "kind", "tags", "threadRef", "explanation", "options"})
"""Fields that tell a student nothing of the subject. An explanation quotes what it stands for."""


@dataclass(frozen=True)
class Figures:
    items: int
    unsupported: tuple[str, ...]
    covered: int
    """Key facts that some item states."""
    covered_by_summary: int
    """The same of the summary's items alone."""
    facts: int
    repeated_cards: tuple[tuple[str, str], ...]
    repeated_questions: tuple[tuple[str, str], ...]
    repeated_bullets: tuple[tuple[str, str], ...]
    doubtful_choices: tuple[str, ...]

    @property
    def grounded(self) -> float:
        """The part of the items that the lecture bears out, 0 to 1."""
        return max(0.0, 1 - len(self.unsupported) / self.items) if self.items else 0.0

    @property
    def repetitions(self) -> tuple[tuple[str, str], ...]:
        return self.repeated_cards + self.repeated_questions + self.repeated_bullets

    @property
    def recall(self) -> float:
        return self.covered / self.facts if self.facts else 0.0


def measure(artifacts: Sequence[JSON], transcript: JSON, facts: Sequence[Fact]) -> Figures:
    """`artifacts`: the five of one lecture."""
    leaves = [leaf for artifact in artifacts for leaf in leaves_of(artifact)]
    by_type = {artifact["artifactType"]: artifact for artifact in artifacts}
    cards = by_type["flashcards"]["content"]["cards"]
    questions = by_type["exam-questions"]["content"]["questions"]
    sections = by_type["summary"]["content"]["sections"]
    return Figures(
        items=len(leaves),
        unsupported=tuple(fault for a in artifacts for fault in unsupported(a, transcript)),
        covered=_covered(leaves, facts),
        covered_by_summary=_covered(leaves_of(by_type["summary"]), facts),
        facts=len(facts),
        repeated_cards=tuple(repetitions([_front(card) for card in cards])),
        repeated_questions=tuple(repetitions([_asked(question) for question in questions])),
        repeated_bullets=tuple(
            repetitions([bullet["text"] for section in sections for bullet in section["bullets"]])
        ),
        doubtful_choices=tuple(
            f"{question['question']} {question['options']}: {doubt}"
            for question in questions
            if question["kind"] == "multiple-choice"
            for doubt in doubts(question, transcript)
        ),
    )


def _covered(leaves: Iterable[Leaf], facts: Sequence[Fact]) -> int:
    texts = [" ".join(_read(leaf.item)).casefold() for leaf in leaves]
    return sum(any(_covers(text, fact) for text in texts) for fact in facts)


def _covers(text: str, fact: Fact) -> bool:
    return all(any(word.casefold() in text for word in group) for group in fact.groups)


def _read(value: object) -> Iterable[str]:
    """All that a student reads of an item; in a cloze card, what it hides as well."""
    if isinstance(value, str):
        yield re.sub(r"\{\{c1::(.*?)\}\}", r"\1", value)
    elif isinstance(value, dict):
        for field, inner in value.items():
            if field not in UNREAD:
                yield from _read(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _read(inner)


def _front(card: JSON) -> str:
    """What a card asks: of one sentence two words may be hidden in turn."""
    return re.sub(r"\{\{c1::(.*?)\}\}", r"\1 (\1)", str(card["front"]))


def _asked(question: JSON) -> str:
    """A gap asks something else where something else is missing."""
    gap = question["answer"] if question["kind"] == "multiple-choice" else ""
    return f"{question['question']} {gap}"
