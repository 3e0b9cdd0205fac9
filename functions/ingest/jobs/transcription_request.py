"""The options of a transcription, validated before its job is created.

A job that cannot succeed would be accepted, queued, and fail minutes later.
"""

import re

from functions.ingest.schemas.jobs import TranscribeQuery
from functions.ingest.web.fields import MODEL_PATTERN
from shared.config import Settings
from shared.errors import LanguageUnknownError, ModelUnknownError, ProviderNotSetUpError
from shared.settings.transcription import WITHOUT_WORD_TIMES
from shared.speech.languages import LANGUAGES

WHISPER_MODELS = frozenset(
    {
        *("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en"),
        *("large", "large-v1", "large-v2", "large-v3", "large-v3-turbo", "turbo"),
        *("distil-small.en", "distil-medium.en", "distil-large-v2", "distil-large-v3"),
        "distil-large-v3.5",
    }
)
"""The names that faster-whisper finds weights for."""
ENGLISH_ONLY = ".en"


def selectable_models(settings: Settings) -> tuple[str, ...]:
    """Those that a request may name; none where a service alone knows its models."""
    if settings.plc_transcribe_provider == "openai":
        return ()
    own = settings.plc_whisper_model
    # A directory or bucket is no name that a request may give.
    return tuple(sorted(WHISPER_MODELS | ({own} if re.fullmatch(MODEL_PATTERN, own) else set())))


def selectable_languages(settings: Settings) -> tuple[str, ...]:
    """Those that a request may name without naming another model."""
    if settings.transcribe_model.endswith(ENGLISH_ONLY):
        return ("en",)
    return tuple(sorted(LANGUAGES))


def check_transcription(settings: Settings, query: TranscribeQuery) -> None:
    """Raises ProviderNotSetUpError, ModelUnknownError, LanguageUnknownError."""
    provider = settings.plc_transcribe_provider
    if query.provider not in (None, provider):
        raise ProviderNotSetUpError(f"{query.provider} is not set up here; {provider} is.")
    model = query.model or settings.transcribe_model
    if query.model is not None and not _has_model(settings, query.model):
        raise ModelUnknownError(f"{provider} has no model {query.model!r} for this.")
    if query.language is None:
        return
    if query.language not in LANGUAGES:
        raise LanguageUnknownError(f"{query.language!r} is no language that can be recognized.")
    if model.endswith(ENGLISH_ONLY) and query.language != "en":
        raise LanguageUnknownError(f"The model {model!r} knows English alone.")


def _has_model(settings: Settings, model: str) -> bool:
    if settings.plc_transcribe_provider == "openai":
        # Which models a service has is its own to say; of these words have no times.
        return not model.startswith(WITHOUT_WORD_TIMES)
    return model in WHISPER_MODELS or model == settings.plc_whisper_model
