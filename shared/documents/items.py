"""The items of study material: their kinds, and one way through those of an artifact."""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from shared.documents.artifacts import (
    Announcement,
    ArtifactEnvelope,
    ArtifactType,
    Bullet,
    ExamQuestion,
    ExamQuestions,
    Flashcard,
    Flashcards,
    KeyTerm,
    KeyTerms,
    Outline,
    OutlineNode,
    OutlinePoint,
    StudyItem,
    Summary,
)

A = TypeVar("A", bound=ArtifactEnvelope)
I = TypeVar("I", bound=StudyItem)  # noqa: E741


class ItemKind(StrEnum):
    BULLET = "bullet"
    ANNOUNCEMENT = "announcement"
    OUTLINE_NODE = "outline-node"
    OUTLINE_POINT = "outline-point"
    KEY_TERM = "key-term"
    FLASHCARD = "flashcard"
    EXAM_QUESTION = "exam-question"

    @property
    def artifact_type(self) -> ArtifactType:
        return _ARTIFACTS[self]


_KINDS: dict[type[StudyItem], ItemKind] = {
    Bullet: ItemKind.BULLET,
    Announcement: ItemKind.ANNOUNCEMENT,
    OutlineNode: ItemKind.OUTLINE_NODE,
    OutlinePoint: ItemKind.OUTLINE_POINT,
    KeyTerm: ItemKind.KEY_TERM,
    Flashcard: ItemKind.FLASHCARD,
    ExamQuestion: ItemKind.EXAM_QUESTION,
}
_ARTIFACTS = {
    ItemKind.BULLET: ArtifactType.SUMMARY,
    ItemKind.ANNOUNCEMENT: ArtifactType.SUMMARY,
    ItemKind.OUTLINE_NODE: ArtifactType.OUTLINE,
    ItemKind.OUTLINE_POINT: ArtifactType.OUTLINE,
    ItemKind.KEY_TERM: ArtifactType.KEY_TERMS,
    ItemKind.FLASHCARD: ArtifactType.FLASHCARDS,
    ItemKind.EXAM_QUESTION: ArtifactType.EXAM_QUESTIONS,
}


def kind_of(item: StudyItem) -> ItemKind:
    return _KINDS[type(item)]


class Change(Protocol):
    """What becomes of an item; None leaves it out."""

    def __call__(self, item: I, /) -> I | None: ...


def rewritten(artifact: A, change: Change) -> A:
    """The artifact with each item as `change` returns it. A chapter comes before what is in it,
    which is left out with it."""
    content: object
    match artifact:
        case Summary(content=summary):
            sections = tuple(
                section.model_copy(update={"bullets": _each(section.bullets, change)})
                for section in summary.sections
            )
            content = summary.model_copy(
                update={
                    "sections": sections,
                    "announcements": _each(summary.announcements, change),
                }
            )
        case Outline(content=outline):
            content = outline.model_copy(update={"nodes": _nodes(outline.nodes, change)})
        case KeyTerms(content=terms):
            content = terms.model_copy(update={"terms": _each(terms.terms, change)})
        case Flashcards(content=cards):
            content = cards.model_copy(update={"cards": _each(cards.cards, change)})
        case ExamQuestions(content=questions):
            content = questions.model_copy(update={"questions": _each(questions.questions, change)})
        case _:
            raise TypeError(f"{type(artifact).__name__} is no artifact")
    return artifact.model_copy(update={"content": content})


def items_of(artifact: ArtifactEnvelope) -> tuple[StudyItem, ...]:
    """All of them, in the order in which they are read."""
    found: list[StudyItem] = []

    def note(item: I, /) -> I:
        found.append(item)
        return item

    rewritten(artifact, note)
    return tuple(found)


def with_ids(artifact: A, ids: Iterable[str]) -> A:
    """The artifact, its items in order with these identities."""
    given = iter(ids)

    def identify(item: I, /) -> I:
        id = next(given)
        guid = {"guid": id} if isinstance(item, Flashcard) else {}
        return item.model_copy(update={"id": id, **guid})

    return rewritten(artifact, identify)


def item_key(item: StudyItem) -> str:
    """What the item asks about or says: the same for one that is made again in these words."""
    match item:
        case Flashcard():
            return item.key
        case KeyTerm():
            said = item.term
        case ExamQuestion():
            said = f"{item.kind}: {item.question}"
        case OutlineNode():
            said = item.title
        case Bullet() | Announcement() | OutlinePoint():
            said = item.text
        case _:
            raise TypeError(f"{type(item).__name__} is no item")
    return f"{kind_of(item)}:{_words(said)}"


def _each(items: tuple[I, ...], change: Change) -> tuple[I, ...]:
    changed = (change(item) for item in items)
    return tuple(item for item in changed if item is not None)


def _nodes(nodes: tuple[OutlineNode, ...], change: Change) -> tuple[OutlineNode, ...]:
    found = []
    for node in nodes:
        changed = change(node)
        if changed is not None:
            below = {
                "points": _each(node.points, change),
                "children": _nodes(node.children, change),
            }
            found.append(changed.model_copy(update=below))
    return tuple(found)


def _words(text: str) -> str:
    """Letters, marks and digits: neither punctuation nor capitals make another item."""
    plain = unicodedata.normalize("NFC", text).casefold()
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in plain)
    return " ".join("".join(kept).split())
