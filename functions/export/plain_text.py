"""Text as it may appear in any file: nothing invisible that could change its surroundings."""

import re
import unicodedata

# Embeddings, overrides and isolates turn the order of what follows them; the
# plain direction marks, which some words need, stay.
_BIDI_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def lines(text: str) -> tuple[str, ...]:
    """The non-empty lines of a text, without control characters, white space collapsed."""
    parts = _LINE_ENDS.sub("\n", text).split("\n")
    return tuple(line for part in parts if (line := one_line(part)))


def one_line(text: str) -> str:
    """The whole text as a single line."""
    spaced = " ".join(text.split())
    if spaced.isprintable():
        return spaced
    return " ".join("".join(char for char in spaced if _is_text(char)).split())


def _is_text(char: str) -> bool:
    # Cc: control characters; Cs: halves of surrogate pairs; U+FFFE, U+FFFF: no characters.
    category = unicodedata.category(char)
    return (
        category not in {"Cc", "Cs"} and char not in _BIDI_CONTROLS and ord(char) & 0xFFFE != 0xFFFE
    )
