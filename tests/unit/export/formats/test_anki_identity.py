"""Decks that students have keep updating, and cards run in the direction of what they say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportAnkiPackageRequest, ImportCsvRequest

from functions.export.formats.anki.table import AnkiCsvFormat
from shared.courses.identities import created_names, derived_ids
from tests.unit.export.documents import with_cards
from tests.unit.export.formats.old_deck import old_lecture
from tests.unit.export.formats.test_anki import import_into, later

OLD = Path(__file__).parents[3] / "data" / "anki" / "before-identities.apkg"


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Any]:
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def import_old(collection: Any) -> None:
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(OLD)))


def guids(collection: Any) -> dict[str, int]:
    return {collection.get_note(each).guid: each for each in collection.find_notes("")}


def test_a_deck_of_before_is_updated_and_no_note_is_doubled(collection: Any) -> None:
    import_old(collection)
    before = guids(collection)
    document = old_lecture()
    cards = document.material.flashcards.content.cards
    reworded = [card.model_copy(update={"back": f"{card.back} Indeed."}) for card in cards]

    import_into(collection, later(document, *reworded))

    assert guids(collection) == before
    assert len(before) == len(cards)
    assert all("Indeed." in collection.get_note(note).fields[1] for note in before.values())


def test_so_it_is_once_identities_are_stored_in_the_artifact(collection: Any) -> None:
    import_old(collection)
    before = guids(collection)
    document = old_lecture()
    cards = document.material.flashcards.content.cards
    stored = [
        card.model_copy(update={"guid": guid, "key": f"other:{guid}", "back": "New."})
        for card, guid in zip(cards, derived_ids(document.card_namespace, cards), strict=True)
    ]

    import_into(collection, later(document, *stored))

    assert guids(collection) == before
    assert {collection.get_note(note).fields[1] for note in before.values()} == {"New."}


def test_the_table_of_before_is_updated_too(collection: Any) -> None:
    path = str(OLD.with_suffix(".csv"))
    metadata = collection.get_csv_metadata(path=path, delimiter=None)
    collection.import_csv(ImportCsvRequest(path=path, metadata=metadata))
    before = guids(collection)

    table = Path(collection.path).with_name("now.csv")
    table.write_bytes(AnkiCsvFormat().render(old_lecture()))
    metadata = collection.get_csv_metadata(path=str(table), delimiter=None)
    collection.import_csv(ImportCsvRequest(path=str(table), metadata=metadata))

    assert guids(collection) == before


def test_a_namespace_of_names_gives_other_identities_than_one_of_keys() -> None:
    document = old_lecture()
    named = created_names(owner="local", course="data-structures", lecture="hashing-1")
    cards = document.material.flashcards.content.cards

    assert set(derived_ids(named, cards)).isdisjoint(derived_ids(document.card_namespace, cards))


def rendered(collection: Any) -> list[tuple[str, str]]:
    cards = [collection.get_card(each).render_output() for each in collection.find_cards("")]
    return [(each.question_text, each.answer_text) for each in cards]


def test_every_field_of_a_card_has_its_own_direction(collection: Any) -> None:
    import_into(collection, old_lecture())

    shown = rendered(collection)

    assert len(shown) == 5
    for question, answer in shown:
        assert question.count('dir="auto"') == 1
        # Question, answer (unless the cloze is the answer), source and lecture.
        assert answer.count('dir="auto"') in {3, 4}
    assert all("unicode-bidi: plaintext" in note["css"] for note in note_types(collection))


def note_types(collection: Any) -> list[Any]:
    collection.models._clear_cache()  # does not know of what an import has changed
    models = (collection.models.get(each.id) for each in collection.models.all_names_and_ids())
    return [model for model in models if model["name"].startswith("Pegasus")]


def test_a_deck_of_before_takes_the_direction_over(collection: Any) -> None:
    """Anki updates a note type that came from a later export, and makes no second one."""
    import_old(collection)
    document = old_lecture()

    # Anki compares with the time at which it imported the note type.
    flashcards = document.material.flashcards.model_copy(
        update={"generated_at": datetime.now(UTC) + timedelta(hours=1)}
    )
    import_into(
        collection, replace(document, material=replace(document.material, flashcards=flashcards))
    )

    assert sorted(note["name"] for note in note_types(collection)) == [
        "Pegasus Basic",
        "Pegasus Cloze",
    ]
    assert all("unicode-bidi: plaintext" in note["css"] for note in note_types(collection))
    assert all('dir="auto"' in question for question, _ in rendered(collection))


def test_the_table_gives_directions_where_letters_run_from_right_to_left(collection: Any) -> None:
    document = old_lecture()
    *others, arabic = document.material.flashcards.content.cards

    for cards, directed in ((others, False), ([arabic], True)):
        table = AnkiCsvFormat().render(with_cards(document, *cards)).decode()
        assert ('dir=""auto""' in table) == directed


def test_a_renamed_lecture_keeps_its_cards(collection: Any) -> None:
    import_into(collection, old_lecture())
    before = guids(collection)

    import_into(
        collection,
        replace(old_lecture(), given_lecture_title="Renamed", given_course_title="Moved"),
    )

    assert guids(collection) == before
