"""What a sentence that is shown changes of what was said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.generate.grounding.polarity.aligning import CLOSE, Group, align
from functions.generate.grounding.polarity.clauses import Clause
from functions.generate.grounding.polarity.numbers import Number
from functions.generate.text.lexicon import Operator

SMALL = 12
"""Up to here a number may count what the lecture lists."""

_KEPT = {
    Operator.SOME: "some",
    Operator.MOST: "most",
    Operator.MANY: "many",
    Operator.FEW: "few",
    Operator.ONLY: "only",
    Operator.LIMIT: "unless or except",
    Operator.MUST: "must",
    Operator.MAY: "may or can",
    Operator.AT_LEAST: "at least",
    Operator.AT_MOST: "at most",
    Operator.MORE: "more",
    Operator.LESS: "less",
}
"""What a close sentence has if, and only if, the lecturer's has it; and how a reason names it."""
_POLES = (
    (Operator.EVERY, Operator.SOME),
    (Operator.EVERY, Operator.MOST),
    (Operator.EVERY, Operator.MANY),
    (Operator.EVERY, Operator.FEW),
    (Operator.MANY, Operator.FEW),
    (Operator.MOST, Operator.FEW),
    (Operator.AT_LEAST, Operator.AT_MOST),
    (Operator.MUST, Operator.MAY),
    (Operator.MORE, Operator.LESS),
)
"""Of two clauses on the same things one may not have the first where the other has the second."""

OPPOSITE = "it says the opposite of what was said"


@dataclass(frozen=True)
class Comparison:
    changes: tuple[str, ...]
    """As messages for the provider; empty if none of the checked properties changed."""
    is_related: bool
    """It has words of what the lecture says there."""
    is_said: bool
    """All of it is said so, in these words."""


def compare(
    shown: Sequence[Clause],
    said: Sequence[Clause],
    *,
    in_full: bool = True,
    is_name: bool = False,
) -> Comparison:
    """One shown sentence with the sentences that its evidence comes from.

    `in_full`: it is a statement of its own; otherwise a part of a question, which may leave out how
    much and how surely. `is_name`: it may name what was spoken of, and claim nothing of it.
    """
    aligned = align(shown, said)
    groups = aligned.groups
    turned = [g for g in groups if g.is_reversed and not (is_name and g.leaves_open)]
    changes = [OPPOSITE] if turned else []
    changes += _turned(groups)
    if aligned.is_close and in_full:
        changes += _lost(shown, aligned.used, said, groups)
    is_said = aligned.is_close and aligned.is_complete and not changes
    return Comparison(tuple(dict.fromkeys(changes)), aligned.is_related, is_said)


def unsaid_numbers(shown: Sequence[Clause], said: Sequence[Number]) -> Iterator[str]:
    """Numbers that were not said anywhere near."""
    values = {number.value for number in said}
    measures = {(number.value, number.unit) for number in said}
    bare = {number.value for number in said if not number.unit}
    for number in (number for clause in shown for number in clause.numbers):
        if number.value not in values:
            if not (number.is_word and 0 < number.value <= SMALL):
                yield f"it has a number that was not said: {_named(number)}"
        elif (
            number.unit and (number.value, number.unit) not in measures and number.value not in bare
        ):
            yield f"it gives a number another unit than was said: {_named(number)}"


def _named(number: Number) -> str:
    return f"{number.value:g} {number.unit}".strip()


def _turned(groups: Sequence[Group]) -> Iterator[str]:
    """An operator in the place of its counterpart."""
    for shown, said in ((clause, group.said) for group in groups for clause in group.shown):
        for one, other in _POLES:
            for mine, theirs in ((one, other), (other, one)):
                if (
                    shown.has(mine)
                    and said.has(theirs)
                    and not (shown.has(theirs) or said.has(mine))
                ):
                    # "Not all" is "some are not".
                    if mine in _QUANTITIES and shown.is_negative and said.is_negative:
                        continue
                    yield f"it says “{_word(mine)}” where “{_word(theirs)}” was said"


_QUANTITIES = frozenset({Operator.EVERY, Operator.SOME, Operator.MOST, Operator.MANY, Operator.FEW})


def _word(operator: Operator) -> str:
    return _KEPT.get(operator, "every")


def _lost(
    shown: Sequence[Clause],
    used: Sequence[Clause],
    said: Sequence[Clause],
    groups: Sequence[Group],
) -> Iterator[str]:
    """What the lecturer's sentence has and the shown one has not, or the other way round."""
    settled: set[Operator] = set()
    if any(group.swaps and not group.is_reversed for group in groups):
        settled |= {Operator.MORE, Operator.LESS}  # "Not slower" is "faster".
    if _denies(used, Operator.EVERY) and _denies(shown, Operator.SOME):
        settled |= {Operator.EVERY, Operator.SOME}  # "Not all" is "some are not".
    for operator, word in _KEPT.items():
        if operator in settled:
            continue
        mine = any(clause.has(operator) for clause in shown)
        theirs = any(clause.has(operator) for clause in used)
        if operator is Operator.LIMIT and mine and any(c.has(Operator.ONLY) for c in said):
            continue  # "That is only true if …" is "only if".
        if mine != theirs:
            yield f"it {'adds' if mine else 'leaves out'} “{word}”"
    if Operator.EVERY not in settled:
        yield from _universal(shown, used)
    yield from _conditions(shown, used, said)
    yield from _numbers(shown, used)


def _universal(shown: Sequence[Clause], used: Sequence[Clause]) -> Iterator[str]:
    """ "Enzymes" may stand for "all enzymes"; but not the other way round, and not in "not all"."""
    mine = any(clause.has(Operator.EVERY) for clause in shown)
    theirs = any(clause.has(Operator.EVERY) for clause in used)
    if mine and not theirs:
        yield "it adds “every”"
    elif theirs and not mine and _denies(used, Operator.EVERY):
        yield "it leaves out “every”"


def _denies(clauses: Sequence[Clause], operator: Operator) -> bool:
    return any(clause.is_negative and clause.has(operator) for clause in clauses)


def _conditions(
    shown: Sequence[Clause], used: Sequence[Clause], said: Sequence[Clause]
) -> Iterator[str]:
    """ "…, unless the gas is dense": a clause of the same sentence that takes something out."""
    if any(clause.has(Operator.LIMIT) for clause in shown):
        return
    sentences = {clause.sentence for clause in used}
    ids = {id(clause) for clause in used}
    if any(
        clause.begins_with_limit and clause.sentence in sentences and id(clause) not in ids
        for clause in said
    ):
        yield f"it leaves out “{_KEPT[Operator.LIMIT]}”"


def _numbers(shown: Sequence[Clause], used: Sequence[Clause]) -> Iterator[str]:
    mine = {(number.value, number.unit) for clause in shown for number in clause.numbers}
    theirs = {(number.value, number.unit) for clause in used for number in clause.numbers}
    values = {value for value, _ in theirs}
    added = {(value, unit) for value, unit in mine if value not in values}
    missing = theirs - mine
    if added and missing:
        yield "it gives another number than was said"
    elif missing and sum(len(c.content) for c in shown) >= CLOSE * sum(
        len(clause.content) for clause in used
    ):
        yield "it leaves out a number"
