"""Phrases where they stand in the lecture, and how they are written there."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import Token

Stems = tuple[str, ...]
Norms = tuple[str, ...]
_ELIDED = re.compile(r"^[^'’-]*['’-]")


@dataclass(frozen=True)
class Place:
    """Where a phrase stands: tokens `first` to `last` of a sentence."""

    sentence: int
    first: int
    last: int

    def holds(self, other: "Place") -> bool:
        """True if the other place is a true part of this one."""
        return self != other and self.first <= other.first and other.last <= self.last


@dataclass(frozen=True)
class Term:
    text: str
    """As the lecturer mostly says it."""
    stems: Stems
    score: float
    places: tuple[Place, ...]
    forms: tuple[tuple[Norms, str], ...] = ()
    """Each form it is said in: its bare words, and how they are mostly written."""

    @property
    def sentences(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(place.sentence for place in self.places))


def term_at(
    sentences: Sequence[Sentence],
    places: Sequence[Place],
    *,
    nouns: Sequence[Place],
    score: float,
    language: Language,
) -> Term:
    """The term that is said at these places, and is named as at those in `nouns`; of both there
    is at least one."""
    keep = language.phrasing.nouns_are_capital
    forms: dict[Norms, list[Place]] = defaultdict(list)
    for place in places:
        forms[tuple(part.norm for part in parts_at(sentences, place))].append(place)
    return Term(
        surface(sentences, nouns, keep_capital=keep),
        tuple(part.stem for part in parts_at(sentences, places[0])),
        score,
        tuple(places),
        tuple((n, surface(sentences, found, keep_capital=keep)) for n, found in forms.items()),
    )


def parts_at(sentences: Sequence[Sentence], place: Place) -> Sequence[Token]:
    return sentences[place.sentence].tokens[place.first : place.last + 1]


def surface(
    sentences: Sequence[Sentence], places: Sequence[Place], *, keep_capital: bool = False
) -> str:
    """The commonest written form, preferring places inside a sentence, where a capital
    belongs to the word. `keep_capital`: it does so everywhere."""
    inside: Counter[str] = Counter()
    leading: Counter[str] = Counter()
    for place in places:
        text = written(sentences[place.sentence], place)
        if place.first == 0:
            leading[text] += 1
        else:
            inside[text] += 1
    if inside:
        return min(inside, key=lambda text: (-inside[text], len(text), text))
    text = min(leading, key=lambda text: (-leading[text], len(text), text))
    # "Robin Hood hashing" keeps its capitals; one that only begins the sentence goes.
    return text if keep_capital or text[1:] != text[1:].lower() else text.lower()


def written(sentence: Sentence, place: Place) -> str:
    """The words of the place without the punctuation around them."""
    first, last = sentence.tokens[place.first].word, sentence.tokens[place.last].word
    text = " ".join(word.text for word in sentence.words[first : last + 1])
    # "L'osmose": the part before belongs to the sentence.
    elided = sum(part.word == first for part in sentence.tokens[: place.first])
    text = _ELIDED.sub("", text, count=1) if elided else text
    return text.strip(CLAUSE_ENDS + SENTENCE_ENDS + CLOSING + "“‘«„([¿¡ ")
