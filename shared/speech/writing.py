"""How words are written next to each other in the world's scripts."""

from collections.abc import Sequence
from itertools import pairwise

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3000, 0x30FF),  # CJK punctuation, Hiragana, Katakana
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xF900, 0xFAFF),  # CJK compatibility
    (0xFF00, 0xFFEF),  # full-width forms
)
"""Unicode blocks of scripts that put no space between words."""


def unspaced(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in _UNSPACED)


def join(words: Sequence[str]) -> str:
    """Words as running text: spaces between them unless both sides write without."""
    if not words:
        return ""
    pieces = [words[0]]
    for before, word in pairwise(words):
        if not (unspaced(before[-1]) and unspaced(word[0])):
            pieces.append(" ")
        pieces.append(word)
    return "".join(pieces)
