"""Rebuild sentences from words: Whisper's own segments are half minutes.

A sentence ends at its punctuation, unless that belongs to an abbreviation, and at a
long pause. What runs on beyond reading length is parted at its clauses.
"""

from collections.abc import Sequence

from shared.documents.transcript import Word
from shared.speech.abbreviations import period_ends_sentence

LONG_PAUSE_SEC = 2.0
"""A pause that ends a sentence whatever the punctuation says. Speakers searching for a
word mostly continue within it."""

MOST_WORDS = 60
MOST_SEC = 30.0
"""More is parted. Spoken English sentences average some 15 to 20 words."""

_CLOSING = "\"'”’»«›)]}」』）】"
_ENDS = "?!。？！؟۔।॥։።…"
_CLAUSE_ENDS = ",;:，、；：،؛—–"


def sentences(words: Sequence[Word], *, language: str) -> list[tuple[Word, ...]]:
    """The words in groups of about one sentence, in order, none left out.

    `language` is ISO 639-1; it decides what a number with a period means.
    """
    groups: list[tuple[Word, ...]] = []
    begun: list[Word] = []
    for index, word in enumerate(words):
        begun.append(word)
        after = words[index + 1] if index + 1 < len(words) else None
        if after is None or _ends(begun, after, language):
            groups += _parted(tuple(begun))
            begun = []
    return groups


def ends_sentence(text: str) -> bool:
    """Whether a word carries the punctuation of a sentence's end, or of an abbreviation."""
    return text.rstrip(_CLOSING).endswith((".", *_ENDS))


def _ends(begun: Sequence[Word], after: Word, language: str) -> bool:
    last = begun[-1]
    pause_sec = after.start_sec - last.end_sec
    if pause_sec >= LONG_PAUSE_SEC:
        return True
    bare = last.text.rstrip(_CLOSING)
    if bare.endswith(("...", "…")):
        return _begins_sentence(after.text)
    if bare.endswith(tuple(_ENDS)):
        return True
    if not bare.endswith("."):
        return False
    before = begun[-2].text if len(begun) > 1 else ""
    return _begins_sentence(after.text) and period_ends_sentence(
        bare, before=before, after=after.text, pause_sec=pause_sec, language=language
    )


def _begins_sentence(text: str) -> bool:
    """False for a word in lower case: no sentence begins with one."""
    first = text.lstrip("\"'“‘«»‹([{„¿¡「『（【-–—")[:1]
    return not first.islower()


def _parted(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """Halve what is too long at its best inner break, again and again."""
    if len(words) < 2 or (
        len(words) <= MOST_WORDS and words[-1].end_sec - words[0].start_sec <= MOST_SEC
    ):
        return [words]
    # The outer quarters are left alone, so that no part is a scrap.
    margin = len(words) // 4
    inner = range(max(1, margin), max(2, len(words) - margin))
    at = max(inner, key=lambda index: _break_strength(words, index))
    return _parted(words[:at]) + _parted(words[at:])


def _break_strength(words: Sequence[Word], index: int) -> tuple[bool, float, int]:
    """How well a sentence parts before `index`: a clause's end, then the pause, then the middle."""
    before, after = words[index - 1], words[index]
    return (
        before.text.rstrip(_CLOSING).endswith(tuple(_CLAUSE_ENDS)),
        round(after.start_sec - before.end_sec, 2),
        -abs(2 * index - len(words)),
    )
