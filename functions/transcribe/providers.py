"""From settings to a loaded recognizer."""

from pathlib import Path

from functions.transcribe.bucket_weights import BucketOpener
from functions.transcribe.recognizer import Recognizer
from functions.transcribe.weights import locate_weights
from functions.transcribe.whisper import WhisperRecognizer


def load_recognizer(
    model: str,
    *,
    device: str,
    compute_type: str,
    threads: int,
    batch_size: int,
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
        batch_size=batch_size,
    )
