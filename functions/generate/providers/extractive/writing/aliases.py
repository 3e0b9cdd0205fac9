"""Other names that the lecturer gives a term."""

from collections.abc import Iterator, Sequence

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.places import Place, Term, written
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import Token
from functions.generate.threads.names import Kinship, Name

MAX_NAME_WORDS = 4
OF = frozenset({"of", "de", "d", "des", "du", "del", "di", "do", "da", "von", "van", "av", "af"})
"""What may stand within a name ("table de hachage")."""


def aliases(analysis: Analysis, term: Term) -> tuple[str, ...]:
    """What the term is said to be called as well, and its acronym where the lecture has one, in
    the order in which they are said."""
    names = dict.fromkeys(_names(analysis, term))
    return tuple(name for name in names if name.casefold() != term.text.casefold())


def _names(analysis: Analysis, term: Term) -> Iterator[str]:
    for place in term.places:
        sentence = analysis.sentences[place.sentence]
        for phrase in analysis.language.phrasing.also_called:
            wording = phrase.split()
            for first, last in _occurrences(sentence, wording):
                if place.last < first and _are_little(sentence.tokens[place.last + 1 : first]):
                    yield from _after(sentence, last + 1, place)
                if last < place.first and _are_little(sentence.tokens[last + 1 : place.first]):
                    yield from _before(sentence, first - 1, place)
    own = Name.of(term.text, analysis.language)
    for sentence in analysis.sentences:
        for word in sentence.words:
            bare = word.text.strip(".,;:!?()\"'“”")
            if bare.isupper() and Name.of(bare, analysis.language).kinship(own) is Kinship.ACRONYM:
                yield bare


def _occurrences(sentence: Sentence, wording: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last token of each."""
    norms = [token.norm for token in sentence.tokens]
    for first in range(len(norms) - len(wording) + 1):
        if norms[first : first + len(wording)] == list(wording):
            yield first, first + len(wording) - 1


def _are_little(parts: Sequence[Token]) -> bool:
    return all(part.is_stop for part in parts)


def _after(sentence: Sentence, first: int, place: Place) -> Iterator[str]:
    """The name that follows the phrase, up to the next little word or pause."""
    parts = sentence.tokens
    while first < len(parts) - 1 and parts[first].is_stop and not parts[first].ends_clause:
        first += 1
    last = first
    while (size := _step(parts, last, 1)) and not any(
        part.ends_clause for part in parts[last : last + size]
    ):
        last += size
    yield from _name(sentence, first, last, place)


def _before(sentence: Sentence, last: int, place: Place) -> Iterator[str]:
    """The name that stands before the phrase, back to the next little word or pause."""
    parts = sentence.tokens
    while last > 0 and parts[last].is_stop:
        last -= 1
    first = last
    while (size := _step(parts, first, -1)) and not any(
        part.ends_clause for part in parts[first - size : first]
    ):
        first -= size
    yield from _name(sentence, first, last, place)


def _step(parts: Sequence[Token], at: int, direction: int) -> int:
    """How far the next word of the name is: 1, 2 over an "of", 0 if there is none."""
    for size in (1, 2):
        beyond = at + direction * size
        if not 0 <= beyond < len(parts):
            return 0
        if not parts[beyond].is_stop:
            return size
        if parts[beyond].norm not in OF:
            return 0
    return 0


def _name(sentence: Sentence, first: int, last: int, place: Place) -> Iterator[str]:
    parts = sentence.tokens[first : last + 1]
    if parts and not parts[0].is_stop and len(parts) <= MAX_NAME_WORDS:
        yield written(sentence, Place(place.sentence, first, last))
