"""Weights from the Hugging Face hub."""

from pathlib import Path

from faster_whisper import download_model
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from shared.errors import ModelUnavailableError, TransientError


def from_hub(model: str, revision: str | None, cache_dir: Path) -> Path:
    """Fetch a model by faster-whisper's name for it (`small`, `large-v3`) or its repository.

    Raises ModelUnavailableError if there is none, TransientError if the hub cannot be reached.
    """
    try:
        return Path(download_model(model, revision=revision, cache_dir=str(cache_dir)))
    except (ValueError, HFValidationError, RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelUnavailableError(f"there is no speech model {model!r}") from error
    except (HfHubHTTPError, LocalEntryNotFoundError, ConnectionError) as error:
        raise TransientError(f"the speech model {model!r} could not be fetched") from error
