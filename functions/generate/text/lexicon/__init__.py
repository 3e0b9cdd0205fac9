"""The words of a language that decide what a sentence claims. One JSON file per language.

A language without a file has no such words: of its texts only numbers in digits are compared.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from functions.generate.text.phrasing import Phrases, load_phrasing
from shared.schema import Schema


class Operator(StrEnum):
    """What a word does to the claim it stands in. The values are the names of the word lists."""

    NEGATION = "negations"
    """May agree with another in the same clause: of several, in some languages, one counts."""
    DENIAL = "denials"
    """Negates by its own meaning, and always counts: "without", "impossible"."""
    EVERY = "every"
    SOME = "some"
    MOST = "most"
    MANY = "many"
    FEW = "few"
    ONLY = "only"
    LIMIT = "limits"
    """Takes something out of a claim: "unless", "except"."""
    MUST = "must"
    MAY = "may"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE = "more"
    LESS = "less"


TAKING_BACK = frozenset({Operator.NEGATION, Operator.DENIAL, Operator.LIMIT, Operator.ONLY})
"""What may take back or limit, in words that are left out, those that are shown."""


class Lexicon(Schema):
    """All words and phrases in lower case; phrases match whole words, the longest first."""

    negations: Phrases = ()
    denials: Phrases = ()
    every: Phrases = ()
    some: Phrases = ()
    most: Phrases = ()
    many: Phrases = ()
    few: Phrases = ()
    only: Phrases = ()
    limits: Phrases = ()
    must: Phrases = ()
    may: Phrases = ()
    at_least: Phrases = ()
    at_most: Phrases = ()
    more: Phrases = ()
    less: Phrases = ()
    neutral: Phrases = ()
    """Phrases that do nothing although a word in them would ("not only", "above all")."""
    concord: bool = False
    """Several negations in one clause are one (Spanish "no … nunca")."""
    particles: Phrases = ()
    """Half a negation (French "ne"), which its partner makes whole; alone it is one."""
    partners: Mapping[str, Operator] = {}
    """What a word is in a clause behind a particle: "ne … que" is "only"."""
    pairs: tuple[tuple[str, str], ...] = ()
    """Negations of two words, the second of which is none without the first ("weder … noch")."""
    joints: Phrases = ()
    """Words that begin a clause."""
    complements: Phrases = ()
    """Words that begin a clause under the one before it ("It is wrong that …")."""
    why: Phrases = ()
    """Questions that begin with one of these take for granted what they ask about."""
    yes: Phrases = ()
    no: Phrases = ()
    opposites: tuple[tuple[str, str], ...] = ()
    """Beside those in the language's phrasing."""
    numbers: Mapping[str, int] = {}
    """Without the word for one, which is an article or a pronoun in most languages."""
    one: str = ""
    """The word for one, where it ends a year ("thirteen fifty one")."""
    number_joints: tuple[str, ...] = ()
    """What may stand inside a number ("two hundred and six")."""
    percent: Phrases = ()
    units: Mapping[str, str] = {}


Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """A lexicon, indexed."""

    lexicon: Lexicon
    operators: Mapping[Phrase, frozenset[Operator]]
    """Of each phrase; empty for a neutral one."""
    longest: int
    """Words of the longest phrase."""
    sides: Mapping[str, frozenset[tuple[int, int]]]
    """Of each word with an opposite, in which pairs it stands and on which side."""

    @property
    def knows_negations(self) -> bool:
        return bool(self.lexicon.negations)

    def takes_back(self, norms: Sequence[str]) -> bool:
        return self.has_any(norms, TAKING_BACK)

    def has_any(self, norms: Sequence[str], operators: frozenset[Operator]) -> bool:
        position = 0
        while position < len(norms):
            length, found = self.at(norms, position)
            if found & operators:
                return True
            position += max(length, 1)
        return False

    def at(self, norms: Sequence[str], first: int) -> tuple[int, frozenset[Operator]]:
        """How many words the phrase has that begins there, and what it does; 0 if none does."""
        for length in range(min(self.longest, len(norms) - first), 0, -1):
            found = self.operators.get(tuple(norms[first : first + length]))
            if found is not None:
                return length, found
        return 0, frozenset()


@cache
def load_words(code: str) -> Words:
    """Words of a language by ISO 639-1 code; of one without a file, none."""
    file = Path(__file__).parent / f"{code}.json"
    known = code.isalpha() and file.is_file()
    lexicon = Lexicon.model_validate_json(file.read_bytes()) if known else Lexicon()
    operators: dict[Phrase, frozenset[Operator]] = {}
    for operator in Operator:
        phrases: Phrases = getattr(lexicon, operator.value)
        for phrase in phrases:
            key = tuple(phrase.split())
            operators[key] = operators.get(key, frozenset()) | {operator}
    operators.update({tuple(phrase.split()): frozenset() for phrase in lexicon.neutral})
    sides: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for number, pair in enumerate((*load_phrasing(code).opposites, *lexicon.opposites)):
        for side, word in enumerate(pair):
            sides[word].add((number, side))
    return Words(
        lexicon,
        operators,
        max(map(len, operators), default=0),
        {word: frozenset(found) for word, found in sides.items()},
    )
