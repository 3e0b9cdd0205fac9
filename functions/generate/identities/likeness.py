"""Matches new items with earlier ones, also where the wording has changed.

An item that is made again keeps the identity of the one it replaces if both are of one kind and,
best first:

1. ask or state the same words;
2. ask about the same fact (`item_key`); of several about it those that share most words;
3. cite the same place of the lecture, and differ only in words that were corrected there (a
   cloze: hide the same, or what it was corrected to); or are one term by the moment at which it
   is said first, in another spelling;
4. cite the same place, have the same answer, and share most of the question's content words;
   statements, which have no answer, have to share three quarters of their words, and titles of
   chapters about the same stretch half of them.

Each identity is given once. An item that replaces none has the derived identity
(shared/courses/identities.py), or the one it had when it was made before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from functions.generate.identities.asking import Asking, Words
from functions.generate.text.language import Language
from shared.courses.identities import derived_id, derived_ids, ids_of
from shared.documents.artifacts import StudyItem
from shared.documents.items import item_key

_SAME_WORDS, _SAME_FACT, _CORRECTED, _SAME_ANSWER = 4.0, 3.0, 2.0, 1.0

_ALIKE = 0.75
"""Likeness in spelling of two forms of one word."""

_SHARED = 0.5
"""Of two questions' words, as difflib reckons it: more than that is one question reworded."""

_SAME_STATEMENT = 0.75
"""Of two statements' words: they have no answer that has to be the same."""


@dataclass(frozen=True)
class KnownItems:
    """What is known of an artifact's items when they are made again."""

    namespace: str
    previous: tuple[StudyItem, ...]
    """Those of the current artifact; none the first time."""
    kept: Mapping[str, str]
    """The identities that items have instead of the derived ones, by these."""


def identities(
    items: Sequence[StudyItem], known: KnownItems, language: Language
) -> tuple[str, ...]:
    """Of each item. The same items and the same knowledge give the same identities."""
    before = ids_of(known.namespace, known.previous)
    pairs = _pairs(
        [Asking.of(each) for each in items], [Asking.of(each) for each in known.previous], language
    )
    ids: dict[int, str] = {}
    taken: set[int] = set()
    for _, new, old in sorted(pairs):
        if new not in ids and old not in taken:
            ids[new] = before[old]
            taken.add(old)
    used = set(ids.values())
    for place, item in enumerate(items):
        if place not in ids:
            ids[place] = _unused(item_key(item), known, used)
            used.add(ids[place])
    return tuple(ids[place] for place in range(len(items)))


def to_keep(items: Sequence[StudyItem], known: KnownItems) -> dict[str, str]:
    """The identities to remember, by the derived ones: an item that is left out today and made
    again tomorrow has none to be compared with."""
    derived = derived_ids(known.namespace, items)
    return {
        derivation: item.id
        for derivation, item in zip(derived, items, strict=True)
        if known.kept.get(derivation, derivation) != item.id
    }


def _unused(key: str, known: KnownItems, used: set[str]) -> str:
    occurrence = 1
    while True:
        derived = derived_id(known.namespace, key, occurrence)
        id = known.kept.get(derived, derived)
        if id not in used:
            return id
        occurrence += 1


def _pairs(
    items: Sequence[Asking], previous: Sequence[Asking], language: Language
) -> Iterator[tuple[tuple[float, bool, int], int, int]]:
    """Each pair that may be one item, the likeliest lowest."""
    for new, item in enumerate(items):
        for old, other in enumerate(previous):
            if likeness := _likeness(item, other, language):
                rank = (-likeness, item.key != other.key, abs(new - old))
                yield rank, new, old


def _likeness(item: Asking, other: Asking, language: Language) -> float:
    if item.kind != other.kind:
        return 0.0
    if item.words == other.words:
        return _SAME_WORDS
    about_one_fact = item.fact == other.fact
    at_one_place = item.cites_what(other)
    if item.begins_with(other) and _misheard(item, other):
        return _CORRECTED
    if not (about_one_fact or at_one_place):
        return 0.0
    shared = _ratio(item.words, other.words)
    if item.key == other.key or (about_one_fact and shared > _SHARED):
        return _SAME_FACT + shared
    return _likeness_at_one_place(item, other, shared, language) if at_one_place else 0.0


def _likeness_at_one_place(item: Asking, other: Asking, shared: float, language: Language) -> float:
    # A cloze asks for what it hides in its sentence.
    if (shared > _SHARED or not item.is_cloze) and _corrected(item, other):
        return _CORRECTED + shared
    if item.covers_what(other):
        return _SAME_ANSWER + shared if shared > _SHARED else 0.0
    if item.is_statement:
        return _SAME_ANSWER + shared if shared > _SAME_STATEMENT else 0.0
    if item.has_answer and item.answer == other.answer:
        telling = _ratio(_telling(item.words, language), _telling(other.words, language))
        return _SAME_ANSWER + telling if telling > _SHARED else 0.0
    return 0.0


def _telling(words: Words, language: Language) -> Words:
    return tuple(word for word in words if not language.is_stop(word)) or words


def _corrected(item: Asking, other: Asking) -> bool:
    """Whether each difference is a correction: the words of before are gone from the evidence,
    the new ones were not in it."""
    then, now = other.asked, item.asked
    return all(
        _disappeared(wrong, right, other, item)
        and _heard(wrong, other.evidence)
        and _heard(right, item.evidence)
        for wrong, right in _differences(then, now)
    )


def _misheard(item: Asking, other: Asking) -> bool:
    """Whether each difference is another spelling. What is cited of a term may change with it."""
    return all(
        len(wrong) == len(right)
        and _disappeared(wrong, right, other, item)
        and all(get_close_matches(a, [b], cutoff=_ALIKE) for a, b in zip(wrong, right, strict=True))
        for wrong, right in _differences(other.words, item.words)
    )


def _differences(then: Words, now: Words) -> Iterator[tuple[Words, Words]]:
    """What stands in one place of each; () for what stands in none."""
    for kind, a, b, c, d in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        if kind != "equal":
            yield then[a:b], now[c:d]


def _disappeared(wrong: Words, right: Words, before: Asking, after: Asking) -> bool:
    """Whether words of the evidence gave way to others there."""
    return (
        bool(wrong and right)
        and after.evidence.isdisjoint(wrong)
        and before.evidence.isdisjoint(right)
    )


def _heard(words: Words, evidence: frozenset[str]) -> bool:
    """In the evidence, perhaps in another form: *collision* where *collisions* is said."""
    return all(get_close_matches(word, evidence, n=1, cutoff=_ALIKE) for word in words)


def _ratio(one: Words, other: Words) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
