"""The deck, as Anki's own library imports it."""

import io
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportAnkiPackageRequest

from functions.export.document import LectureDocument
from functions.export.formats.anki.package import AnkiFormat
from shared.documents.artifacts import Citation, Flashcard
from shared.text import lines
from tests.unit.export.documents import REGISTERED, lecture, with_cards
from tests.unit.export.hostile import HOSTILE

CITATION = Citation(start_sec=75, end_sec=80, quote="We call that a collision.")


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Any]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def import_into(collection: Any, document: LectureDocument) -> None:
    package = Path(collection.path).with_name("deck.apkg")
    package.write_bytes(AnkiFormat().render(document))
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(package)))


def card(front: str, back: str = "back", **changes: Any) -> Flashcard:
    fields: dict[str, Any] = {
        "key": "key",
        "kind": "basic",
        "front": front,
        "back": back,
        "difficulty": "easy",
        "citations": (CITATION,),
        **changes,
    }
    return Flashcard(**fields)


def only_note(collection: Any) -> Any:
    (note_id,) = collection.find_notes("")
    return collection.get_note(note_id)


def later(document: LectureDocument, *cards: Flashcard) -> LectureDocument:
    """The same lecture, generated again an hour after."""
    changed = with_cards(document, *cards)
    flashcards = changed.material.flashcards
    generated = flashcards.generated_at + timedelta(hours=1)
    return replace(
        changed,
        material=replace(
            changed.material, flashcards=flashcards.model_copy(update={"generated_at": generated})
        ),
    )


def test_every_card_arrives_in_the_courses_deck(collection: Any) -> None:
    document = lecture()
    import_into(collection, document)
    assert collection.note_count() == len(document.material.flashcards.content.cards)
    assert collection.card_count() == collection.note_count()
    assert "Data structures" in {deck.name for deck in collection.decks.all_names_and_ids()}
    assert len(collection.find_cards('deck:"Data structures"')) == collection.card_count()


def test_importing_the_same_deck_again_changes_nothing(collection: Any) -> None:
    import_into(collection, lecture())
    before = [collection.get_note(each).fields for each in collection.find_notes("")]
    import_into(collection, lecture())
    assert [collection.get_note(each).fields for each in collection.find_notes("")] == before


def test_a_card_with_a_new_answer_is_updated_and_not_doubled(collection: Any) -> None:
    document = lecture()
    import_into(collection, document)
    first, *others = document.material.flashcards.content.cards[1:]
    count = collection.note_count()
    (before,) = collection.find_notes('"Front:With chaining, the average list*"')

    changed = first.model_copy(update={"back": "It got better."})
    import_into(collection, later(document, changed, *others))

    assert collection.note_count() == count
    assert collection.get_note(before).fields[1] == "It got better."


def test_a_card_with_a_new_question_keeps_its_history(collection: Any) -> None:
    document = with_cards(lecture(), card("What is chaining?"))
    import_into(collection, document)
    note_id = only_note(collection).id
    import_into(collection, later(document, card("What does chaining mean?")))
    assert only_note(collection).id == note_id
    assert only_note(collection).fields[0] == "What does chaining mean?"


def test_lectures_generated_in_the_same_second_share_a_deck_and_lose_nothing(
    collection: Any,
) -> None:
    first, second = lecture(), lecture("hashing-2", title="Hashing, continued", slug="hashing-2")
    import_into(collection, first)
    import_into(collection, second)
    for document in (first, second):
        found = collection.find_notes(f"tag:lecture::{document.lecture_slug}")
        assert len(found) == len(document.material.flashcards.content.cards)
    assert len(collection.decks.all_names_and_ids(skip_empty_default=True)) == 1


def test_cards_of_one_key_are_all_kept(collection: Any) -> None:
    import_into(collection, with_cards(lecture(), card("one"), card("two")))
    assert collection.note_count() == 2


def test_the_back_says_where_in_the_lecture_it_was_said(collection: Any) -> None:
    import_into(collection, with_cards(lecture(), card("What is a collision?")))
    answer = only_note(collection).cards()[0].answer()
    assert "01:15" in answer
    assert "We call that a collision." in answer
    assert "Hash tables" in answer


