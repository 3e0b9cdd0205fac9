"""How alike two spellings sound, judged by their letters: "phylocodes" and "thylakoids".

A rough fold of Latin letters that stand for one sound in many languages; of other scripts the
letters as they are.
"""

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_ONE_SOUND = (
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("qu", "kv"),
    ("wh", "v"),
    ("ch", "k"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("x", "ks"),
    ("c", "k"),
    ("z", "s"),
    ("w", "v"),
    ("y", "i"),
)
_VOWELS = frozenset("aeiou")
_BUCKETS = 64


def bare(text: str) -> str:
    """Letters and digits without case, marks and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filter(str.isalnum, decomposed))


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The bare text with one letter for each sound, and none twice in a row."""
    sounds = bare(text)
    for letters, sound in _ONE_SOUND:
        sounds = sounds.replace(letters, sound)
    return "".join(
        letter for at, letter in enumerate(sounds) if at == 0 or letter != sounds[at - 1]
    )


def likeness(one: str, other: str) -> float:
    """0 to 1, of two folded texts: the mean of what their letters and their consonants share."""
    return (_common(one, other) + _common(_consonants(one), _consonants(other))) / 2


def most_alike(texts: Sequence[str], other: str) -> NDArray[np.float64]:
    """What `likeness` is at most, of each of the folded texts: a quick look, by letters in
    whatever order."""
    return (_bound(texts, other) + _bound([*map(_consonants, texts)], _consonants(other))) / 2


def _common(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@lru_cache(maxsize=4096)
def _consonants(sounds: str) -> str:
    return "".join(letter for letter in sounds if letter not in _VOWELS)


def _bound(texts: Sequence[str], other: str) -> NDArray[np.float64]:
    ours, theirs = _letters(texts), _letters([other])
    common = np.minimum(ours, theirs).sum(axis=1)
    together = np.maximum(ours.sum(axis=1) + theirs.sum(), 1)
    return np.asarray(2.0 * common / together, np.float64)


def _letters(texts: Sequence[str]) -> NDArray[np.int16]:
    counts = np.zeros((len(texts), _BUCKETS), np.int16)
    for row, text in enumerate(texts):
        for letter in text:
            counts[row, ord(letter) % _BUCKETS] += 1
    return counts
