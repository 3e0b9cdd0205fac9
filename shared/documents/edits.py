"""What a student changed of the study material, laid over it when it is read.

An edit keeps the student's words alone, so what is removed from a transcript stays in no edit, and
it applies to whatever is made under the item's identity.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from shared.documents import cloze
from shared.documents.artifacts import (
    ArtifactEnvelope,
    ExamQuestion,
    ExamQuestions,
    Flashcard,
    Flashcards,
    KeyTerm,
    KeyTerms,
    StudyItem,
)
from shared.documents.items import A, I, ItemKind, items_of, rewritten

Value = str | tuple[str, ...]
Fields = Mapping[str, Value]

EDITABLE: Mapping[ItemKind, frozenset[str]] = {
    ItemKind.BULLET: frozenset({"text"}),
    ItemKind.ANNOUNCEMENT: frozenset({"text"}),
    ItemKind.OUTLINE_NODE: frozenset({"title"}),
    ItemKind.OUTLINE_POINT: frozenset({"text"}),
    ItemKind.KEY_TERM: frozenset({"term", "definition", "example"}),
    ItemKind.FLASHCARD: frozenset({"front", "back"}),
    ItemKind.EXAM_QUESTION: frozenset({"question", "options", "answer", "explanation"}),
}
"""The text fields of each kind. What cites, or says where in the lecture it was said, is no
student's to change."""


@dataclass(frozen=True)
class Edit:
    item_id: str
    kind: ItemKind
    revision: uuid.UUID
    """Another with each change."""
    own: bool
    """The item is the student's; `fields` are all it has."""
    hidden: bool
    fields: Fields


def laid_over(artifact: A, edits: Sequence[Edit], *, with_hidden: bool = False) -> A:
    """The artifact as its student wants it. Its items have ids. Hidden ones are left out, unless
    they are asked for."""
    by_id = {edit.item_id: edit for edit in edits if not edit.own}

    def change(item: I, /) -> I | None:
        edit = by_id.get(item.id)
        if edit is None:
            return item
        if edit.hidden and not with_hidden:
            return None
        return edited(item, edit.fields, hidden=edit.hidden)

    shown = rewritten(artifact, change)
    own = [edit for edit in edits if edit.own and (with_hidden or not edit.hidden)]
    return _with_own(shown, own)


def edited(item: I, fields: Fields, *, hidden: bool) -> I:
    return item.model_copy(update={**fields, "edited": bool(fields), "hidden": hidden})


def orphans(artifact: ArtifactEnvelope, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits of items that the artifact of their kind does not have."""
    there = {item.id for item in items_of(artifact)}
    return tuple(edit for edit in edits if not edit.own and edit.item_id not in there)


def own_item(edit: Edit) -> StudyItem:
    """Raises pydantic's ValidationError if it lacks what an item of its kind needs."""
    shown = {"id": edit.item_id, "own": True, "hidden": edit.hidden, "citations": ()}
    fields: dict[str, object] = {**edit.fields, **shown}
    match edit.kind:
        case ItemKind.FLASHCARD:
            card = {"key": f"own:{edit.item_id}", "guid": edit.item_id, "kind": "basic"}
            return Flashcard.model_validate({"difficulty": "medium", **fields, **card})
        case ItemKind.KEY_TERM:
            return KeyTerm.model_validate({"first_said_sec": None, **fields})
        case ItemKind.EXAM_QUESTION:
            return ExamQuestion.model_validate(
                {"kind": "short-answer", "explanation": "", **fields}
            )
    raise ValueError(f"{edit.kind} cannot be a student's own")


def problems_of(item: StudyItem) -> Mapping[str, str]:
    """What keeps an edited item from being one, by its field."""
    match item:
        case Flashcard(kind="cloze"):
            if all(isinstance(part, str) for part in cloze.parse(item.front)):
                return {"front": "hides nothing: a cloze card has {{c1::…}} around what is asked"}
        case ExamQuestion(kind="multiple-choice"):
            return _problems_of_choice(item)
        case ExamQuestion():
            if item.options:
                return {"options": "are for multiple-choice questions"}
            if item.kind == "true-false" and item.answer not in {"True", "False"}:
                return {"answer": "is not True or False"}
    return {}


def _problems_of_choice(question: ExamQuestion) -> Mapping[str, str]:
    if len({*question.options}) < len(question.options) or len(question.options) < 2:
        return {"options": "are not at least two different ones"}
    if question.answer not in question.options:
        return {"answer": "is not one of the options"}
    return {}


def _with_own(artifact: A, edits: Sequence[Edit]) -> A:
    """With the student's items after the others."""

    def own(kind: ItemKind) -> tuple[StudyItem, ...]:
        items = (_read(edit) for edit in edits if edit.kind is kind)
        return tuple(item for item in items if item is not None)

    content: object
    match artifact:
        case KeyTerms(content=terms):
            added = (*terms.terms, *own(ItemKind.KEY_TERM))
            content = terms.model_copy(update={"terms": added})
        case Flashcards(content=cards):
            added = (*cards.cards, *own(ItemKind.FLASHCARD))
            content = cards.model_copy(update={"cards": added})
        case ExamQuestions(content=questions):
            added = (*questions.questions, *own(ItemKind.EXAM_QUESTION))
            content = questions.model_copy(update={"questions": added})
        case _:
            return artifact
    return artifact.model_copy(update={"content": content})


def _read(edit: Edit) -> StudyItem | None:
    try:
        return own_item(edit)
    except ValidationError:
        return None  # Of another release, which knows other fields.
