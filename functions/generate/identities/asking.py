"""What an item asks or says, and where: that by which it is recognized when it is made again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from functions.generate.grounding.checks import gist
from functions.generate.text.words import tokens
from shared.documents.artifacts import (
    Announcement,
    Bullet,
    Citation,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlineNode,
    OutlinePoint,
    StudyItem,
)
from shared.documents.items import ItemKind, item_key, kind_of

Words = tuple[str, ...]

_STATEMENTS = frozenset(
    {ItemKind.BULLET, ItemKind.ANNOUNCEMENT, ItemKind.OUTLINE_NODE, ItemKind.OUTLINE_POINT}
)

_NEARLY = 0.8
"""Least part of two chapters' time that is common to both."""

_USE = re.compile(r":\d{1,2}$")
"""A language model's second card about a subject is `basic:load factor:2`."""

_HIDDEN = re.compile(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", re.DOTALL)


@dataclass(frozen=True)
class Asking:
    kind: str
    """Items of different kinds are different items."""
    key: str
    fact: str
    """The key without the number of a subject's second card."""
    words: Words
    """Of the question, the term, the title or the statement."""
    asked: Words
    """Those that make it this item: of a cloze what it hides, else all."""
    has_answer: bool
    answer: Words
    """In any order."""
    spans: tuple[tuple[float, float], ...]
    """Where in the lecture its evidence is, in seconds."""
    evidence: frozenset[str]
    """Words that are said there."""
    begins: float | None
    """Of a term: the second at which it is said first."""
    covers: tuple[float, float] | None
    """Of a chapter: the stretch of the lecture that it is about, in seconds."""

    @classmethod
    def of(cls, item: StudyItem) -> "Asking":
        kind, key, hidden, answer = str(kind_of(item)), item_key(item), "", ""
        match item:
            case Flashcard():
                kind, words, answer = f"{kind}:{item.kind}", item.front, item.back
                hidden = " ".join(_HIDDEN.findall(item.front))
            case ExamQuestion():
                kind, words, answer = f"{kind}:{item.kind}", item.question, item.answer
            case KeyTerm():
                words, answer = item.term, item.definition
            case OutlineNode():
                words = item.title
            case Bullet() | Announcement() | OutlinePoint():
                words = item.text
            case _:
                raise TypeError(f"{type(item).__name__} is no item")
        citations = tuple(_citations(item))
        is_cloze = isinstance(item, Flashcard) and item.kind == "cloze"
        return cls(
            kind=kind,
            key=key,
            fact=_USE.sub("", key) if isinstance(item, Flashcard) else key,
            words=tokens(words),
            asked=tokens(hidden) if is_cloze else tokens(words),
            has_answer=bool(answer),
            answer=gist(answer),
            spans=tuple((each.start_sec, each.end_sec) for each in citations),
            evidence=frozenset(word for each in citations for word in tokens(each.quote)),
            begins=item.first_said_sec if isinstance(item, KeyTerm) else None,
            covers=(item.start_sec, item.end_sec) if isinstance(item, OutlineNode) else None,
        )

    @property
    def is_cloze(self) -> bool:
        return self.kind.endswith(":cloze")

    @property
    def is_statement(self) -> bool:
        """It says something and asks nothing."""
        return self.kind in _STATEMENTS

    def cites_what(self, other: "Asking") -> bool:
        """Whether both cite one place of the lecture."""
        return any(
            start < their_end and their_start < end
            for start, end in self.spans
            for their_start, their_end in other.spans
        )

    def begins_with(self, other: "Asking") -> bool:
        """Whether both are terms that are said first at one moment."""
        return self.begins is not None and self.begins == other.begins

    def covers_what(self, other: "Asking") -> bool:
        """Whether both are chapters about nearly the same stretch."""
        if self.covers is None or other.covers is None:
            return False
        (start, end), (their_start, their_end) = self.covers, other.covers
        common = min(end, their_end) - max(start, their_start)
        return common >= _NEARLY * (max(end, their_end) - min(start, their_start))


def _citations(item: StudyItem) -> Iterator[Citation]:
    if isinstance(item, OutlineNode):
        for point in item.points:
            yield from point.citations
        for child in item.children:
            yield from _citations(child)
    elif isinstance(
        item, Bullet | Announcement | OutlinePoint | KeyTerm | Flashcard | ExamQuestion
    ):
        yield from item.citations
