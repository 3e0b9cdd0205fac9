"""Items that a student would take for the same."""

import re
from collections.abc import Sequence
from itertools import combinations

SAME_WORDS = 0.9
"""Share of common words (Jaccard index) from which on two texts say the same, in whatever order."""


def repetitions(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Each text that says what an earlier one says, after that one."""
    bags = [frozenset(re.findall(r"\w+", text.casefold())) for text in texts]
    found: dict[int, int] = {}
    for first, later in combinations(range(len(texts)), 2):
        if later not in found and _alike(bags[first], bags[later]):
            found[later] = first
    return [(texts[first], texts[later]) for later, first in found.items()]


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(ours) and len(ours & theirs) >= SAME_WORDS * len(ours | theirs)
