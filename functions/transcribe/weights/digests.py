"""The digests of the published weights, and their verification."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from shared.errors import ModelUnavailableError


@dataclass(frozen=True)
class Published:
    """A model on the Hugging Face hub at one revision."""

    repository: str
    revision: str
    sha256: str
    """Of `model.bin`."""


PUBLISHED = {
    "base": Published(
        "Systran/faster-whisper-base",
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
    "tiny.en": Published(
        "Systran/faster-whisper-tiny.en",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
}
"""By the name that PLC_WHISPER_MODEL takes. Other names are fetched unpinned."""

NEEDED = ("config.json", "model.bin", "tokenizer.json")
"""Without these faster-whisper cannot start, or asks the hub for what is missing."""


def published_sha256(name: str) -> str | None:
    """The digest for a model's name, with or without the hub's `faster-whisper-` before it."""
    known = PUBLISHED.get(name.removeprefix("faster-whisper-"))
    return known.sha256 if known else None


def check_complete(directory: Path) -> None:
    """Raises ModelUnavailableError if a needed file is missing."""
    missing = [name for name in NEEDED if not (directory / name).is_file()]
    if missing:
        raise ModelUnavailableError(f"the speech model in {directory} lacks {', '.join(missing)}")


def check_digest(file: Path, sha256: str, *, cache_dir: Path) -> None:
    """Hash a weights file once; later processes find a note in the cache that it was right.

    The note is bound to the file's path, size and time of change.
    Raises ModelUnavailableError if the digest differs.
    """
    state = file.stat()
    identity = f"{file.resolve()}\n{state.st_size}\n{state.st_mtime_ns}\n{sha256}"
    note = cache_dir / "verified" / hashlib.sha256(identity.encode()).hexdigest()
    if note.exists():
        return
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise ModelUnavailableError(
            f"the speech model {file} is not the published one: sha256 {found}, not {sha256}"
        )
    note.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(note, os.O_CREAT | os.O_WRONLY, 0o644))
