"""What a lecture is called, in files and on the file system."""

from dataclasses import replace

import pytest

from functions.export.formats.registry import FORMATS
from tests.unit.export.documents import lecture
from tests.unit.export.hostile import HOSTILE


def test_a_given_title_is_used_as_it_is() -> None:
    assert lecture(title="  Hash\ttables ").title == "Hash tables"


@pytest.mark.parametrize("title", [None, "", "   ", "\u200b\u2060"])
def test_without_a_title_the_slug_becomes_words(title: str | None) -> None:
    assert lecture(title=title, slug="open-addressing_2").title == "Open addressing 2"


def test_a_slug_that_is_only_an_id_gives_way_to_the_date() -> None:
    document = lecture(title=None, slug="6f1c0b5e-6a53-4df7-9a55-0d0f3c2f7a11")
    assert document.title == "Lecture of 2026-03-12"


def test_the_youngest_artifact_dates_the_files() -> None:
    document = lecture()
    later = document.material.outline.generated_at.replace(year=2027)
    outline = document.material.outline.model_copy(update={"generated_at": later})
    changed = replace(document, material=replace(document.material, outline=outline))
    assert changed.modified == later


def test_file_names_come_from_the_titles() -> None:
    names = [each.file_name(lecture(title="Hash Tables: Part 2")) for each in FORMATS.values()]
    assert names == [
        f"data-structures-hash-tables-part-2.{extension}"
        for extension in ("md", "pdf", "docx", "apkg", "csv", "srt", "vtt", "txt", "json")
    ]


def test_a_title_in_another_script_leaves_the_name_to_the_slug() -> None:
    document = lecture(title="第4回 ハッシュ表", slug="hashing-4")
    assert FORMATS["pdf"].file_name(document) == "data-structures-hashing-4.pdf"


def test_accents_are_dropped_from_file_names() -> None:
    document = lecture(title="Équilibre général")
    assert FORMATS["pdf"].file_name(document) == "data-structures-equilibre-general.pdf"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_title_makes_a_file_name_anything_but_a_short_plain_name(text: str) -> None:
    document = lecture(title=text, course_title=text, slug=text)
    for each in FORMATS.values():
        name = each.file_name(document)
        stem, _, extension = name.rpartition(".")
        assert extension.isalpha()
        assert stem.isascii()
        assert stem.replace("-", "").isalnum()
        assert len(name) < 110
