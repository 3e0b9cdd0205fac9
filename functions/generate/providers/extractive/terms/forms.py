"""The forms in which a term stands: which of its places are a noun's."""

from collections.abc import Mapping, Sequence

from functions.generate.providers.extractive.terms.nouns import closes
from functions.generate.providers.extractive.text.places import Place, Stems, parts_at
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence

ENDING = 0.4
"""Least part of a lone word's uses in which nothing that it could belong to follows it."""


def as_nouns(
    sentences: Sequence[Sentence],
    places: Sequence[Place],
    nouns: Mapping[str, int],
    nominal: tuple[str, ...],
) -> Sequence[Place]:
    """The places where the phrase stands in a form known as a noun, or ends like one ("modulation"
    and not "modulate"); all if there is none."""
    return (
        [place for place in places if nouns.get(_last(sentences, place), 0) > 0]
        or [place for place in places if _last(sentences, place).endswith(nominal)]
        or places
    )


def _last(sentences: Sequence[Sentence], place: Place) -> str:
    return sentences[place.sentence].tokens[place.last].norm


def of_one_kind(
    sentences: Sequence[Sentence], places: list[Place], language: Language
) -> list[Place]:
    """Without the places where a word of the phrase is a verb made of it, or the like: "keyed"
    has the stem of "key" and is no key; "finishing" beside "finished" is a verb as well."""
    endings = language.phrasing.deriving_endings
    plain = min(
        (tuple(part.norm for part in parts_at(sentences, place)) for place in places),
        key=lambda norms: (sum(map(len, norms)), norms),
    )
    derived = {
        ending
        for place in places
        for ending in endings
        if parts_at(sentences, place)[-1].norm.endswith(ending)
    }
    if plain[-1].endswith(endings) and len(derived) > 1:
        return []
    return [
        place
        for place in places
        if not any(
            part.norm.endswith(endings) and len(part.norm) > len(norm)
            for part, norm in zip(parts_at(sentences, place), plain, strict=True)
        )
    ]


def of_one_word(
    sentences: Sequence[Sentence],
    places: list[Place],
    nouns: Mapping[str, int],
    nominal: tuple[str, ...],
) -> list[Place]:
    """Of a lone word that names a quality or a process ("elasticity") without the places where
    another word of its stem stands that nothing shows to be a noun ("elastic")."""
    if not nouns or places[0].first != places[0].last:
        return places
    ends = [_last(sentences, place).rstrip("s").endswith(nominal) for place in places]
    if all(ends) or not any(ends):
        return places
    return [
        place
        for place, is_nominal in zip(places, ends, strict=True)
        if is_nominal or nouns.get(_last(sentences, place), 0) > 0
    ]


def is_modifier(sentences: Sequence[Sentence], stems: Stems, places: Sequence[Place]) -> bool:
    """A lone word that mostly stands before another ("a diminished fifth")."""
    ends = sum(closes(sentences[place.sentence], place.last) for place in places)
    return len(stems) == 1 and ends < ENDING * len(places)
