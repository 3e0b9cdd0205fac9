"""Questions after the difference between two terms that the lecture defines beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.places import Term
from functions.generate.providers.extractive.writing.asking.concise import Answer, concise

POINT_WORDS = 25
NEAR, BESIDE = 6, 2
"""Sentences between two definitions that belong together: of terms with the same head ("declarative
memory", "procedural memory"), and of others."""


@dataclass(frozen=True)
class Difference:
    question: str
    points: tuple[Answer, Answer]


def differences(analysis: Analysis) -> Iterator[Difference]:
    """Each term is in one of them: those with the same head ("declarative memory", "procedural
    memory") first, then those defined one after the other."""
    template = analysis.language.phrasing.templates.differ
    if not template:
        return
    used: set[Term] = set()
    pairs = [pair for pair in combinations(_defined(analysis), 2) if _apart(*pair)]
    for apart, same_head in ((NEAR, True), (BESIDE, False)):
        for one, other in pairs:
            if used & {one, other} or (same_head and not _same_head(one, other)):
                continue
            if abs(_place(analysis, one) - _place(analysis, other)) > apart:
                continue
            first, second = sorted((one, other), key=lambda term: _place(analysis, term))
            if not same_head and not _alike(analysis, first, second):
                continue
            points = _point(analysis, first), _point(analysis, second)
            if points[0] and points[1] and points[0].text != points[1].text:
                used |= {one, other}
                yield Difference(
                    template.format(a=first.text, b=second.text), (points[0], points[1])
                )


def _defined(analysis: Analysis) -> list[Term]:
    """Those whose definitions begin with them: "a condition is …"."""
    return [
        term
        for term in analysis.terms
        if analysis.explanations[term.stems].defines
        and analysis.language.content_stems(analysis.explanations[term.stems].text)[
            : len(term.stems)
        ]
        == term.stems
    ]


def _apart(one: Term, other: Term) -> bool:
    """Neither is named within the other."""
    return not (set(one.stems) <= set(other.stems) or set(other.stems) <= set(one.stems))


def _same_head(one: Term, other: Term) -> bool:
    return len(one.stems) == len(other.stems) > 1 and one.stems[-1] == other.stems[-1]


def _alike(analysis: Analysis, one: Term, other: Term) -> bool:
    """Their definitions share a word beside the terms' own: they speak of the same kind."""
    said = [
        set(analysis.language.content_stems(analysis.explanations[term.stems].text))
        for term in (one, other)
    ]
    return bool((said[0] & said[1]) - {*one.stems, *other.stems})


def _place(analysis: Analysis, term: Term) -> int:
    return analysis.explanations[term.stems].sentences[0].index


def _point(analysis: Analysis, term: Term) -> Answer | None:
    return concise(analysis.explanations[term.stems], POINT_WORDS, analysis.language)
