"""Stable ids of a deck's notes, by which Anki recognizes them in any file."""

from collections.abc import Iterator

from functions.export.document import LectureDocument
from functions.export.formats.anki.text import tag
from shared.courses.identities import ids_of
from shared.documents.artifacts import Flashcard
from shared.text import one_line


def deck_name(document: LectureDocument) -> str:
    # In a deck's name "::" separates decks.
    return one_line(document.course).replace("::", ":")


def tags_of(document: LectureDocument, card: Flashcard) -> list[str]:
    """Course, lecture, thread, difficulty, and what the card itself is tagged with."""
    threads = {str(thread.id): thread.title for thread in document.threads}
    thread = tag(threads.get(card.thread_ref or "", ""))
    own = [
        *([f"thread::{thread}"] if thread else []),
        f"difficulty::{card.difficulty}",
        *filter(None, map(tag, card.tags)),
    ]
    return [
        f"course::{tag(document.course_slug) or document.course_id.hex}",
        f"lecture::{tag(document.lecture_slug) or document.lecture_id.hex}",
        *dict.fromkeys(own),
    ]


def identities(document: LectureDocument) -> Iterator[tuple[Flashcard, str]]:
    """Each card with its note's GUID: with other wording it is the same note."""
    cards = document.material.flashcards.content.cards
    return zip(cards, ids_of(document.card_namespace, cards), strict=True)
