"""Places where a line may end inside a long word."""

import re
import unicodedata

# Between these letters a line may end anyway, by rules that Typst knows and a break of ours would
# only spoil.
_EAST_ASIAN = "\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef"
_THAI_TO_KHMER = "\u0e00-\u109f\u1780-\u17ff"
_EVERY = 10
"""Characters from one place to the next."""
_VIRAMA = 9
"""Combining class of the signs that join the letter before to the one after."""


def breakable(text: str, *, longest: int, square: bool = False) -> str:
    """The text with zero-width spaces in words of more than `longest` characters.

    `square`: it is set as Chinese or Japanese, where Typst knows no rules for Thai and Khmer.
    """
    left_alone = _EAST_ASIAN if square else _EAST_ASIAN + _THAI_TO_KHMER
    return re.sub(rf"[^\s{left_alone}]{{{longest + 1},}}", _with_breaks, text)


def _with_breaks(word: re.Match[str]) -> str:
    parts, since = [" "], 0
    for char in word[0]:
        # A mark stays with the letter it sits on, and joined letters with each other.
        joined = unicodedata.category(char)[0] == "M" or unicodedata.combining(parts[-1]) == _VIRAMA
        if since >= _EVERY and not joined:
            parts.append("\u200b")
            since = 0
        parts.append(char)
        since += 1
    return "".join(parts[1:])
