"""One utterance in a person's words, with the times of the words it had."""

from dataclasses import dataclass

from shared.documents.transcript import Utterance
from shared.speech.alignment import Aligned, align, split_words

CERTAIN = 1.0
"""The probability of a word that a person wrote: it is no guess of a recognizer's."""


@dataclass(frozen=True)
class Respelled:
    utterance: Utterance
    aligned: Aligned


def respell(utterance: Utterance, text: str) -> Respelled:
    """The utterance with another text, which is not empty and has single spaces."""
    aligned = align(
        utterance.words,
        split_words(text),
        start_sec=utterance.start_sec,
        end_sec=utterance.end_sec,
        probability=CERTAIN,
    )
    words = aligned.words
    respelled = Utterance(
        id=utterance.id,
        start_sec=words[0].start_sec,
        end_sec=words[-1].end_sec,
        text=text,
        confidence=sum(word.probability for word in words) / len(words),
        words=words,
    )
    return Respelled(respelled, aligned)
