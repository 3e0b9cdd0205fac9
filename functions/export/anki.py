"""Flashcards as an Anki package (.apkg), one deck per course."""

import hashlib
import io
import itertools
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import genanki

from functions.export.anki_note_types import BASIC, CLOZE
from functions.export.anki_text import cloze_field, field, tag
from functions.export.clock import clock
from functions.export.document import LectureDocument
from functions.export.file_names import file_name
from functions.export.plain_text import one_line
from shared.artifacts import Flashcard


class AnkiFormat:
    type = "anki"
    content_type = "application/x-apkg"

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "apkg")

    def render(self, document: LectureDocument) -> bytes:
        # In a deck's name "::" separates decks.
        deck_name = one_line(document.course).replace("::", ":")
        deck = genanki.Deck(_deck_id(document.course_id), deck_name)
        for note in _notes(document):
            deck.add_note(note)
        # Anki takes a note over the one it has only when it was modified later.
        modified = int(document.material.flashcards.generated_at.timestamp())
        return _zip(_collection(deck, modified))


def _notes(document: LectureDocument) -> Iterator[genanki.Note]:
    tags = [
        f"course::{tag(document.course_slug) or document.course_id.hex}",
        f"lecture::{tag(document.lecture_slug) or document.lecture_id.hex}",
    ]
    seen: Counter[str] = Counter()
    for card in document.material.flashcards.content.cards:
        seen[card.key] += 1
        model, asked, answered = _content(card)
        own = [f"difficulty::{card.difficulty}", *filter(None, map(tag, card.tags))]
        yield genanki.Note(
            model=model,
            fields=[asked, answered, _source(card), field(document.title)],
            tags=[*tags, *dict.fromkeys(own)],
            guid=_guid(document, card.key, seen[card.key]),
        )


def _content(card: Flashcard) -> tuple[genanki.Model, str, str]:
    """Note type and its first two fields; a cloze without a deletion asks nothing
    in Anki and becomes a basic card."""
    if card.kind == "cloze" and (text := cloze_field(card.front)):
        return CLOZE, text, field(card.back)
    return BASIC, field(card.front), field(card.back)


def _source(card: Flashcard) -> str:
    return "<br>".join(
        f'<span class="time">{clock(citation.start_sec)}</span> “{field(citation.quote)}”'
        for citation in card.citations
    )


def _guid(document: LectureDocument, key: str, occurrence: int) -> str:
    """Of the card's identity alone: with other wording it is the same note."""
    identity = [document.course_id, document.lecture_id, key]
    guid: str = genanki.guid_for(*identity, *([occurrence] if occurrence > 1 else []))
    return guid


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


def _zip(collection: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in (("collection.anki2", collection), ("media", b"{}")):
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01, whatever the clock says
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, data)
    return buffer.getvalue()
