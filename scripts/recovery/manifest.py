"""The manifest of a backup's folder.

backup.json     this
password        of the role that the cluster is opened with
base/           the cluster, copied while it ran
log/            the write-ahead log since, a segment a file
objects/        the bucket's objects, those that were deleted meanwhile included
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

FILE = "backup.json"


class BackupError(Exception):
    """The backup cannot be made, or not be used."""


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    postgres: str
    """Major version: another one cannot read it."""
    slot: str
    """Keeps the log on the server until it has been fetched."""
    from_time: datetime
    """The earliest moment that can be restored."""
    to_time: datetime
    """The latest one, by the database's clock. Objects were copied after it."""


def read_manifest(folder: Path) -> Manifest | None:
    """None if there is no backup, or none that was finished."""
    try:
        return Manifest.model_validate_json((folder / FILE).read_text())
    except FileNotFoundError:
        return None


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Raises BackupError if another backup is writing into the folder."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError(f"another backup is writing into {folder}") from None
        yield


def write_manifest(folder: Path, manifest: Manifest) -> None:
    partial = folder / f"{FILE}.partial"
    partial.write_text(manifest.model_dump_json(indent=2) + "\n")
    partial.replace(folder / FILE)
