"""Moves the start of the first word after a pause to the onset of speech.

Whisper's times come from its attention and are up to half a second late there; voice activity,
which finds speech without understanding it, is not.
"""

from collections.abc import Sequence

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.speech.regions import Region
from shared.documents.transcript import Word

LATEST_SEC = 0.8
"""A word that begins later after the voice is not the first that is said there."""


def from_onsets(words: Sequence[Word], regions: Sequence[Region]) -> tuple[Word, ...]:
    """The words of a piece, in order; the first of each of its regions from its voice on."""
    moved = list(words)
    at = 0
    for region in regions:
        onset_sec = (region.start + region.padded) / SAMPLE_RATE
        while at < len(moved) and moved[at].end_sec <= onset_sec:
            at += 1
        if at == len(moved):
            break
        word = moved[at]
        in_region = word.start_sec * SAMPLE_RATE < region.end
        if region.padded and in_region and 0 < word.start_sec - onset_sec <= LATEST_SEC:
            moved[at] = word.model_copy(update={"start_sec": onset_sec})
    return tuple(moved)
