"""A short hint of terms for the recognizer."""

from collections.abc import Sequence

MOST_CHARACTERS = 200
"""About 60 tokens. Whisper reserves 223 for a hint, but each slows every piece down, and
the longer the hint the more it bends what was said."""


def as_hint(vocabulary: Sequence[str]) -> str | None:
    """The terms, each once, in their order, as many as fit; None if there are none."""
    hint = ""
    for term in dict.fromkeys(" ".join(term.split()) for term in vocabulary):
        longer = f"{hint}, {term}" if hint else term
        if term and len(longer) <= MOST_CHARACTERS:
            hint = longer
    return hint or None
