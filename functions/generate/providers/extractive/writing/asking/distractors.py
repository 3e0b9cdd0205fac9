"""Wrong answers that a student might give: other terms of the same lecture, none of them right."""

from collections.abc import Iterable, Iterator

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.places import Stems, Term
from functions.generate.providers.extractive.writing.aliases import aliases
from functions.generate.providers.extractive.writing.wording import (
    contains_term,
    in_form_of,
    is_person,
)
from functions.generate.text.inflection import is_plural
from functions.generate.text.sentences import Sentence

SAME_STATEMENT = 0.6
"""Share of a statement's content words from which on another sentence speaks of the same."""
SAME_BEGINNING = 0.7
"""Part of the longer of two words that the shorter one covers: "contract", "contractor"."""


def distractors(analysis: Analysis, term: Term, text: str, shown: str) -> Iterator[str]:
    """Other terms that could stand for the term in the text, likest first, in the form of
    `shown`, which is how the term is offered.

    None is part of the text or of another, none another name of the term, and of none does
    the lecture say elsewhere what the text says.
    """
    language = analysis.language
    taken = [term]
    names = {term.stems, *(language.stems(alias) for alias in aliases(analysis, term))}
    for other in sorted(
        analysis.terms, key=lambda other: _unlikeness(analysis, term, other, shown)
    ):
        if (
            other.stems in names
            or _is_of_other_kind(analysis, term, other, shown)
            or any(_overlap(other.stems, rival.stems) for rival in taken)
            or contains_term(text, other.stems, language)
            or _is_said_of(analysis, other, term, text)
        ):
            continue
        taken.append(other)
        yield in_form_of(other, shown)


def _unlikeness(
    analysis: Analysis, term: Term, other: Term, shown: str
) -> tuple[bool, bool, bool, int, float, str]:
    """Sorts first what is hardest to distinguish from the right answer."""
    form = in_form_of(other, shown)
    return (
        _is_name(form) != _is_name(shown),
        is_plural(form, analysis.language) != is_plural(shown, analysis.language),
        analysis.explanations[other.stems].defines != analysis.explanations[term.stems].defines,
        abs(len(other.stems) - len(term.stems)),
        abs(other.score - term.score),
        other.text,
    )


def _is_of_other_kind(analysis: Analysis, term: Term, other: Term, shown: str) -> bool:
    """A name among things, or a place among persons, would not tempt."""
    if analysis.language.phrasing.nouns_are_capital:
        return False
    if _is_name(in_form_of(other, shown)) != _is_name(shown):
        return True
    return is_person(analysis, term) != is_person(analysis, other)


def _is_name(text: str) -> bool:
    return text != text.lower()


def _overlap(ours: Stems, theirs: Stems) -> bool:
    """One is part of the other, or begins like it throughout."""
    if set(ours) <= set(theirs) or set(theirs) <= set(ours):
        return True
    return len(ours) == len(theirs) and all(map(_begin_alike, ours, theirs))


def _begin_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and len(short) >= SAME_BEGINNING * len(long)


def _is_said_of(analysis: Analysis, other: Term, term: Term, text: str) -> bool:
    """Whether some sentence says of the other term, and not of this one, what the text says of
    this one."""
    language = analysis.language
    mine = set(language.content_stems(text)) - {*term.stems, *other.stems}
    return any(
        len(mine.intersection(sentence.content)) >= SAME_STATEMENT * len(mine)
        for sentence in _mentions(analysis, other)
        if mine and not contains_term(sentence.text, term.stems, language)
    )


def _mentions(analysis: Analysis, term: Term) -> Iterable[Sentence]:
    return (analysis.sentences[index] for index in term.sentences)
