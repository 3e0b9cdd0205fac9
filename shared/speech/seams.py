"""Where two stretches of a recording overlap, both contain the same words: keep each once.

A word that begins or ends at an edge of its audio is heard badly, one in the middle well.
So the transcript goes over from one to the next at a word that both agree on, as near the
middle as there is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from shared.documents.transcript import Word

SAME_WORD_SEC = 0.7
"""The same text further apart is the word said twice. Two recognitions of one word differ by
0.1 s mostly, at the edge of the audio by half a second."""


@dataclass(frozen=True)
class Heard:
    """A stretch of a recording, in seconds, and the words that were heard in it."""

    start_sec: float
    end_sec: float
    words: Sequence[Word]


def joined(stretches: Iterable[Heard]) -> list[Word]:
    """The words of stretches in the order of their beginnings, each once."""
    words: list[Word] = []
    so_far_sec = 0.0
    for stretch in stretches:
        words, more = resolve(
            words,
            stretch.words,
            start_sec=stretch.start_sec,
            end_sec=min(so_far_sec, stretch.end_sec),
        )
        words += more
        so_far_sec = max(so_far_sec, stretch.end_sec)
    return words


def resolve(
    before: Sequence[Word], after: Sequence[Word], *, start_sec: float, end_sec: float
) -> tuple[list[Word], list[Word]]:
    """The words of two neighbouring stretches without what they have twice.

    Both on one clock, by which the stretches overlap from `start_sec` to `end_sec`.
    """
    middle = (start_sec + end_sec) / 2
    first = next((i for i, word in enumerate(before) if word.end_sec > start_sec), len(before))
    stop = next((i for i, word in enumerate(after) if word.start_sec >= end_sec), len(after))
    if end_sec <= start_sec or first == len(before) or stop == 0:
        # They meet in a pause, or only one has heard anything there: it is believed.
        return list(before), list(after)
    agreed = _agreed(before[first:], after[:stop])
    if agreed:
        left, right = min(agreed, key=lambda pair: abs(_middle(before[first + pair[0]]) - middle))
        return list(before[: first + left]), list(after[right:])
    return (
        [word for word in before if _middle(word) < middle],
        [word for word in after if _middle(word) >= middle],
    )


def _agreed(before: Sequence[Word], after: Sequence[Word]) -> list[tuple[int, int]]:
    """Positions in both of words that are the same word."""
    matcher = SequenceMatcher(
        None, [_bare(word) for word in before], [_bare(word) for word in after], autojunk=False
    )
    return [
        (left + offset, right + offset)
        for left, right, length in matcher.get_matching_blocks()
        for offset in range(length)
        if abs(before[left + offset].start_sec - after[right + offset].start_sec) <= SAME_WORD_SEC
    ]


def _bare(word: Word) -> str:
    return "".join(filter(str.isalnum, word.text.casefold()))


def _middle(word: Word) -> float:
    return (word.start_sec + word.end_sec) / 2
