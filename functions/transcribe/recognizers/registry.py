"""Creates the recognizer that the settings name."""

from pathlib import Path
from typing import TYPE_CHECKING

from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.recognizers.whisper.recognizer import WhisperRecognizer
from functions.transcribe.weights.bucket import BucketOpener
from functions.transcribe.weights.sources import locate_weights
from shared.config import Settings
from shared.errors import ModelUnavailableError
from shared.settings.transcription import WITHOUT_WORD_TIMES

if TYPE_CHECKING:
    from functions.transcribe.recognizers.hosted.recognizer import HostedRecognizer

OPENAI = "https://api.openai.com/v1"


def connect_hosted(settings: Settings, model: str) -> "HostedRecognizer":
    """A service at the address in the settings. It is not called yet.

    Raises ModelUnavailableError for a model without word timestamps.
    """
    # Half a second, spent only where a service is used.
    from functions.transcribe.recognizers.hosted.recognizer import MAX_RETRIES, HostedRecognizer  # noqa: PLC0415
    from shared.vendors.openai_client import connect  # noqa: PLC0415

    if model.startswith(WITHOUT_WORD_TIMES):
        raise ModelUnavailableError(f"{model} does not tell when words are said")
    address, key = settings.openai_transcribe_base_url, settings.openai_transcribe_api_key
    if key is None and address is None:
        # OpenAI's own key goes to OpenAI only.
        key = settings.openai_api_key
    client = connect(
        # The client insists on one; a service that needs none does not look at it.
        api_key=key.get_secret_value() if key else "none",
        # Explicit: the client would otherwise take an address from the environment.
        base_url=address or OPENAI,
        timeout=settings.plc_transcribe_timeout_sec,
        max_retries=MAX_RETRIES,
    )
    return HostedRecognizer(client, model=model)


def load_recognizer(
    model: str,
    *,
    device: str,
    compute_type: str,
    threads: int,
    cache_dir: Path,
    open_bucket: BucketOpener,
) -> Recognizer:
    """Find the weights and load them; takes seconds, so do it once per process.

    The parameters are the PLC_WHISPER_* settings; weights that must be fetched or
    joined are kept in `cache_dir`.

    Raises ModelUnavailableError, or TransientError if the weights cannot be fetched just now.
    """
    return WhisperRecognizer(
        locate_weights(model, cache_dir=cache_dir, open_bucket=open_bucket),
        name=model.rstrip("/").rsplit("/", 1)[-1],
        device=device,
        compute_type=compute_type,
        threads=threads,
    )
