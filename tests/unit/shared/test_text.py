"""What comes from outside is stored, shown, or refused by the same rules everywhere."""

import re
import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter, ValidationError

from shared.text import SHOWN, StorableText, is_storable, one_line, shown_line, spelled_out

ANY = st.text(st.characters(), max_size=30)
"""With NUL and lone surrogates."""
SEEN: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(max_length=30), *SHOWN])
STORABLE: TypeAdapter[str] = TypeAdapter(StorableText)
PATTERN = re.compile(SEEN.json_schema()["pattern"])


def accepted(kind: TypeAdapter[str], text: str) -> str | None:
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None


@given(ANY)
def test_storable_is_what_utf_8_has_without_nul(text: str) -> None:
    try:
        stored = "\x00" not in text and text.encode().decode() == text
    except UnicodeEncodeError:
        stored = False
    assert is_storable(text) is stored
    assert accepted(STORABLE, text) == (text if stored else None)


@given(ANY)
def test_what_is_spelled_out_can_be_stored(text: str) -> None:
    assert is_storable(spelled_out(text))
    if is_storable(text):
        assert spelled_out(text) == text


@given(ANY)
def test_a_name_is_one_storable_line_that_shows_something(text: str) -> None:
    name = accepted(SEEN, text)
    if name is None:
        assert not is_storable(text) or shown_line(text) == ""
    else:
        assert is_storable(name)
        assert name == name.strip() == one_line(text)
        assert not {unicodedata.category(char) for char in name} & {"Cc", "Cs", "Zl", "Zp"}
        assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(name)
        assert PATTERN.search(text), "the document does not allow what is accepted"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "\x00",
        "a\x00b",
        "a\ud800",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u202e\u202d\u2066\u2069",
        "\u00ad\u034f\u115f\u3164\uffa0",
        "\x07\x1b\x7f\x85",
        "\U000e0041\U000e007f",
        "\ufe0f",
        "\u2028\u2029\u3000",
    ],
)
def test_what_shows_nothing_is_no_name(text: str) -> None:
    assert accepted(SEEN, text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\x1b[31mb", "a[31mb"),
        ("\u202eevil\u202c", "evil"),
        ("two\r\nlines", "two lines"),
        # Joiners spell Persian and emoji families; direction marks keep their order.
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("\u200fשלום", "\u200fשלום"),
    ],
)
def test_what_a_name_does_not_show_is_removed(text: str, name: str) -> None:
    assert accepted(SEEN, text) == name
