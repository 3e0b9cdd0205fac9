"""Which sentences say most: closeness to the lecture's centroid, with signs of importance.

Centroid ranking (Radev et al., 2004) and not a sentence graph: its cost grows with the
length of the lecture and not with its square.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence

Vector = Mapping[str, float]
Item = TypeVar("Item")

QUESTION, TALK, LEANS_BACK, PERSONAL, CUE = 0.2, 0.05, 0.35, 0.35, 1.2
"""Factors on a sentence's score: what is asked, said about the course, or leans on an
earlier sentence serves badly as a statement; a cue phrase announces a good one."""
GOOD_WORDS = range(7, 36)
DIVERSITY = 0.5
"""Weight of relevance against novelty in maximal marginal relevance (Carbonell and
Goldstein, 1998)."""
CANDIDATES = 60
"""How many of the best sentences one selection looks at."""


def inverse_frequencies(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Inverse document frequency of each stem, a sentence being a document."""
    counts = Counter(stem for sentence in sentences for stem in set(sentence.content))
    return {stem: math.log(1 + len(sentences) / count) for stem, count in counts.items()}


def vector(content: Iterable[str], idf: Mapping[str, float]) -> dict[str, float]:
    """Weights of the stems of one or more sentences."""
    return {stem: count * idf[stem] for stem, count in Counter(content).items()}


def cosine(left: Vector, right: Vector) -> float:
    if len(left) > len(right):
        left, right = right, left
    product = sum(weight * right.get(stem, 0.0) for stem, weight in left.items())
    norms = math.hypot(*left.values()) * math.hypot(*right.values())
    return product / norms if norms else 0.0


def score_sentences(sentences: Sequence[Sentence], language: Language) -> tuple[float, ...]:
    """One score a sentence, in order; higher says more. Never negative."""
    idf = inverse_frequencies(sentences)
    # Words said once describe nothing but themselves: the centroid leaves them out.
    totals = Counter(stem for sentence in sentences for stem in sentence.content)
    centroid = {stem: n * idf[stem] for stem, n in totals.items() if n > 1} or {
        stem: n * idf[stem] for stem, n in totals.items()
    }
    return tuple(
        (0.1 + cosine(vector(sentence.content, idf), centroid)) * _form(sentence, language)
        for sentence in sentences
    )


def _form(sentence: Sentence, language: Language) -> float:
    factor = 1.0
    if sentence.is_question:
        factor *= QUESTION
    if sentence.is_talk:
        factor *= TALK
    if sentence.refers_back:
        factor *= LEANS_BACK
    if sentence.is_personal or sentence.is_fragment:
        factor *= PERSONAL
    if sentence.has_any(language.phrasing.cues):
        factor *= CUE
    if sentence.length not in GOOD_WORDS:
        factor *= 0.5
    return factor


@dataclass(frozen=True)
class Choice(Generic[Item]):
    """Something to choose among others."""

    item: Item
    score: float
    vector: Vector


def select_diverse(choices: Iterable[Choice[Item]], count: int) -> list[Item]:
    """Up to `count` items that score well and do not repeat each other, best first."""
    pool = sorted(choices, key=lambda choice: -choice.score)[:CANDIDATES]
    top = max((choice.score for choice in pool), default=1.0) or 1.0
    chosen: list[Choice[Item]] = []

    def worth(choice: Choice[Item]) -> float:
        nearest = max((cosine(choice.vector, other.vector) for other in chosen), default=0.0)
        return DIVERSITY * choice.score / top - (1 - DIVERSITY) * nearest

    while pool and len(chosen) < count:
        best = max(pool, key=worth)
        pool.remove(best)
        chosen.append(best)
    return [choice.item for choice in chosen]
