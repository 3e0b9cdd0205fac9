"""What every speech recognizer of Pegasus can do. A provider is one module beside this one."""

from collections.abc import Sequence
from typing import Protocol

from functions.transcribe.speech.pieces import Speech
from shared.schema import Schema
from shared.speech.recognition import Recognition


class DetectedLanguage(Schema):
    language: str
    """ISO 639-1, or `und` where there is no speech."""
    probability: float
    """0 to 1; 0 where the recognizer does not say."""


class Recognizer(Protocol):
    provider: str
    model: str

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
        strict: bool = False,
    ) -> Recognition:
        """Recognize one segment.

        `language` is ISO 639-1, None to detect it. What is surely in another one is recognized
        in its own unless `strict`, as far as the recognizer can detect it.
        `vocabulary` lists terms that may occur (names, technical terms); they help
        spelling and are never reported unless they are heard.

        Raises ModelUnavailableError for a language that the model does not know. One that asks
        a service raises TransientError while that cannot answer.
        """
        ...

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        """Tell the language from up to the first two minutes of speech."""
        ...
