"""A base backup of a running Postgres, and its write-ahead log from then on.

Postgres' own programs do it: `pg_basebackup` and `pg_receivewal`. A replication slot keeps the log
on the server until it has been fetched, so nothing is missing between two calls, however long
they are apart, and no setting of the server has to be changed.
"""

import os
import shutil
import subprocess
import uuid
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from scripts.local.postgres.binaries import Binaries, find_binaries
from scripts.recovery.manifest import BackupError, Manifest

SLOT = "pegasus_backup_"

_END_OF_SEGMENT = text(
    """
    SELECT '0/0'::pg_lsn + ceil((pg_switch_wal() - '0/0') / setting::numeric) * setting::numeric - 1
    FROM pg_settings WHERE name = 'wal_segment_size'
    """
)
"""Begins a new segment; what is fetched are whole ones."""


class Cluster:
    """A running Postgres, by a URL whose role may replicate."""

    def __init__(self, url: str, *, binaries: Binaries | None = None) -> None:
        self._url = make_url(url)
        self._binaries = binaries or find_binaries()
        self._engine = _engine(self._url)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def password(self) -> str:
        return str(self._url.password or "")

    def take_base(self, folder: Path) -> Manifest:
        """Copy the cluster into `folder/base`, and begin a log. Raises BackupError.

        An older backup's log ends here: a replication slot that is not read would fill the
        server's disk.
        """
        slot = SLOT + uuid.uuid4().hex[:8]
        self._drop_slots()
        partial = folder / "base.partial"
        shutil.rmtree(partial, ignore_errors=True)
        # Of an attempt that was cut off.
        for part in ("base", "log"):
            shutil.rmtree(folder / part, ignore_errors=True)
        self._call(
            "pg_basebackup",
            *("-D", str(partial), "--checkpoint=fast", "--wal-method=stream"),
            *("--create-slot", f"--slot={slot}"),
        )
        partial.rename(folder / "base")
        (folder / "log").mkdir()
        now = self._now()
        version = (folder / "base" / "PG_VERSION").read_text().strip()
        return Manifest(postgres=version, slot=slot, from_time=now, to_time=now)

    def fetch_log(self, folder: Path, manifest: Manifest) -> Manifest:
        """Add the log up to this moment to `folder/log`. Raises BackupError."""
        if manifest.slot not in self._slots():
            raise BackupError("its log has ended, as a newer backup was begun: begin another one")
        now = self._now()
        with self._engine.connect() as connection:
            # A moment can be restored if the log has a transaction that was committed after it.
            connection.execute(text("SELECT pg_logical_emit_message(true, 'pegasus.backup', '')"))
            reached = connection.scalar(_END_OF_SEGMENT)
        self._call(
            "pg_receivewal",
            *("-D", str(folder / "log"), f"--slot={manifest.slot}"),
            *(f"--endpos={reached}", "--no-loop"),
        )
        return manifest.model_copy(update={"to_time": now})

    def let_go(self) -> None:
        """The server need keep its log for no backup any more."""
        self._drop_slots()

    def _now(self) -> datetime:
        with self._engine.connect() as connection:
            now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return now

    def _slots(self) -> list[str]:
        with self._engine.connect() as connection:
            return list(
                connection.scalars(
                    text(
                        "SELECT slot_name FROM pg_replication_slots"
                        " WHERE starts_with(slot_name, :prefix) AND NOT active"
                    ),
                    {"prefix": SLOT},
                )
            )

    def _drop_slots(self) -> None:
        with self._engine.connect() as connection:
            for slot in self._slots():
                connection.execute(text("SELECT pg_drop_replication_slot(:slot)"), {"slot": slot})

    def _call(self, program: str, *arguments: str) -> None:
        path = self._binaries.bin / program
        if not path.exists():
            raise BackupError(f"{path} is not there: the machine's Postgres comes without it")
        done = subprocess.run(
            [
                str(path),
                *(f"--host={self._url.host}", f"--port={self._url.port or 5432}"),
                *(f"--username={self._url.username}", "--no-password", *arguments),
            ],
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BackupError(f"{program} failed: {done.stderr.strip()}")


def _engine(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT", pool_size=1
    )
