"""A backup of the local stack becomes the data of a new one."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import select

from scripts.local.cloud import BUCKET, PROJECT
from scripts.local.gcs import StorageServer
from scripts.local.ports import HOST
from scripts.recovery.deletions import Deletion, DoneAgain, delete_again, deletions_since
from scripts.recovery.manifest import BackupError, Manifest, read_manifest
from scripts.recovery.objects_backup import copy_objects
from scripts.recovery.restored_cluster import RestoredPostgres
from shared.config import Settings, load_settings
from shared.database.connections import Database
from shared.models import Job, Lecture
from shared.runtime import build_runtime
from shared.storage.object_names import ObjectNames


def restore_local(
    backup: Path, home: Path, *, to_time: datetime | None, told: list[Deletion]
) -> tuple[int, DoneAgain]:
    """Make `home` a stack's folder as it was at a moment, by default the latest.

    What owners have deleted since is deleted again: as far as the backup's log records it, and as
    `told`. Returns how many objects there are, and what was deleted. Raises BackupError,
    PostgresError.
    """
    manifest = usable(backup, home, to_time)
    deletions = list(told)
    if to_time is not None:
        deletions += _deleted_after(to_time, backup, manifest)
    wanted = RestoredPostgres(
        home / "postgres", port=_free_port(), backup=backup, manifest=manifest, to_time=to_time
    )
    try:
        return _fill(home, wanted, backup / "objects", deletions)
    except BaseException:
        # Half a restore would be taken for a whole one.
        wanted.remove()
        shutil.rmtree(home, ignore_errors=True)
        raise


def _deleted_after(moment: datetime, backup: Path, manifest: Manifest) -> list[Deletion]:
    """What the end of the backup's log knows of it."""
    with TemporaryDirectory(prefix="pegasus-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's account must get in
        latest = RestoredPostgres(folder, port=_free_port(), backup=backup, manifest=manifest)
        try:
            with _running(latest) as database:
                return deletions_since(database, moment)
        finally:
            latest.remove()


def _fill(
    home: Path, wanted: RestoredPostgres, backup: Path, deletions: list[Deletion]
) -> tuple[int, DoneAgain]:
    storage = home / "cloud" / "storage"
    with _running(wanted) as database:
        names = ObjectNames(_settings(wanted.url, None).gcs_prefix)
        objects = copy_objects(backup, storage, wanted=_known_to(database, names))
        with _serving(storage) as url:
            rt = build_runtime(_settings(wanted.url, url), database=database)
            return objects, delete_again(rt, deletions)


def usable(backup: Path, home: Path, to_time: datetime | None) -> Manifest:
    """What the backup says of itself. Raises BackupError if it does not have that moment, or if
    there is something in `home`: a restore writes over nothing."""
    manifest = read_manifest(backup)
    if manifest is None:
        raise BackupError(f"{backup} is no backup, or its first copy was not finished")
    if to_time is not None and not manifest.from_time <= to_time <= manifest.to_time:
        raise BackupError(
            f"{backup} has the moments from {manifest.from_time.isoformat()}"
            f" to {manifest.to_time.isoformat()}"
        )
    if home.exists() and any(home.iterdir()):
        raise BackupError(f"there is something in {home}: name a folder that is not there yet")
    return manifest


def _known_to(database: Database, names: ObjectNames) -> "_Wanted":
    with database.reading() as session:
        keys = {*session.scalars(select(Lecture.id)), *session.scalars(select(Job.id))}
    return _Wanted(keys, names)


class _Wanted:
    """Objects of lectures that there are, and those of no lecture, such as reports."""

    def __init__(self, keys: set[UUID], names: ObjectNames) -> None:
        self._keys = keys
        self._names = names

    def __call__(self, name: str) -> bool:
        key = self._names.key_of(name)
        return key is None or key in self._keys


@contextmanager
def _running(postgres: RestoredPostgres) -> Iterator[Database]:
    postgres.start()
    database = Database.from_settings(_settings(postgres.url, None))
    try:
        yield database
    finally:
        database.close()
        postgres.stop()


@contextmanager
def _serving(storage: Path) -> Iterator[str]:
    server = StorageServer(storage, port=0, signing_keys={}, publish=_discard)
    server.start()
    try:
        server.ensure_bucket(BUCKET)
        yield server.url
    finally:
        server.stop()


def _discard(_topic: str, _data: bytes, _attributes: dict[str, str], /) -> None:
    """Nothing written here needs a message to another function."""


def _settings(database_url: str, storage_url: str | None) -> Settings:
    return load_settings(
        {
            "PLC_ENVIRONMENT": "local",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "GCS_BUCKET": BUCKET,
            "GCS_PREFIX": os.environ.get("GCS_PREFIX", ""),
            "DATABASE_URL": database_url,
            "STORAGE_EMULATOR_HOST": storage_url or "",
        }
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
