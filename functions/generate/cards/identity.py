"""Matches new cards with earlier ones, also where the wording has changed.

A card that is made again keeps the identity of the one it replaces if both are of one kind and,
best first:

1. ask in the same words;
2. ask about the same fact (`Flashcard.key`); of several cards about it those that share most words;
3. cite the same place of the lecture, and differ only in words that were corrected there (a
   cloze: hide the same, or what it was corrected to);
4. cite the same place, have the same answer, and share most of the question's content words.

Each identity is given once. A card that replaces none has the derived identity
(shared/courses/card_names.py), or the one it had when it was made before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from functions.generate.grounding.checks import gist
from functions.generate.text.language import Language
from functions.generate.text.words import tokens
from shared.courses.card_names import derived_guid, derived_guids, guids_of
from shared.documents.artifacts import Flashcard

_USE = re.compile(r":\d{1,2}$")
"""A language model's second card about a subject is `basic:load factor:2`."""

_HIDDEN = re.compile(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", re.DOTALL)

_SAME_WORDS, _SAME_FACT, _CORRECTED, _SAME_ANSWER = 4.0, 3.0, 2.0, 1.0

_ALIKE = 0.75
"""Likeness in spelling of two forms of one word."""

_SHARED = 0.5
"""Of two questions' words, as difflib reckons it: more than that is one question reworded."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class KnownCards:
    """What is known of a lecture's cards when they are made again."""

    namespace: str
    previous: tuple[Flashcard, ...]
    """Those of the current artifact; none the first time."""
    kept: Mapping[str, str]
    """The identities that cards have instead of the derived ones, by these."""


def identified(
    cards: Sequence[Flashcard], known: KnownCards, language: Language
) -> tuple[Flashcard, ...]:
    """The cards with their GUIDs. The same cards and the same knowledge give the same GUIDs."""
    before = guids_of(known.namespace, known.previous)
    pairs = _pairs(
        [_Asking.of(c) for c in cards], [_Asking.of(c) for c in known.previous], language
    )
    guids: dict[int, str] = {}
    taken: set[int] = set()
    for _, new, old in sorted(pairs):
        if new not in guids and old not in taken:
            guids[new] = before[old]
            taken.add(old)
    used = set(guids.values())
    for place, card in enumerate(cards):
        if place not in guids:
            guids[place] = _unused(card.key, known, used)
            used.add(guids[place])
    return tuple(card.model_copy(update={"guid": guids[place]}) for place, card in enumerate(cards))


def to_keep(cards: Sequence[Flashcard], known: KnownCards) -> dict[str, str]:
    """The identities to remember, by the derived ones: a card that is left out today and made
    again tomorrow has no card to be compared with."""
    derived = derived_guids(known.namespace, cards)
    return {
        derivation: card.guid
        for derivation, card in zip(derived, cards, strict=True)
        if card.guid is not None and known.kept.get(derivation, derivation) != card.guid
    }


def _unused(key: str, known: KnownCards, used: set[str]) -> str:
    occurrence = 1
    while True:
        derived = derived_guid(known.namespace, key, occurrence)
        guid = known.kept.get(derived, derived)
        if guid not in used:
            return guid
        occurrence += 1


@dataclass(frozen=True)
class _Asking:
    card: Flashcard
    words: Words
    hidden: Words
    """By a cloze."""
    fact: str
    evidence: frozenset[str]

    @classmethod
    def of(cls, card: Flashcard) -> "_Asking":
        said = [word for citation in card.citations for word in tokens(citation.quote)]
        return cls(
            card,
            words=tokens(card.front),
            hidden=tokens(" ".join(_HIDDEN.findall(card.front))),
            fact=_USE.sub("", card.key),
            evidence=frozenset(said),
        )


def _pairs(
    cards: Sequence[_Asking], previous: Sequence[_Asking], language: Language
) -> Iterator[tuple[tuple[float, bool, int], int, int]]:
    """Each pair that may be one card, the likeliest lowest."""
    for new, card in enumerate(cards):
        for old, other in enumerate(previous):
            if likeness := _likeness(card, other, language):
                rank = (-likeness, card.card.key != other.card.key, abs(new - old))
                yield rank, new, old


def _likeness(card: _Asking, other: _Asking, language: Language) -> float:
    if card.card.kind != other.card.kind:
        return 0.0
    if card.words == other.words:
        return _SAME_WORDS
    shared = _ratio(card.words, other.words)
    if card.card.key == other.card.key or (card.fact == other.fact and shared > _SHARED):
        return _SAME_FACT + shared
    if _cite_one_place(card.card, other.card):
        if _is_corrected(card, other, shared):
            return _CORRECTED + shared
        if card.card.back and gist(card.card.back) == gist(other.card.back):
            telling = _ratio(_telling(card.words, language), _telling(other.words, language))
            return _SAME_ANSWER + telling if telling > _SHARED else 0.0
    return 0.0


def _is_corrected(card: _Asking, other: _Asking, shared: float) -> bool:
    """A cloze asks for what it hides in its sentence, a basic card what its question says."""
    if card.card.kind == "cloze":
        return shared > _SHARED and _corrected(card.hidden, other.hidden, card, other)
    return _corrected(card.words, other.words, card, other)


def _telling(words: Words, language: Language) -> Words:
    return tuple(word for word in words if not language.is_stop(word)) or words


def _cite_one_place(card: Flashcard, other: Flashcard) -> bool:
    return any(
        mine.start_sec < theirs.end_sec and theirs.start_sec < mine.end_sec
        for mine in card.citations
        for theirs in other.citations
    )


def _corrected(now: Words, then: Words, card: _Asking, other: _Asking) -> bool:
    """Whether each difference is a correction: the words of before are gone from the evidence,
    the new ones were not in it."""
    changes = SequenceMatcher(None, then, now, autojunk=False).get_opcodes()
    return all(
        kind == "equal" or (kind == "replace" and _is_correction(then[a:b], now[c:d], other, card))
        for kind, a, b, c, d in changes
    )


def _is_correction(wrong: Words, right: Words, before: _Asking, after: _Asking) -> bool:
    return (
        after.evidence.isdisjoint(wrong)
        and before.evidence.isdisjoint(right)
        and _heard(wrong, before.evidence)
        and _heard(right, after.evidence)
    )


def _heard(words: Words, evidence: frozenset[str]) -> bool:
    """In the evidence, perhaps in another form: *collision* where *collisions* is said."""
    return all(get_close_matches(word, evidence, n=1, cutoff=_ALIKE) for word in words)


def _ratio(one: Words, other: Words) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
