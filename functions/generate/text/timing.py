"""The words of an utterance in time."""

from shared.documents.transcript import Utterance, Word


def timed_words(utterance: Utterance) -> tuple[Word, ...]:
    """Its words; where the recognizer gave none, its text spread evenly over its time."""
    if utterance.words:
        return utterance.words
    parts = utterance.text.split()
    step = (utterance.end_sec - utterance.start_sec) / max(len(parts), 1)
    return tuple(
        Word(
            text=part,
            start_sec=utterance.start_sec + position * step,
            end_sec=utterance.start_sec + (position + 1) * step,
            probability=utterance.confidence,
        )
        for position, part in enumerate(parts)
    )
