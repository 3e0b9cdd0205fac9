"""Whisper with the weights that come as development packages."""

from pathlib import Path

from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.recognizers.registry import load_recognizer
from functions.transcribe.weights.sources import locate_weights
from shared.storage.bucket import ObjectStore


def packaged_recognizer(model: str, cache_dir: Path, *, threads: int = 1) -> Recognizer:
    return load_recognizer(
        model,
        device="cpu",
        compute_type="int8",
        threads=threads,
        cache_dir=cache_dir,
        open_bucket=_no_bucket,
    )


def packaged_weights(model: str, cache_dir: Path) -> Path:
    return locate_weights(model, cache_dir=cache_dir, open_bucket=_no_bucket)


def _no_bucket(name: str) -> ObjectStore:
    raise AssertionError(f"bucket {name} was asked: weights come with the development packages")
