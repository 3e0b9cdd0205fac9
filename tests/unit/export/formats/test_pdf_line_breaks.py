"""A long word may end a line inside, but never inside a letter."""

import itertools
import unicodedata

import pytest

from functions.export.formats.pdf.line_breaks import breakable
from tests.unit.export.scripts import SENTENCES

BREAK = "\u200b"
VIRAMA = 9


def test_a_word_of_ordinary_length_is_left_alone() -> None:
    assert breakable("Donaudampfschifffahrt", longest=36) == "Donaudampfschifffahrt"


def test_a_long_word_may_end_a_line_every_ten_letters() -> None:
    assert breakable("a" * 25, longest=20) == BREAK.join(["a" * 10, "a" * 10, "a" * 5])


@pytest.mark.parametrize("language", ["hi", "bn", "ml", "si", "km", "my", "th", "he"])
def test_letters_stay_whole(language: str) -> None:
    word = "".join(SENTENCES[language].split()) * 3
    parts = breakable(word, longest=20, square=True).split(BREAK)
    assert len(parts) > 1
    assert "".join(parts) == word
    for before, after in itertools.pairwise(parts):
        assert unicodedata.category(after[0])[0] != "M"
        assert unicodedata.combining(before[-1]) != VIRAMA


@pytest.mark.parametrize("language", ["zh", "ja", "th", "km"])
def test_typst_chooses_where_a_line_of_these_ends(language: str) -> None:
    text = SENTENCES[language].replace("O(1)", "") * 3
    assert breakable(text, longest=20) == text
