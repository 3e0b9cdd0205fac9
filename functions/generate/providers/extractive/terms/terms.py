"""The lecture's key phrases: runs of content words that stand between boundaries, ranked by
how often they are said, how specific they are and whether they are introduced by name.

After RAKE (Rose et al., 2010: candidates between stop words) and C-value (Frantzi et al.,
2000: longer candidates first, nested ones discounted).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from functions.generate.providers.extractive.terms.forms import (
    as_nouns,
    is_modifier,
    of_one_kind,
    of_one_word,
)
from functions.generate.providers.extractive.terms.nouns import closes, noun_evidence
from functions.generate.providers.extractive.text.places import (
    Place,
    Stems,
    Term,
    term_at,
)
from functions.generate.text.inflection import is_plural
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import Token

MAX_TERM_WORDS = 4
MAX_ONCE_WORDS = 2
"""Of a phrase said once that nothing shows to be a name: longer ones are mostly clauses."""
NAMED_BONUS, PROPER_BONUS = 6.0, 2.0
"""A phrase that the lecturer introduces by name outranks a proper name, and that one merely
repeated."""
SHORT_LECTURE = 15
"""Sentences below which a word said once may be a term."""
_HYPHENS = frozenset("-‐‑‒–—/")
POOL = 400
"""Candidates compared in full; a three-hour lecture has some thousand."""


def find_terms(
    sentences: Sequence[Sentence],
    language: Language,
    *,
    named: Iterable[Stems],
    proper: Iterable[Stems],
    count: int,
) -> tuple[Term, ...]:
    """At most `count` terms, best first. `named`: stems of terms introduced by definition;
    `proper`: of proper names."""
    names = set(named)
    bonus = {**dict.fromkeys(proper, PROPER_BONUS), **dict.fromkeys(names, NAMED_BONUS)}
    nouns = noun_evidence(sentences, language)
    places = {
        stems: of_one_word(sentences, found, nouns, language.phrasing.nominal_endings)
        for stems, found in _candidates(sentences, set(bonus), language).items()
    }
    scores = _scores(sentences, places, bonus, nouns, language)
    best = sorted(scores, key=lambda stems: (-scores[stems], places[stems][0].sentence, stems))
    chosen: list[Stems] = []
    for stems in best[:POOL]:
        if len(chosen) == count:
            break
        if not any(_shadows(other, stems, places, names) for other in chosen):
            chosen.append(stems)
    alone = _apart(chosen, places)
    return tuple(
        term_at(
            sentences,
            alone[stems],
            nouns=as_nouns(sentences, alone[stems], nouns, language.phrasing.nominal_endings),
            score=scores[stems],
            language=language,
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


def _candidates(
    sentences: Sequence[Sentence], names: set[Stems], language: Language
) -> dict[Stems, list[Place]]:
    """Every run of content words within one clause that is not about the course, and every
    name wherever it is said."""
    only_talk = all(sentence.is_talk or sentence.is_personal for sentence in sentences)
    places: dict[Stems, list[Place]] = defaultdict(list)
    longest = max([MAX_TERM_WORDS, *(len(name) for name in names)])
    for sentence in sentences:
        parts = sentence.tokens
        for first in range(len(parts)):
            if not _begins_word(sentence, first):
                continue
            for last in range(first, min(first + longest, len(parts))):
                stems = tuple(part.stem for part in parts[first : last + 1])
                clean = not any(_divides(parts, at) for at in range(first, last + 1))
                # Digits alone name nothing.
                wordy = not all(stem.isdigit() for stem in stems)
                said = only_talk or not (sentence.is_talk or sentence.is_personal)
                free = said and clean and wordy and len(stems) <= MAX_TERM_WORDS
                ends_word = last + 1 == len(parts) or parts[last + 1].word != parts[last].word
                if ends_word and (free or stems in names):
                    places[stems].append(Place(sentence.index, first, last))
                if parts[last].ends_clause:
                    break
    sorted_out = (
        (stems, of_one_kind(sentences, found, language) or (found if stems in names else []))
        for stems, found in places.items()
    )
    return {stems: found for stems, found in sorted_out if found}


def _begins_word(sentence: Sentence, first: int) -> bool:
    """True also after an elision: "l'eau"."""
    parts = sentence.tokens
    before = parts[first - 1] if first else None
    if before is None or before.word != parts[first].word:
        return True
    return before.is_stop and _HYPHENS.isdisjoint(sentence.words[before.word].text)


def _divides(parts: Sequence[Token], at: int) -> bool:
    """A stop word, unless it is part of a word with a hyphen: "long-term memory"."""
    part = parts[at]
    return part.is_stop and all(p.is_stop for p in parts if p.word == part.word)


def _scores(
    sentences: Sequence[Sentence],
    places: Mapping[Stems, Sequence[Place]],
    bonus: Mapping[Stems, float],
    nouns: Mapping[str, int],
    language: Language,
) -> dict[Stems, float]:
    holders = _holders(places)
    function_stems = {language.stem(word) for word in language.phrasing.function_words}
    once = 1 if len(sentences) < SHORT_LECTURE else 2
    scores: dict[Stems, float] = {}
    for stems, found in places.items():
        within = [len(places[holder]) for holder in holders.get(stems, ())]
        alone = len(found) - (sum(within) / len(within) if within else 0.0)
        enough = alone >= 1 and (len(stems) > 1 or len(found) >= once)
        # "Letting" is no function word, yet says no more than "let".
        hollow = len(stems) == 1 and stems[0] in function_stems
        if stems not in bonus and not (
            enough
            and not hollow
            and not is_modifier(sentences, stems, found)
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
            bonus.get(stems, 0.0)
        )
    return scores


def _is_bounded(sentence: Sentence, place: Place, nouns: Mapping[str, int]) -> bool:
    """Stands between stop words, punctuation or ends; on the right also before a verb."""
    parts = sentence.tokens
    before = parts[place.first - 1] if place.first else None
    opens = before is None or before.is_stop or before.ends_clause
    return opens and (
        closes(sentence, place.last)
        or (bool(nouns) and nouns.get(parts[place.last + 1].norm, 0) <= 0)
    )


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
    if not _may_be_noun(sentence, place, norms, language, is_repeated):
        return False
    if not nouns:
        return is_repeated
    if any(nouns.get(norm, 0) < 0 for norm in norms):
        return False
    # "Ratios sound": where nouns are joined, all but the last stand in the singular.
    if language.phrasing.indefinite_articles and any(is_plural(n, language) for n in norms[:-1]):
        return False
    if nouns.get(norms[-1], 0) > 0:
        marked = place.first and parts[place.first - 1].norm in language.phrasing.noun_markers
        return is_repeated or (bool(marked) and len(norms) <= MAX_ONCE_WORDS)
    ambiguous = norms[-1].endswith(language.phrasing.ambiguous_endings)
    return is_repeated and len(norms) > 1 and not ambiguous


def _may_be_noun(
    sentence: Sentence, place: Place, norms: Sequence[str], language: Language, is_repeated: bool
) -> bool:
    """Judged by the language alone, whatever else the lecture shows."""
    alone = len(norms) == 1
    if language.is_common(norms[-1]) and (alone or not is_repeated):
        return False
    if alone and norms[0].endswith(language.phrasing.infinitive_endings):
        return False
    return not language.phrasing.nouns_are_capital or _is_capital(sentence, place.last)


def _is_capital(sentence: Sentence, position: int) -> bool:
    return sentence.words[sentence.tokens[position].word].text.lstrip("“‘«„([\"'")[:1].isupper()


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
