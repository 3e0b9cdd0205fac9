"""Which concepts a text names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.generate.text.inflection import base_form
from functions.generate.text.language import Language
from functions.generate.text.words import tokens


@dataclass(frozen=True)
class Named:
    """A concept that may be referred to, under all its names."""

    ref: str
    title: str
    aliases: tuple[str, ...] = ()


class Mentions:
    """Which concepts a text names, in whatever number.

    A title counts more than an alias. An alias that two concepts share stands for neither, and
    a name that is a stop word ("IT") for none: it would be found everywhere.
    """

    def __init__(self, concepts: Sequence[Named], language: Language) -> None:
        self._language = language
        self._refs: dict[tuple[str, ...], str] = {}
        for concept in concepts:
            for name in self._names([concept.title]):
                self._refs.setdefault(name, concept.ref)
        others: dict[tuple[str, ...], set[str]] = {}
        for concept in concepts:
            for name in self._names(concept.aliases):
                others.setdefault(name, set()).add(concept.ref)
        for name, refs in others.items():
            if len(refs) == 1:
                self._refs.setdefault(name, min(refs))
        self._longest = max((len(name) for name in self._refs), default=0)

    def first(self, *texts: str) -> str | None:
        """The concept that the first text to name any names, by the longest name in it."""
        for text in texts:
            found = self._find(text)
            if found:
                return self._refs[max(found, key=len)]
        return None

    def all(self, *texts: str) -> list[str]:
        """Every concept that the texts name, in order, without those whose name is only part
        of a longer one there."""
        refs = [self._refs[name] for text in texts for name in self._find(text)]
        return list(dict.fromkeys(refs))

    def _names(self, names: Iterable[str]) -> Iterable[tuple[str, ...]]:
        for name in names:
            words = tokens(name)
            articles = self._language.phrasing.articles
            bare = words[1:] if words and words[0] in articles else words
            if not all(self._language.is_stop(word) for word in bare):
                yield self._forms(bare)

    def _forms(self, words: Sequence[str]) -> tuple[str, ...]:
        return tuple(base_form(word, self._language) for word in words)

    def _find(self, text: str) -> list[tuple[str, ...]]:
        words = self._forms(tokens(text.replace("{{c1::", " ").replace("}}", " ")))
        found: list[tuple[str, ...]] = []
        position = 0
        while position < len(words):
            for length in range(min(self._longest, len(words) - position), 0, -1):
                name = words[position : position + length]
                if name in self._refs:
                    found.append(name)
                    position += length
                    break
            else:
                position += 1
        return found
