"""Speech for which no word was recognized.

Whisper sometimes ends a passage early and leaves out its last sentence, or skips one: what
it wrote reads well, and only the clock shows that something is missing. Measured over the
test lectures in segments of 45 s, speech without a word for `LONG_SEC` was such a loss each
time, with base and tiny.en, and never anything else.
"""

from collections.abc import Iterable, Iterator, Sequence

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.whisper.confidence import Passage, doubtful
from functions.transcribe.speech.pieces import Piece, Speech
from functions.transcribe.speech.regions import Region
from shared.documents.transcript import Word

LONG_SEC = 1.0
"""Regions of speech are padded by 0.4 s, so at an edge this is 0.6 s of speech."""

LIKELY = 0.5
"""Mean probability of the words that fill a gap; of a cough Whisper is not so sure."""


def stretches(speech: Speech, pieces: Iterable[Piece], words: Sequence[Word]) -> list[Piece]:
    """What of the pieces has no words, each as a piece of its own; `words` are in order."""
    return [
        Piece((gap,), speech.samples[gap.start : gap.end])
        for piece in pieces
        for region in piece.regions
        for gap in _gaps(region, words)
        if len(gap) >= LONG_SEC * SAMPLE_RATE
    ]


def filled(words: Sequence[Word], found: Iterable[Passage]) -> list[Word]:
    """The words with those that were made of the stretches, if they can be believed."""
    more = [
        word
        for passage in found
        if not doubtful(passage) and _mean_probability(passage.words) >= LIKELY
        for word in passage.words
    ]
    return sorted([*words, *more], key=lambda word: word.start_sec) if more else list(words)


def _gaps(region: Region, words: Sequence[Word]) -> Iterator[Region]:
    at = region.start
    for word in words:
        start, end = round(word.start_sec * SAMPLE_RATE), round(word.end_sec * SAMPLE_RATE)
        if end <= region.start or start >= region.end:
            continue
        if start > at:
            yield Region(at, start)
        at = max(at, end)
    if at < region.end:
        yield Region(at, region.end)


def _mean_probability(words: Sequence[Word]) -> float:
    return sum(word.probability for word in words) / len(words) if words else 0.0
