"""Flashcards as an Anki package (.apkg), one deck per course."""

import hashlib
import itertools
import sqlite3
from collections.abc import Iterator
from uuid import UUID

import genanki

from functions.export.document import LectureDocument
from functions.export.formats.anki.identity import deck_name, identities, tags_of
from functions.export.formats.anki.note_types import BASIC, CLOZE
from functions.export.formats.anki.text import content, field, source
from functions.export.text.archive import zipped
from functions.export.text.file_names import file_name

_NOTE_TYPES = {"basic": BASIC, "cloze": CLOZE}


class AnkiFormat:
    type = "anki"
    content_type = "application/x-apkg"
    needs_transcript = False

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "apkg")

    def render(self, document: LectureDocument) -> bytes:
        deck = genanki.Deck(_deck_id(document.course_id), deck_name(document))
        for note in _notes(document):
            deck.add_note(note)
        # Anki takes a note over the one it has only when it was modified later.
        modified = int(document.modified.timestamp())
        return zipped((("collection.anki2", _collection(deck, modified)), ("media", b"{}")))


def _notes(document: LectureDocument) -> Iterator[genanki.Note]:
    for card, guid in identities(document):
        kind, asked, answered = content(card)
        yield genanki.Note(
            model=_NOTE_TYPES[kind],
            fields=[asked, answered, source(card), field(document.title)],
            tags=tags_of(document, card),
            guid=guid,
        )


def _deck_id(course_id: UUID) -> int:
    """41 bits: unlike any other course's, and exact where a number is a double."""
    digest = hashlib.sha256(b"deck:" + course_id.bytes).digest()
    return (1 << 40) + int.from_bytes(digest[:5])


def _collection(deck: genanki.Deck, modified: int) -> bytes:
    """The package's database, built in memory with ids counted up from its time."""
    connection = sqlite3.connect(":memory:")
    try:
        package = genanki.Package(deck)
        package.write_to_db(connection.cursor(), modified, itertools.count(modified * 1000))
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()
