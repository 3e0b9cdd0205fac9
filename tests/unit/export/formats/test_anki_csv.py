"""The table of flashcards, as Anki imports it and as a spreadsheet would read it."""

import csv
import html
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportCsvRequest

from functions.export.document import LectureDocument
from functions.export.formats.anki.table import AnkiCsvFormat
from tests.unit.export.documents import lecture, with_cards
from tests.unit.export.formats.test_anki import card, import_into, later, only_note
from tests.unit.export.hostile import HOSTILE

COLUMNS = 5


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Any]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def import_table(collection: Any, document: LectureDocument) -> None:
    table = Path(collection.path).with_name("deck.csv")
    table.write_bytes(AnkiCsvFormat().render(document))
    metadata = collection.get_csv_metadata(path=str(table), delimiter=None)
    collection.import_csv(ImportCsvRequest(path=str(table), metadata=metadata))


def rows(document: LectureDocument) -> list[list[str]]:
    text = AnkiCsvFormat().render(document).decode()
    head = [line for line in text.split("\n") if line.startswith("#")]
    return list(csv.reader(io.StringIO("\n".join(text.split("\n")[len(head) :]))))


def test_every_card_arrives_in_the_courses_deck_with_its_tags(collection: Any) -> None:
    document = lecture()
    import_table(collection, document)
    assert collection.note_count() == len(document.material.flashcards.content.cards)
    assert len(collection.find_cards('deck:"Data structures"')) == collection.card_count()
    tagged = collection.find_notes("tag:course::data-structures")
    assert len(tagged) == collection.note_count()


def test_importing_again_updates_and_doubles_nothing(collection: Any) -> None:
    document = with_cards(lecture(), card("What?", "This."))
    import_table(collection, document)
    import_table(collection, later(document, card("What?", "That.")))
    assert "That." in only_note(collection).fields[1]


def test_a_table_after_the_package_doubles_no_card(collection: Any) -> None:
    document = lecture()
    import_into(collection, document)
    import_table(collection, document)
    assert collection.note_count() == len(document.material.flashcards.content.cards)


def test_a_notes_guid_is_the_packages(collection: Any) -> None:
    document = with_cards(lecture(), card("What?"))
    import_into(collection, document)
    assert [row[0] for row in rows(document)] == [only_note(collection).guid]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_in_its_cell_and_is_no_formula(name: str, collection: Any) -> None:
    document = with_cards(lecture(), card(HOSTILE[name], HOSTILE[name], key=HOSTILE[name]))
    table = rows(document)
    assert [len(row) for row in table] == [COLUMNS]
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in table for cell in row)
    import_table(collection, document)
    assert collection.note_count() == 1


@pytest.mark.parametrize("unseen", ["", "\u200b", "\ufeff", "\u3000", "\u00a0"])
@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@sum(a1)", "＝1+1", "＋1", "－1", "＠sum(a1)"]
)
def test_a_formula_is_text_to_a_spreadsheet_and_itself_to_anki(
    start: str, unseen: str, collection: Any
) -> None:
    document = with_cards(lecture(), card(unseen + start, f"{unseen}{start}!"))
    ((_, _, front, back, _),) = rows(document)
    assert front.strip("\u200b\ufeff\u3000\u00a0")[0] == "&"
    assert back.strip("\u200b\ufeff\u3000\u00a0")[0] == "&"
    import_table(collection, document)
    assert start in html.unescape(only_note(collection).cards()[0].question())


def test_it_round_trips_as_csv() -> None:
    document = lecture()
    table = rows(document)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    assert AnkiCsvFormat().render(document).decode().endswith(out.getvalue())
