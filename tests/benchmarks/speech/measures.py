"""How right a transcript is: words against what was said, times against a whole-file run."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from statistics import median

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

_normalize = EnglishTextNormalizer()

TimedWord = tuple[str, float, float]
"""Text, start, end: seconds of the recording."""


def word_error_rate(said: str, heard: str) -> float:
    """Percent, after the normalization that Whisper's own evaluation uses."""
    return 100 * jiwer.wer(_normalize(said), _normalize(heard))


def word_time_error(reference: Sequence[TimedWord], found: Sequence[TimedWord]) -> float:
    """Median distance of word starts, in seconds, over the words that both have.

    Words are matched in stretches of a few minutes, as a word of many is soon found in a
    wrong place.
    """
    distances = [
        abs(found[there][1] - reference[here][1])
        for here, there in _matched([_bare(w[0]) for w in reference], [_bare(w[0]) for w in found])
    ]
    return median(distances)


def _matched(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [
        (block.a + offset, block.b + offset)
        for block in matcher.get_matching_blocks()
        if block.size >= 3
        for offset in range(block.size)
    ]


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
