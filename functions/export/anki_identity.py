"""What Anki recognizes a deck's notes by, in whatever file they reach it."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from functions.export.anki_text import tag
from functions.export.document import LectureDocument
from shared.artifacts import Flashcard
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


def numbered_guids(document: LectureDocument) -> Iterator[tuple[Flashcard, str]]:
    """Each card with its note's GUID, which follows from the card's identity alone: with
    other wording it is the same note."""
    seen: Counter[str] = Counter()
    for card in document.material.flashcards.content.cards:
        seen[card.key] += 1
        yield card, _guid(document, card.key, seen[card.key])


def _guid(document: LectureDocument, key: str, occurrence: int) -> str:
    identity = [str(document.course_id), str(document.lecture_id), key, str(occurrence)]
    # Letters and digits, a letter first: no spreadsheet takes it for a number or a formula.
    return "p" + hashlib.sha256("\n".join(identity).encode()).hexdigest()[:20]
