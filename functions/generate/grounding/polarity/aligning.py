"""Which clauses of what was said a shown sentence speaks of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from functions.generate.grounding.polarity.clauses import Clause

CLOSE = 0.8
"""Part of a shown sentence's content words that are said in the same order, from which on it is the
lecturer's sentence, and must have its quantifiers, modals and limits as well."""
RELATED = 0.5
"""Part of a clause's content words that are said in one clause, from which on it says of the same
things the same or the opposite."""
FEWEST = 2
"""Content words that two clauses share at least, unless one is a copy of the other."""


@dataclass(frozen=True)
class Match:
    """A shown clause and a clause on the same things that was said."""

    shown: Clause
    said: Clause
    shared: int
    """Content words of both."""


@dataclass(frozen=True)
class Group:
    """Shown clauses with the clause that they put into other words."""

    shown: tuple[Clause, ...]
    said: Clause
    shared: int

    @property
    def swaps(self) -> bool:
        """A word stands in the place of its opposite."""
        ours = frozenset(side for clause in self.shown for side in clause.sides)
        theirs = self.said.sides
        both = {
            pair for sides in (ours, theirs) for pair, side in sides if (pair, 1 - side) in sides
        }
        return any((pair, 1 - side) in theirs for pair, side in ours if pair not in both)

    @property
    def leaves_open(self) -> bool:
        """What is shown has no word that decides anything."""
        return not (self.swaps or any(clause.is_negative for clause in self.shown))

    @property
    def is_reversed(self) -> bool:
        """Negations that were said in one clause may be shown in several ("Without help, …"), and
        one may be repeated ("does not …, and does not …")."""
        negative = [clause.is_negative for clause in self.shown]
        if self.said.is_negative and all(negative):
            return self.swaps
        differs = (sum(negative) % 2 == 1) != self.said.is_negative
        return differs != self.swaps


@dataclass(frozen=True)
class Alignment:
    matches: tuple[Match, ...]
    is_related: bool
    """The shown sentence has words of what the lecture says there."""
    is_close: bool
    """It is one of the lecturer's sentences, or most of it."""
    is_complete: bool
    """All of its content words are that sentence's, in the same order."""

    @property
    def used(self) -> list[Clause]:
        """The clauses that were said, each once."""
        return list({id(match.said): match.said for match in self.matches}.values())

    @property
    def groups(self) -> list[Group]:
        """Those that share most: clauses that share one word mean little beside others."""
        return _groups(self.matches)


def align(shown: Sequence[Clause], said: Sequence[Clause]) -> Alignment:
    """With one sentence that says it, if there is one, else with all of them in order, else by the
    words of each clause alone."""
    length = sum(len(clause.content) for clause in shown)
    in_order, matches = _in_order(shown, said)
    best = _best_sentence(shown, said, length) or _Found(in_order, 0, matches)
    is_close = _is_close(best.shared, length)
    return Alignment(
        tuple(best.matches if is_close else _related(shown, said)),
        is_related=best.shared > 0,
        is_close=is_close,
        is_complete=best.in_order == length,
    )


def _is_close(shared: int, length: int) -> bool:
    return length > 0 and shared >= CLOSE * length and (shared >= FEWEST or shared == length)


@dataclass(frozen=True)
class _Found:
    shared: int
    """Content words of the shown sentence that were said."""
    in_order: int
    """Of these, the ones that one sentence has in the same order."""
    matches: list[Match]


def _best_sentence(shown: Sequence[Clause], said: Sequence[Clause], length: int) -> _Found | None:
    """How it agrees with the one sentence that says it, if one does, in whatever order; of several,
    with one that says the same."""
    found: list[_Found] = []
    words = Counter(stem for clause in shown for stem in clause.content)
    for _, each in groupby(said, key=lambda clause: clause.sentence):
        clauses = list(each)
        in_order, matches = _in_order(shown, clauses)
        shared = in_order
        if not _is_close(in_order, length):
            shared = (words & Counter(s for clause in clauses for s in clause.content)).total()
            matches = list(_sharing(shown, clauses))
        if _is_close(shared, length):
            found.append(_Found(shared, in_order, matches))
    return max(
        found,
        key=lambda each: (each.shared, each.in_order, -_differences(shown, each.matches)),
        default=None,
    )


def _differences(shown: Sequence[Clause], matches: Sequence[Match]) -> int:
    """Kinds of operators that only one of the two has, a reversal among them."""
    mine = {operator for clause in shown for operator in clause.operators}
    theirs = {operator for match in matches for operator in match.said.operators}
    return len(mine ^ theirs) + sum(group.is_reversed for group in _groups(matches))


def _in_order(shown: Sequence[Clause], said: Sequence[Clause]) -> tuple[int, list[Match]]:
    """Clauses that share content words in the same order; of a clause that was said only few of
    whose words are shown, none."""
    ours = [(stem, at) for at, clause in enumerate(shown) for stem in clause.content]
    theirs = [(stem, at) for at, clause in enumerate(said) for stem in clause.content]
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seqs([stem for stem, _ in theirs], [stem for stem, _ in ours])
    shared: Counter[tuple[int, int]] = Counter()
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            shared[ours[block.b + step][1], theirs[block.a + step][1]] += 1
    of_said: Counter[int] = Counter()
    for (_, at), count in shared.items():
        of_said[at] += count
    matches = [
        Match(shown[mine], said[at], count)
        for (mine, at), count in shared.items()
        if of_said[at] >= FEWEST or 2 * of_said[at] >= len(said[at].content)
    ]
    return sum(match.shared for match in matches), matches


def _sharing(shown: Sequence[Clause], said: Sequence[Clause]) -> Iterator[Match]:
    """Clauses of which one has half of the other's words."""
    for mine in shown:
        for other in said:
            shared = (Counter(mine.content) & Counter(other.content)).total()
            if shared and 2 * shared >= min(len(mine.content), len(other.content)):
                yield Match(mine, other, shared)


def _related(shown: Sequence[Clause], said: Sequence[Clause]) -> Iterator[Match]:
    """For each shown clause those clauses that say something of the same things."""
    return (
        match
        for match in _sharing(shown, said)
        if match.shared >= FEWEST and match.shared >= RELATED * len(match.shown.content)
    )


def _groups(matches: Sequence[Match]) -> list[Group]:
    best: dict[int, Match] = {}
    for match in matches:
        before = best.get(id(match.shown))
        if before is None or _rank(match) > _rank(before):
            best[id(match.shown)] = match
    by_said: dict[int, list[Match]] = {}
    for match in best.values():
        by_said.setdefault(id(match.said), []).append(match)
    groups = [
        Group(tuple(m.shown for m in each), each[0].said, sum(m.shared for m in each))
        for each in by_said.values()
    ]
    strong = [group for group in groups if group.shared >= FEWEST or group.swaps]
    if not any(group.shared >= FEWEST for group in groups):
        return groups
    # "Neither copper nor silver": what little "copper" shares counts with the rest. But where one
    # side negates nothing, any word counts.
    shown = any(clause.is_negative for group in groups for clause in group.shown)
    said = any(group.said.is_negative for group in groups)
    return strong if shown == said else groups


def _rank(match: Match) -> tuple[int, bool]:
    """Of clauses that share as much, one that says the same."""
    group = Group((match.shown,), match.said, match.shared)
    return match.shared, not group.is_reversed
