"""Words without what surrounds them, in any language written with spaces."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_JOINERS = re.compile(r"[-‐‑‒–—/]")
_ELISION = re.compile(r"^([^\W\d_]{1,2})'(?=\w{3})")
"""French "l'équilibre" is two words; English "we'll" and "it's" are one."""
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


@dataclass(frozen=True)
class Token:
    norm: str
    stem: str
    is_stop: bool
    is_common: bool
    """An everyday word, stop words included."""
    word: int
    """Index of the written word it is part of."""
    ends_clause: bool


# A lecture says the same words again, and each check reads them anew.
@lru_cache(maxsize=20_000)
def split_word(word: str) -> tuple[str, ...]:
    """The bare words in one written word: no punctuation around them, case folded.

    "Light-dependent," gives ("light", "dependent"). Stripping what is not a letter,
    a mark or a digit, instead of matching word characters, keeps the vowel signs of
    Indic scripts.
    """
    plain = _ELISION.sub(r"\1-", word.translate(_APOSTROPHES))
    parts = (_bare(part) for part in _JOINERS.split(plain))
    return tuple(part.casefold() for part in parts if part)


def _bare(text: str) -> str:
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start])[0] not in "LMN":
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] not in "LMN":
        end -= 1
    return text[start:end]


def tokens(text: str) -> tuple[str, ...]:
    """All bare words of a text, in order."""
    return tuple(part for word in text.split() for part in split_word(word))