def test_a_cloze_card_hides_its_word_and_then_shows_it(collection: Any) -> None:
    cloze = card("A {{c1::collision::what?}} is not rare.", "See chaining.", kind="cloze")
    import_into(collection, with_cards(lecture(), cloze))
    (shown,) = only_note(collection).cards()
    question = shown.question().split("</style>")[1]
    assert text_of(question) == "A [what?] is not rare."
    assert text_of(shown.answer().split("</style>")[1]).startswith("A collision is not rare.")


def test_a_cloze_card_of_two_words_asks_twice(collection: Any) -> None:
    cloze = card("{{c1::Chaining}} or {{c2::open addressing}}", kind="cloze")
    import_into(collection, with_cards(lecture(), cloze))
    assert collection.note_count() == 1
    assert collection.card_count() == 2


def test_a_cloze_card_without_a_gap_still_asks_its_question(collection: Any) -> None:
    import_into(collection, with_cards(lecture(), card("No gap here", kind="cloze")))
    assert collection.card_count() == 1
    assert "No gap here" in only_note(collection).cards()[0].question()


def test_tags_name_course_lecture_and_kind_and_are_single_words(collection: Any) -> None:
    document = lecture(slug='week 4: "hashing"')
    tagged = card("front", tags=("two words", "a::b", "größe", '"*_', ""))
    import_into(collection, with_cards(document, tagged))
    assert set(only_note(collection).tags) == {
        "course::data-structures",
        "lecture::week-4-hashing",
        "difficulty::easy",
        "two-words",
        "a-b",
        "größe",
    }


def test_a_courses_title_makes_no_tree_of_decks(collection: Any) -> None:
    import_into(collection, lecture(course_title="C::B"))
    names = {deck.name for deck in collection.decks.all_names_and_ids(skip_empty_default=True)}
    assert names == {"C:B"}


def test_a_lecture_without_cards_gives_a_deck_without_cards(collection: Any) -> None:
    import_into(collection, with_cards(lecture()))
    assert collection.note_count() == 0


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_as_text_and_does_nothing(collection: Any, text: str) -> None:
    document = with_cards(
        lecture(title=text, course_title=text),
        card(f"Q {text}", text, citations=(CITATION.model_copy(update={"quote": text}),)),
    )
    import_into(collection, document)
    note = only_note(collection)
    assert shown_lines(note.fields[0]) == list(lines(f"Q {text}"))
    assert shown_lines(note.fields[1]) == list(lines(text))
    (shown,) = note.cards()
    for side in (shown.question(), shown.answer()):
        page = Page(side.split("</style>")[1])
        assert page.tags <= {"div", "hr", "span", "br"}
        assert page.attributes <= {"class", "id", "dir"}
        assert not any("\\(" in node or "\\[" in node for node in page.texts)
    assert shown.question_av_tags() == shown.answer_av_tags() == []
    assert "[latex]" not in note.joined_fields()
    assert "[$" not in note.joined_fields()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "cloze"])
def test_hostile_text_in_a_cloze_card_opens_no_other_gap(collection: Any, name: str) -> None:
    text = HOSTILE[name].replace("\n", " ")
    front = f"{{{{c1::answer}}}} }}}} {{{{cloze:Text}}}} {text}"
    import_into(collection, with_cards(lecture(), card(front, kind="cloze")))
    (shown,) = only_note(collection).cards()
    question = text_of(shown.question().split("</style>")[1])
    expected = "".join(lines(f"[...] }}}} {{{{cloze:Text}}}} {text}"))
    assert "".join(question.split()) == "".join(expected.split())


def test_the_package_says_nothing_of_the_clock(tmp_path: Path) -> None:
    package = zipfile.ZipFile(io.BytesIO(AnkiFormat().render(lecture())))
    assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    database = tmp_path / "collection.anki2"
    database.write_bytes(package.read("collection.anki2"))
    connection = sqlite3.connect(database)
    try:
        times = connection.execute("SELECT DISTINCT mod FROM notes").fetchall()
    finally:
        connection.close()
    assert times == [(int((REGISTERED + timedelta(hours=1)).timestamp()),)]


class Page(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def text_of(source: str) -> str:
    return "".join(Page(source).texts)


def shown_lines(field: str) -> list[str]:
    return [text_of(line) for line in field.split("<br>")]
