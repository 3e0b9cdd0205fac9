"""Stems and stop words, for any language written with spaces."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import snowballstemmer
import stopwordsiso

from functions.generate.text.phrasing import Phrasing, load_phrasing
from functions.generate.text.words import split_word, tokens

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german",
    "el": "greek", "en": "english", "es": "spanish", "et": "estonian", "eu": "basque",
    "fa": "persian", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
"""Snowball's algorithm for each ISO 639-1 code that Whisper writes."""


@dataclass(frozen=True)
class Language:
    """One language. Not thread-safe: stemmers keep state."""

    code: str
    phrasing: Phrasing
    stop_words: frozenset[str]
    stem: Callable[[str], str]

    def is_stop(self, token: str) -> bool:
        """True of function words and contractions of them."""
        head = token.split("'", maxsplit=1)[0]
        return token in self.stop_words or head in self.stop_words

    def is_common(self, token: str) -> bool:
        """True also of everyday words that name nothing alone."""
        return (
            self.is_stop(token)
            or token in self.phrasing.common_nouns
            or token in _listed_stop_words(self.code)
        )

    def stems(self, text: str) -> tuple[str, ...]:
        return tuple(self.stem(token) for token in tokens(text))

    def content_stems(self, text: str) -> tuple[str, ...]:
        """Stems of what is no stop word; of everything where nothing else is left. A capital
        letter within the text is a name: "vitamin A" is not "vitamin"."""
        kept = [
            self.stem(norm)
            for position, word in enumerate(text.split())
            for norm in split_word(word)
            if not self.is_stop(norm) or (position and is_initial(norm, word))
        ]
        return tuple(kept) or self.stems(text)


def is_initial(norm: str, word: str) -> bool:
    """True of a single capital letter, as in "T cell"."""
    return len(norm) == 1 and norm.upper() != norm and norm.upper() in word


def language_of(code: str) -> Language:
    """A language by ISO 639-1 code. An unknown one has no stop words and no stems."""
    phrasing = load_phrasing(code)
    stop_words = frozenset(phrasing.function_words) or _listed_stop_words(code)
    return Language(code, phrasing, stop_words, _stemmer(code))


@cache
def _listed_stop_words(code: str) -> frozenset[str]:
    if not stopwordsiso.has_lang(code):
        return frozenset()
    return frozenset(word.casefold() for word in stopwordsiso.stopwords(code))


def _stemmer(code: str) -> Callable[[str], str]:
    algorithm = STEMMERS.get(code)
    if algorithm is None:
        return lambda token: token
    stem_word: Callable[[str], str] = snowballstemmer.stemmer(algorithm).stemWord
    known: dict[str, str] = {}

    def stem(token: str) -> str:
        # Pure Python stemmers are slow, and a lecture repeats its words.
        if token not in known:
            known[token] = stem_word(token)
        return known[token]

    return stem
