"""The lecture's key phrases: runs of content words that stand between boundaries, ranked by
how often they are said, how specific they are and whether they are introduced by name.

After RAKE (Rose et al., 2010: candidates between stop words) and C-value (Frantzi et al.,
2000: longer candidates first, nested ones discounted).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.generate.extractive.sentences import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS, Sentence
from functions.generate.language import Language

Stems = tuple[str, ...]
MAX_TERM_WORDS = 4
NAMED_BONUS = 6.0
"""A phrase that the lecturer introduces by name outranks one merely repeated."""
SHORT_LECTURE = 15
"""Sentences below which a word said once may be a term."""
FIXED_PAIR = 0.8
"""Share of a word's uses that follow one and the same word."""
POOL = 400
"""Candidates compared in full; a three-hour lecture has some thousand."""


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

    @property
    def sentences(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(place.sentence for place in self.places))


def find_terms(
    sentences: Sequence[Sentence], language: Language, *, named: Iterable[Stems], count: int
) -> tuple[Term, ...]:
    """At most `count` terms, best first. `named`: stems of terms introduced by definition."""
    names = set(named)
    places = _candidates(sentences, names)
    nouns = _noun_evidence(sentences, language)
    scores = _scores(sentences, places, names, nouns, language)
    best = sorted(scores, key=lambda stems: (-scores[stems], places[stems][0].sentence, stems))
    chosen: list[Stems] = []
    for stems in best[:POOL]:
        if len(chosen) == count:
            break
        if not any(_shadows(other, stems, places, names) for other in chosen):
            chosen.append(stems)
    alone = _apart(chosen, places)
    return tuple(
        Term(
            surface(sentences, _as_nouns(sentences, alone[stems], nouns)),
            stems,
            scores[stems],
            tuple(alone[stems]),
        )
        for stems in chosen
        if alone[stems]
    )


def _apart(
    chosen: Sequence[Stems], places: Mapping[Stems, Sequence[Place]]
) -> dict[Stems, list[Place]]:
    """Where each term is said for itself, and not as part of a longer one."""
    by_sentence: dict[int, list[Place]] = defaultdict(list)
    for stems in chosen:
        for place in places[stems]:
            by_sentence[place.sentence].append(place)
    return {
        stems: [
            place
            for place in places[stems]
            if not any(other.holds(place) for other in by_sentence[place.sentence])
        ]
        for stems in chosen
    }


def _as_nouns(
    sentences: Sequence[Sentence], places: Sequence[Place], nouns: Mapping[str, int]
) -> Sequence[Place]:
    """The places where the phrase stands in a form known as a noun; all if there is none."""
    return [
        place
        for place in places
        if nouns.get(sentences[place.sentence].tokens[place.last].norm, 0) > 0
    ] or places


def _candidates(sentences: Sequence[Sentence], names: set[Stems]) -> dict[Stems, list[Place]]:
    """Every run of content words within one clause that is not about the course, and every
    name wherever it is said."""
    only_talk = all(sentence.is_talk for sentence in sentences)
    places: dict[Stems, list[Place]] = defaultdict(list)
    longest = max([MAX_TERM_WORDS, *(len(name) for name in names)])
    for sentence in sentences:
        parts = sentence.tokens
        for first in range(len(parts)):
            for last in range(first, min(first + longest, len(parts))):
                stems = tuple(part.stem for part in parts[first : last + 1])
                clean = not any(part.is_stop for part in parts[first : last + 1])
                # Digits alone name nothing.
                wordy = not all(stem.isdigit() for stem in stems)
                said = only_talk or not sentence.is_talk
                free = said and clean and wordy and len(stems) <= MAX_TERM_WORDS
                if free or stems in names:
                    places[stems].append(Place(sentence.index, first, last))
                if parts[last].ends_clause:
                    break
    return dict(places)


def _noun_evidence(sentences: Sequence[Sentence], language: Language) -> Counter[str]:
    """For each word how much more often it ends a noun phrase than it stands as a verb.

    Empty for a language whose markers of nouns are not known.
    """
    noun_markers = frozenset(language.phrasing.noun_markers)
    verb_markers = frozenset(language.phrasing.verb_markers)
    articles = {*language.phrasing.indefinite_articles, *language.phrasing.definite_articles}
    evidence: Counter[str] = Counter()
    before_article: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    total: Counter[str] = Counter()
    for sentence in sentences:
        parts = sentence.tokens
        total.update(part.norm for part in parts)
        for position in range(1, len(parts)):
            before, part = parts[position - 1], parts[position]
            closes = _closes(sentence, position)
            pairs[before.norm, part.norm] += closes
            following = parts[position + 1].norm if position + 1 < len(parts) else ""
            before_article[part.norm] += following in articles and not part.ends_clause
            if before.norm in verb_markers and not before.ends_clause:
                evidence[part.norm] -= 2
            elif closes and before.norm in noun_markers:
                evidence[part.norm] += 2
    # "Destroy the cells": a noun is now and then followed by an article, a verb mostly.
    for norm, count in before_article.items():
        if 2 * count >= total[norm]:
            evidence[norm] -= 2 * count
    # In "carbon dioxide" the second word never stands alone: the pair is the noun.
    for (first, second), count in pairs.items():
        if count < 2 or count < FIXED_PAIR * total[second]:
            continue
        if not second.endswith(language.phrasing.ambiguous_endings) and evidence[second] >= 0:
            evidence[second] += evidence[first] > 0
    return evidence


