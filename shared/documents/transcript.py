"""The transcript: what was said, when, and how sure the recognizer was."""

from pydantic import Field

from shared.documents.warnings import Warnings
from shared.schema import Schema


class Word(Schema):
    """One spoken word. Times are seconds from the start of the lecture."""

    text: str
    """As recognized, punctuation attached, no surrounding white space."""
    start_sec: float
    end_sec: float
    probability: float
    """0 to 1, the recognizer's own."""


class Utterance(Schema):
    """About one sentence, with its words in order of time."""

    id: int
    """Position in the transcript, from 0."""
    start_sec: float
    end_sec: float
    text: str
    confidence: float
    """0 to 1: the mean probability of its words."""
    words: tuple[Word, ...]
    language: str | None = Field(default=None, exclude_if=lambda language: language is None)
    """ISO 639-1. Left out where it is the lecture's."""


class Transcript(Schema):
    """One lecture's speech; utterances are ordered and do not overlap."""

    language: str
    """ISO 639-1, of most of the speech."""
    duration_sec: float
    """Length of the decoded audio, counted in samples, not read from a header."""
    provider: str
    model: str
    utterances: tuple[Utterance, ...]
    warnings: Warnings = ()
    """What a reader should know of the recording and its recognition."""

    def in_its_language(self) -> "Transcript":
        """The same without what is said in other languages than most of it."""
        own = tuple(each for each in self.utterances if each.language in (None, self.language))
        return self.model_copy(update={"utterances": own})

    @property
    def text(self) -> str:
        return " ".join(utterance.text for utterance in self.utterances)
