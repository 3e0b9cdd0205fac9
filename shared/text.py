"""Text from outside: what can be stored, and what can be shown on a line."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# Embeddings, overrides and isolates reorder what follows them; the plain direction marks, which
# some words need, stay.
_BIDI_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))

# White space and what is ignorable by default (Unicode, Default_Ignorable_Code_Point): soft hyphen,
# joiners, fillers, direction marks, variation selectors. Braille's blank is here as well. In the
# syntax that ECMA 262, Python and pydantic share: the API's document shows it.
_INVISIBLE = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ufffe\uffff"
)
# With the plane of tags, for which the three syntaxes differ.
_VISIBLE = re.compile(rf"[^{_INVISIBLE}\U000e0000-\U000e0fff]")


def is_storable(text: str) -> bool:
    """Whether Postgres can store it: it takes no NUL, and UTF-8 has no lone surrogates."""
    return _UNSTORABLE.search(text) is None


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds a character that cannot be stored (NUL or a lone surrogate)")
    return text


StorableText = Annotated[str, AfterValidator(_storable)]
"""The type of every text that comes from outside; whatever has a stricter pattern excludes NUL
there, and pydantic then takes no surrogates."""


def spelled_out(text: str) -> str:
    """For records of what is not under our control: what cannot be stored is escaped."""
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


def one_line(text: str) -> str:
    """The whole text as a single line, without control characters and bidirectional overrides;
    white space is collapsed."""
    spaced = " ".join(text.split())
    if spaced.isprintable():
        return spaced
    return " ".join("".join(filter(_is_text, spaced)).split())


def _is_text(char: str) -> bool:
    # Cc: control characters; Cs: halves of surrogate pairs; U+FFFE, U+FFFF: no characters.
    category = unicodedata.category(char)
    return (
        category not in {"Cc", "Cs"} and char not in _BIDI_CONTROLS and ord(char) & 0xFFFE != 0xFFFE
    )


_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def lines(text: str) -> tuple[str, ...]:
    """The non-empty lines of a text, without control characters, white space collapsed."""
    parts = _LINE_ENDS.sub("\n", text).split("\n")
    return tuple(line for part in parts if (line := one_line(part)))


def shown_line(text: str) -> str:
    """The same, and empty where nothing of it can be seen."""
    line = one_line(text)
    return line if _VISIBLE.search(line) else ""


def _shown(text: str) -> str:
    if not (line := shown_line(text)):
        raise ValueError("shows nothing")
    return line


Name = Annotated[StorableText, AfterValidator(shown_line)]
"""What a language model calls something; empty where nothing of it can be seen."""

SHOWN = (
    StringConstraints(pattern=rf"^[^\x00]*[^{_INVISIBLE}][^\x00]*$"),
    AfterValidator(_shown),
)
"""A title, a name or words that a person writes: storable, on one line, and with something to
see. `Annotated[str, StringConstraints(max_length=…), *SHOWN]`."""
