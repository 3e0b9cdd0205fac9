"""A sentence as clauses: the words that say what it is about, and those that decide what is claimed
of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.generate.grounding.polarity.numbers import Number, Written, numbers_at
from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING
from functions.generate.text.language import Language
from functions.generate.text.lexicon import Operator, Words
from functions.generate.text.words import split_word

_NEGATIVE = frozenset({Operator.NEGATION, Operator.DENIAL})
_BOUNDS = frozenset({Operator.AT_LEAST, Operator.AT_MOST})
"""In "ten or more" the "or" begins no clause."""


@dataclass(frozen=True)
class Clause:
    content: tuple[str, ...]
    """Stems of its words that are neither stop words nor operators nor numbers, in order."""
    operators: Mapping[Operator, int]
    numbers: tuple[Number, ...]
    sides: frozenset[tuple[int, int]]
    """Words that have an opposite, as pair and side."""
    concord: bool
    begins_with_limit: bool = False
    """It takes something out of the clause beside it."""
    sentence: int = 0
    """Clauses of one sentence have the same."""

    @property
    def is_negative(self) -> bool:
        negations = self.operators.get(Operator.NEGATION, 0)
        counted = min(negations, 1) if self.concord else negations
        return (counted + self.operators.get(Operator.DENIAL, 0)) % 2 == 1

    def has(self, operator: Operator) -> bool:
        return bool(self.operators.get(operator))


@dataclass
class _Open:
    """A clause that is being read."""

    content: list[str]
    operators: Counter[Operator]
    numbers: list[Number]
    sides: set[tuple[int, int]]
    begins_with_limit: bool = False
    particle: bool = False
    partnered: bool = False

    @classmethod
    def empty(cls) -> "_Open":
        return cls([], Counter(), [], set())

    def take(self, other: "_Open") -> None:
        self.operators.update(other.operators)
        self.numbers += other.numbers
        self.sides |= other.sides
        self.particle |= other.particle
        self.partnered |= other.partnered

    @property
    def says_something(self) -> bool:
        return bool(self.content or self.operators or self.numbers or self.sides)


class ClauseReader:
    """Reads sentences of one language. Not for use by several threads: stemmers keep state."""

    def __init__(self, language: Language, words: Words) -> None:
        self._language = language
        self._words = words

    def read(self, text: str, sentence: int = 0) -> tuple[Clause, ...]:
        """The clauses of one sentence, in order."""
        parts = [
            Written(norm, word, at)
            for at, word in enumerate(text.split())
            for whole in split_word(word)
            for norm in self._elided(whole)
        ]
        clauses: list[_Open] = []
        for clause in self._clauses(parts):
            if clauses and not clause.content:
                # "…, and therefore it sinks": of what the clause before it speaks of.
                clauses[-1].take(clause)
            else:
                clauses.append(clause)
        return tuple(self._closed(each, sentence) for each in clauses)

    def _elided(self, norm: str) -> tuple[str, ...]:
        """ "N'a", "qu'il": two words."""
        before, sign, after = norm.partition("'")
        lexicon = self._words.lexicon
        apart = sign and before in (*lexicon.particles, *lexicon.complements)
        return (before, after) if apart and after else (norm,)

    def _clauses(self, parts: Sequence[Written]) -> Iterator[_Open]:
        words, lexicon = self._words, self._words.lexicon
        norms = [part.norm for part in parts]
        numbers = {first: (end, number) for first, end, number in numbers_at(parts, words)}
        seconds = {second for first, second in lexicon.pairs if first in norms}
        clause, position = _Open.empty(), 0
        while position < len(parts):
            norm = norms[position]
            length, operators = words.at(norms, position)
            begins = norm in seconds or (norm in lexicon.joints and not operators & _BOUNDS)
            if clause.says_something and (begins or self._ended(parts, position)):
                yield clause
                clause = _Open.empty()
            if position in numbers:
                position, number = numbers[position]
                clause.numbers.append(number)
                continue
            if norm in seconds:
                length, operators = 1, frozenset({Operator.NEGATION})
            elif norm in lexicon.particles:
                clause.particle, length, operators = True, 1, frozenset()
            elif clause.particle and norm in lexicon.partners:
                clause.partnered = True
                if length < 2:
                    length, operators = 1, frozenset({lexicon.partners[norm]})
            clause.begins_with_limit |= Operator.LIMIT in operators and not clause.content
            clause.operators.update(operators)
            if length < 2 and not operators & _NEGATIVE:
                # "Impossible" negates already.
                clause.sides.update(words.sides.get(norm, ()))
            if not length and norm not in words.sides and not self._language.is_stop(norm):
                clause.content.append(self._language.stem(norm))
            position += max(length, 1)
        if clause.says_something:
            yield clause

    def _ended(self, parts: Sequence[Written], position: int) -> bool:
        """A comma or the like stands before it, and what follows is no complement."""
        here, before = parts[position], parts[position - 1]
        if before.at == here.at or before.word.rstrip(CLOSING)[-1:] not in CLAUSE_ENDS:
            return False
        return here.norm not in self._words.lexicon.complements

    def _closed(self, clause: _Open, sentence: int) -> Clause:
        operators = Counter(clause.operators)
        if clause.particle and not clause.partnered:
            operators[Operator.NEGATION] += 1
        return Clause(
            content=tuple(clause.content),
            operators=operators,
            numbers=tuple(clause.numbers),
            sides=frozenset(clause.sides),
            concord=self._words.lexicon.concord,
            begins_with_limit=clause.begins_with_limit,
            sentence=sentence,
        )
