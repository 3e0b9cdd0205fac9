"""Whether a text repeats what was said, word for word."""

import re
import unicodedata
from collections.abc import Iterable

from shared.speech.writing import unspaced

RUN = 5
"""Words in a row that are taken for a quotation."""
SHORTEST = 3
"""What is shorter is not looked for: it would be found everywhere."""

_WORD = re.compile(r"[^\W_]+")


class Quotations:
    """Of some texts. What was said in fewer than `RUN` words is quoted by all of them."""

    def __init__(self, said: Iterable[str]) -> None:
        self._runs: set[tuple[str, ...]] = set()
        for text in said:
            words = _words(text)
            length = min(RUN, len(words))
            if length >= SHORTEST:
                self._runs |= _runs(words, length)
        self._lengths = {len(run) for run in self._runs}

    def are_in(self, text: str) -> bool:
        words = _words(text)
        return any(not self._runs.isdisjoint(_runs(words, length)) for length in self._lengths)


def has_words(text: str, phrase: str) -> bool:
    """Whether the words of a phrase stand in a text, next to each other."""
    words = _words(phrase)
    return bool(words) and tuple(words) in _runs(_words(text), len(words))


def _words(text: str) -> list[str]:
    """Folded, without punctuation; a character of an unspaced script is a word."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [
        part
        for word in _WORD.findall(plain)
        for part in (list(word) if unspaced(word[0]) else [word])
    ]


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}