def _closes(sentence: Sentence, position: int) -> bool:
    parts = sentence.tokens
    return position + 1 == len(parts) or parts[position + 1].is_stop or parts[position].ends_clause


def _scores(
    sentences: Sequence[Sentence],
    places: Mapping[Stems, Sequence[Place]],
    names: set[Stems],
    nouns: Mapping[str, int],
    language: Language,
) -> dict[Stems, float]:
    holders = _holders(places)
    once = 1 if len(sentences) < SHORT_LECTURE else 2
    scores: dict[Stems, float] = {}
    for stems, found in places.items():
        within = [len(places[holder]) for holder in holders.get(stems, ())]
        alone = len(found) - (sum(within) / len(within) if within else 0.0)
        enough = alone >= 1 and (len(stems) > 1 or len(found) >= once)
        if stems not in names and not (
            enough
            and any(_is_bounded(sentences[place.sentence], place, nouns) for place in found)
            and any(
                _is_noun(sentences[place.sentence], place, nouns, language, len(found) > 1)
                for place in found
            )
        ):
            continue
        length = min(len(stems), MAX_TERM_WORDS)
        specific = 1.0 if length > 1 else min(len(stems[0]) / 8, 1.0)
        repeated = 1.0 if len(found) > 1 else 0.4
        scores[stems] = math.log2(length + 1) * length * max(alone, 1.0) * specific * repeated + (
            NAMED_BONUS if stems in names else 0.0
        )
    return scores


def _is_bounded(sentence: Sentence, place: Place, nouns: Mapping[str, int]) -> bool:
    """Stands between stop words, punctuation or ends; on the right also before a verb."""
    parts = sentence.tokens
    before = parts[place.first - 1] if place.first else None
    opens = before is None or before.is_stop or before.ends_clause
    closes = _closes(sentence, place.last) or (
        bool(nouns) and nouns.get(parts[place.last + 1].norm, 0) <= 0
    )
    return opens and closes


def _is_noun(
    sentence: Sentence,
    place: Place,
    nouns: Mapping[str, int],
    language: Language,
    is_repeated: bool,
) -> bool:
    """The last word is a noun and none a verb, as far as the lecture itself shows; a lone
    word, or the head of a pair said once, is no everyday one."""
    parts = sentence.tokens
    norms = [part.norm for part in parts[place.first : place.last + 1]]
    if language.is_common(norms[-1]) and (len(norms) == 1 or not is_repeated):
        return False
    if not nouns:
        return is_repeated
    if any(nouns.get(norm, 0) < 0 for norm in norms):
        return False
    if nouns.get(norms[-1], 0) > 0:
        marked = place.first and parts[place.first - 1].norm in language.phrasing.noun_markers
        return is_repeated or bool(marked)
    ambiguous = norms[-1].endswith(language.phrasing.ambiguous_endings)
    return is_repeated and len(norms) > 1 and not ambiguous


def _holders(places: Mapping[Stems, Sequence[Place]]) -> dict[Stems, list[Stems]]:
    """The repeated candidates that each candidate is part of."""
    holders: dict[Stems, list[Stems]] = defaultdict(list)
    for stems, found in places.items():
        if len(stems) > 1 and len(found) > 1:
            for part in set(_parts(stems)):
                holders[part].append(stems)
    return holders


def _parts(stems: Stems) -> Iterator[Stems]:
    for first in range(len(stems)):
        for last in range(first + 1, len(stems) + 1):
            if last - first < len(stems):
                yield stems[first:last]


def _shadows(
    chosen: Stems, other: Stems, places: Mapping[Stems, Sequence[Place]], names: set[Stems]
) -> bool:
    """True if `other` adds nothing beside `chosen`: the same words, or mostly said within it."""
    if set(chosen) == set(other):
        return True
    if other in names:
        return False
    if other in set(_parts(chosen)):
        return len(places[other]) < 2 * len(places[chosen]) + 1
    return chosen in set(_parts(other)) and len(places[other]) < 2


def surface(sentences: Sequence[Sentence], places: Sequence[Place]) -> str:
    """The commonest written form, preferring places inside a sentence, where a capital
    belongs to the word."""
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
    return text if text[1:] != text[1:].lower() else text.lower()


def written(sentence: Sentence, place: Place) -> str:
    """The words of the place without the punctuation around them."""
    first, last = sentence.tokens[place.first].word, sentence.tokens[place.last].word
    text = " ".join(word.text for word in sentence.words[first : last + 1])
    return text.strip(CLAUSE_ENDS + SENTENCE_ENDS + CLOSING + "“‘«„([¿¡ ")
