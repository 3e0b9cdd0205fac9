"""A course's vocabulary as terms, and terms as the short hint that a recognizer is given."""

import re
from collections.abc import Sequence

MOST_CHARACTERS = 200
"""About 60 tokens. Whisper reserves 223 for a hint, but each slows every piece down, and
the longer the hint the more it changes what is recognized."""
MOST_WORDS = 4
"""Of a term. A longer title is a sentence, which a lecturer does not say word for word."""

_BETWEEN_TERMS = re.compile(r"[,;:.!?()\[\]|/\u2013\u2014]+(?=\s|$)|(?<=\s)[(\[|/\u2013\u2014-]+")


def terms_of(vocabulary: Sequence[str]) -> list[str]:
    """The terms, each once, in their order; titles in the phrases that punctuation parts."""
    phrases = (
        " ".join(phrase.split()).strip(" .,;:!?-")
        for entry in vocabulary
        for phrase in _BETWEEN_TERMS.split(entry)
    )
    return list(
        dict.fromkeys(
            phrase
            for phrase in phrases
            if any(map(str.isalpha, phrase)) and len(phrase.split()) <= MOST_WORDS
        )
    )


def as_hint(terms: Sequence[str]) -> str | None:
    """The terms as a text before the one to recognize: each a sentence, as many as fit.

    None if there are none. A list without capitals and full stops makes Whisper continue without
    them.
    """
    hint = ""
    for term in terms:
        sentence = f"{term[:1].upper()}{term[1:]}."
        longer = f"{hint} {sentence}" if hint else sentence
        if len(longer) <= MOST_CHARACTERS:
            hint = longer
    return hint or None
