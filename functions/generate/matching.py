"""Recognizing a concept of one lecture as a thread that other lectures began."""

from collections.abc import Sequence

from functions.generate.language import Language
from functions.generate.provider import Concept, KnownThread

OVERLAP = 0.75
"""Least share of common words (Jaccard index of the stems) at which two titles of three or
more words are the same concept. Lower, "universal hash function" and "hash function"
(two of three) would be one; so short titles must agree in every word."""


def thread_key(title: str, language: Language) -> str:
    """The name a thread is found by: stems without articles and other stop words, so that
    "the Hash Tables" and "hash table" agree. Empty if the title has no words."""
    return " ".join(language.content_stems(title))


def is_same(left: str, right: str, language: Language) -> bool:
    """Whether two titles name one concept."""
    first, second = (set(language.content_stems(title)) for title in (left, right))
    if not first or not second:
        return False
    return first == second or len(first & second) / len(first | second) >= OVERLAP


def match(
    concepts: Sequence[Concept], threads: Sequence[KnownThread], language: Language
) -> tuple[KnownThread | None, ...]:
    """For each concept, in order, the thread it continues.

    The same key counts first, then what the provider said, then an alias with the key, then
    the overlap of words.
    """
    by_key = {thread.key: thread for thread in threads}
    return tuple(_match(concept, threads, by_key, language) for concept in concepts)


def _match(
    concept: Concept,
    threads: Sequence[KnownThread],
    by_key: dict[str, KnownThread],
    language: Language,
) -> KnownThread | None:
    names = (concept.title, *concept.aliases)
    keys = [thread_key(name, language) for name in names]
    for key in (keys[0], concept.continues, *keys[1:]):
        if key and key in by_key:
            return by_key[key]
    for name in names:
        for thread in threads:
            if is_same(name, thread.title, language):
                return thread
    return None


class Mentions:
    """Which threads a text names, by the stems of their names."""

    def __init__(self, names: Sequence[tuple[str, str]], language: Language) -> None:
        """`names`: pairs of a name and the reference it stands for."""
        self._language = language
        self._refs: dict[tuple[str, ...], str] = {}
        for name, ref in names:
            stems = language.stems(name)
            if stems:
                self._refs.setdefault(stems, ref)
        self._longest = max((len(stems) for stems in self._refs), default=0)

    def first(self, *texts: str) -> str | None:
        """The thread that the first text to name any names, by the longest name in it."""
        for text in texts:
            found = self._find(text)
            if found:
                return self._refs[max(found, key=len)]
        return None

    def all(self, *texts: str) -> list[str]:
        """Every thread that the texts name, in order, without those whose name is only part
        of a longer one there."""
        refs = [self._refs[stems] for text in texts for stems in self._find(text)]
        return list(dict.fromkeys(refs))

    def _find(self, text: str) -> list[tuple[str, ...]]:
        stems = self._language.stems(text.replace("{{c1::", " ").replace("}}", " "))
        found: list[tuple[str, ...]] = []
        position = 0
        while position < len(stems):
            for length in range(min(self._longest, len(stems) - position), 0, -1):
                name = stems[position : position + length]
                if name in self._refs:
                    found.append(name)
                    position += length
                    break
            else:
                position += 1
        return found
