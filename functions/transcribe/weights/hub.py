"""Weights from the Hugging Face hub, and those it has put into the cache before."""

from pathlib import Path

import requests
from faster_whisper import available_models, download_model
from huggingface_hub import constants
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from shared.errors import ModelUnavailableError, TransientError

REACH_SEC = 5.0
"""For one question before the download, which alone would try for half a minute."""


def from_hub(model: str, revision: str | None, cache_dir: Path) -> Path:
    """Fetch a model by faster-whisper's name for it (`small`, `large-v3`) or its repository.

    Raises ModelUnavailableError if there is none, TransientError if the hub cannot be reached.
    """
    if "/" not in model and model not in available_models():
        raise ModelUnavailableError(f"there is no speech model {model!r}")
    try:
        if not constants.HF_HUB_OFFLINE:
            requests.head(constants.ENDPOINT, timeout=REACH_SEC)
        return Path(download_model(model, revision=revision, cache_dir=str(cache_dir)))
    except (ValueError, HFValidationError, RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelUnavailableError(f"there is no speech model {model!r}") from error
    except (
        requests.RequestException,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        ConnectionError,
    ) as error:
        raise TransientError(
            f"the speech model {model!r} could not be fetched ({type(error).__name__})"
        ) from error


def from_hub_cache(model: str, revision: str | None, cache_dir: Path) -> Path | None:
    """What an earlier `from_hub` has fetched; None if it has not. Asks nothing of the network."""
    try:
        return Path(
            download_model(
                model, revision=revision, cache_dir=str(cache_dir), local_files_only=True
            )
        )
    except (ValueError, HFValidationError, LocalEntryNotFoundError):
        return None
