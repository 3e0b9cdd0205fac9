"""Where one topic of the lecture ends and the next begins: TextTiling (Hearst, 1997) on
sentences, helped by the lecturer's pauses."""

import itertools
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, pstdev

from functions.generate.providers.extractive.text.ranking import cosine
from functions.generate.text.sentences import Sentence

BLOCK_SENTENCES = 5
"""How many sentences on each side of a gap are compared."""
MIN_SENTENCES = 3
PAUSE_WEIGHT = 0.15
"""What a pause one standard deviation over the mean adds to the depth of a gap; two
standard deviations at most count, for a longer silence may be a coffee break."""


def segment(sentences: Sequence[Sentence], count: int) -> list[tuple[Sentence, ...]]:
    """Cut into at most `count` runs of sentences, none shorter than MIN_SENTENCES unless
    the whole is."""
    possible = max(1, min(count, len(sentences) // MIN_SENTENCES))
    depths = _depths(sentences)
    cuts: list[int] = []
    for gap in sorted(depths, key=lambda gap: (-depths[gap], gap)):
        if len(cuts) == possible - 1:
            break
        edges = (0, len(sentences), *cuts)
        if all(abs(gap - edge) >= MIN_SENTENCES for edge in edges):
            cuts.append(gap)
    bounds = [0, *sorted(cuts), len(sentences)]
    return [tuple(sentences[a:b]) for a, b in itertools.pairwise(bounds) if a < b]


def _depths(sentences: Sequence[Sentence]) -> dict[int, float]:
    """For each gap (before sentence i) how deep similarity dips there."""
    gaps = range(1, len(sentences))
    similarity = [_similarity(sentences, gap) for gap in gaps]
    pauses = [sentences[gap].pause_before_sec for gap in gaps]
    mean, spread = (fmean(pauses), pstdev(pauses)) if pauses else (0.0, 0.0)
    depths: dict[int, float] = {}
    for position, gap in enumerate(gaps):
        left = _climb(similarity, position, -1)
        right = _climb(similarity, position, 1)
        pause = min(2.0, (pauses[position] - mean) / spread) if spread else 0.0
        depths[gap] = left + right - 2 * similarity[position] + PAUSE_WEIGHT * max(0.0, pause)
    return depths


def _similarity(sentences: Sequence[Sentence], gap: int) -> float:
    before, after = (
        Counter(stem for sentence in block for stem in sentence.content)
        for block in (
            sentences[max(0, gap - BLOCK_SENTENCES) : gap],
            sentences[gap : gap + BLOCK_SENTENCES],
        )
    )
    return cosine(before, after)


def _climb(similarity: Sequence[float], position: int, step: int) -> float:
    """The peak reached by walking uphill from a gap."""
    while (
        0 <= position + step < len(similarity)
        and similarity[position + step] >= similarity[position]
    ):
        position += step
    return similarity[position]
