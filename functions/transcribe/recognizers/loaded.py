"""The recognizer of this process, from the settings and the model a job asks for."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.recognizers.registry import connect_hosted, load_recognizer
from shared.config import Settings
from shared.errors import ModelUnavailableError
from shared.storage.bucket import ObjectStore


def _load(settings: Settings, model: str) -> Recognizer:
    if settings.plc_transcribe_provider == "openai":
        return connect_hosted(settings, model)
    return load_recognizer(
        model,
        device=settings.plc_whisper_device,
        compute_type=settings.plc_whisper_compute_type,
        threads=settings.plc_whisper_threads,
        cache_dir=Path(settings.plc_model_cache_dir),
        open_bucket=lambda name: ObjectStore.from_settings(
            settings.model_copy(update={"gcs_bucket": name})
        ),
    )


Loader = Callable[[Settings, str], Recognizer]
_loader: Loader = _load


def load_with(loader: Loader) -> None:
    """Have this process's recognizer made by something else, before it is first asked for."""
    global _loader  # noqa: PLW0603 - the one recognizer of a process is loaded once
    _loader = loader


def require_provider(settings: Settings, asked: str | None) -> None:
    """Raises ModelUnavailableError if a job asks for another provider than is set up."""
    if asked not in (None, settings.plc_transcribe_provider):
        raise ModelUnavailableError(
            f"{asked} was asked for, and {settings.plc_transcribe_provider} is set up"
        )


@lru_cache(maxsize=1)
def recognizer_for(settings: Settings, model: str) -> Recognizer:
    """Loaded with the first segment, kept for the others; one at a time, for they are large.

    Raises ModelUnavailableError, TransientError.
    """
    return _loader(settings, model)
