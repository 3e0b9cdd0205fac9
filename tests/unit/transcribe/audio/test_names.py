"""What the API lets a call ask for is what faster-whisper has."""

from faster_whisper import available_models
from faster_whisper.tokenizer import _LANGUAGE_CODES

from functions.ingest.jobs.transcription_request import WHISPER_MODELS
from shared.speech.languages import LANGUAGES


def test_models() -> None:
    assert set(available_models()) == WHISPER_MODELS


def test_languages() -> None:
    assert set(_LANGUAGE_CODES) == LANGUAGES
