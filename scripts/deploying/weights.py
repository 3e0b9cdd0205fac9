"""The speech model's weights, copied into the installation's bucket once."""

from pathlib import Path

from functions.transcribe.weights.sources import locate_weights
from scripts.programs import ProgramError, Programs
from shared.errors import PegasusError
from shared.storage.bucket import ObjectStore

LAST = "model.bin"
"""Copied after the others: where it is, all are."""


def fetch_weights(model: str, into: Path) -> Path:
    """A folder with the files of a published model, by its digest. Raises ProgramError."""
    try:
        return locate_weights(model, cache_dir=into, open_bucket=_no_bucket)
    except PegasusError as error:
        raise ProgramError(error.message) from error


def are_there(programs: Programs, target: str) -> bool:
    """Raises ProgramError."""
    try:
        return f"{target}/{LAST}" in programs.read("gcloud", "storage", "ls", f"{target}/**")
    except ProgramError as error:
        if "matched no objects" in str(error):
            return False
        raise


def copy_weights(programs: Programs, folder: Path, target: str) -> None:
    """Raises ProgramError."""
    others = sorted(str(each) for each in folder.iterdir() if each.is_file() and each.name != LAST)
    programs.run("gcloud", "storage", "cp", *others, f"{target}/")
    programs.run("gcloud", "storage", "cp", str(folder / LAST), f"{target}/")


def _no_bucket(name: str) -> ObjectStore:
    raise ProgramError(f"gs://{name} is not where published weights come from")
