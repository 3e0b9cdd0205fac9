"""A Postgres started from a backup, at one moment or at the end of its log."""

import os
import shutil
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from scripts.local.postgres.binaries import Binaries
from scripts.local.postgres.cluster import Postgres
from scripts.recovery.manifest import BackupError, Manifest

_RECOVERY = ("restore_command", "recovery_target_time", "recovery_target_action")

RECOVERY_TIMEOUT_SEC = 1800
"""Some gigabytes of log a minute are usual; this is a week of a busy database."""


class RestoredPostgres(Postgres):
    """A new cluster in a new folder. `start` returns once it has gone through the log and takes
    writes."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        backup: Path,
        manifest: Manifest,
        to_time: datetime | None = None,
        binaries: Binaries | None = None,
    ) -> None:
        super().__init__(folder, port=port, binaries=binaries)
        self._backup = backup
        self._manifest = manifest
        self._to_time = to_time

    def start(self) -> None:
        """Raises BackupError, PostgresError."""
        super().start()
        engine = create_engine(
            make_url(self.url).set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            _wait_for_the_end_of_recovery(connection)
            # What has been done need not stand in the settings.
            for name in _RECOVERY:
                connection.execute(text(f"ALTER SYSTEM RESET {name}"))
        engine.dispose()

    def _initialize(self) -> None:
        found, wanted = self._binaries.version, self._manifest.postgres
        if found != wanted:
            raise BackupError(f"the backup is of Postgres {wanted}, and this machine has {found}")
        password = self._folder / "password"
        password.touch(mode=0o600)
        password.write_text((self._backup / "password").read_text())
        partial = self._data.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(self._backup / "base", partial)
        for segment in (self._backup / "log").iterdir():
            # The last one is fetched again when it is full.
            if segment.suffix != ".partial":
                shutil.copyfile(segment, partial / "pg_wal" / segment.name)
        (partial / "recovery.signal").touch()
        with (partial / "postgresql.auto.conf").open("a") as settings:
            # All of the log lies where the server looks when this has found nothing.
            settings.write("restore_command = 'false'\n")
            if self._to_time is not None:
                settings.write(f"recovery_target_time = '{self._to_time.isoformat()}'\n")
                settings.write("recovery_target_action = 'promote'\n")
        partial.chmod(0o700)
        self._give_away(password, partial, *partial.rglob("*"))
        partial.rename(self._data)

    def _give_away(self, *paths: Path) -> None:
        if self._account is not None:
            for path in paths:
                os.chown(path, self._account.uid, self._account.gid)


def _wait_for_the_end_of_recovery(connection: Connection) -> None:
    """It answers while it still reads the log, and takes no writes until it is through."""
    deadline = time.monotonic() + RECOVERY_TIMEOUT_SEC
    while connection.scalar(text("SELECT pg_is_in_recovery()")):
        if time.monotonic() > deadline:
            raise BackupError(f"the log was not read to its end in {RECOVERY_TIMEOUT_SEC} s")
        time.sleep(0.05)
