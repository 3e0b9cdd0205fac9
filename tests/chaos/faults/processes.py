"""What the storm does to machines: kills and freezes functions, restarts the database or fills
its disk, and sets clocks wrong."""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from scripts.local.stack import Stack
from tests.chaos.faults.fault_points import FaultPointServer
from tests.chaos.faults.schedule import Storm

VICTIMS = (
    *("ingest-api", "ingest-on-upload", "transcribe", "transcribe-on-segment"),
    *("generate", "export", "retention-on-sweep"),
)
WATCHED = ("lectures", "jobs", "segments", "outbox", "artifacts", "exports")
"""Tables that cannot be written to while the disk is full."""


class Machines:
    """Strikes at random times, each kind at its own pace; a thread each."""

    def __init__(
        self,
        stack: Stack,
        admin: Engine,
        storm: Storm,
        line: FaultPointServer,
        *,
        victims: Sequence[str],
        clocks: Sequence[float],
        lease_sec: float,
    ) -> None:
        self._stack = stack
        self._admin = admin
        self._storm = storm
        self._line = line
        self._victims = victims
        self._clocks = clocks
        self._lease_sec = lease_sec
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._database = threading.Lock()

    def start(self, every_sec: Mapping[str, float]) -> None:
        """`every_sec`: mean seconds from one strike of a kind to the next."""
        self._prepare_disk()
        strikes = {
            "killed": self._kill,
            "frozen": self._freeze,
            "database_crashed": self._crash_database,
            "disk_full": self._fill_disk,
            "clock_wrong": self._set_clock,
        }
        for kind, mean_sec in every_sec.items():
            thread = threading.Thread(
                target=self._strike, args=(kind, strikes[kind], mean_sec), daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._line.clocks.clear()

    def _strike(self, kind: str, strike: Callable[[Random], None], mean_sec: float) -> None:
        chance = self._storm.stream("machine", kind)
        while not self._over.wait(chance.expovariate(1 / mean_sec)):
            strike(chance)

    def _kill(self, chance: Random) -> None:
        name = chance.choice(self._victims)
        self._storm.strike("machine.killed", mended_by=f"function {name}")
        self._stack.functions[name].kill()

    def _freeze(self, chance: Random) -> None:
        """As a machine that pauses, or an instance whose processor is taken away."""
        name = chance.choice(self._victims)
        group = self._stack.functions[name].pid
        if group is None:
            return
        self._storm.strike("machine.frozen", mended_by=f"function {name}")
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGSTOP)
        self._over.wait(self._lease_sec * chance.uniform(0.5, 2.5))
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)

    def _crash_database(self, _chance: Random) -> None:
        with self._database:
            since = time.monotonic()
            self._stack.postgres.crash()
            self._stack.postgres.start()
            self._storm.strike("machine.database_crashed", mended_by="database", since=since)

    def _fill_disk(self, chance: Random) -> None:
        """Postgres refuses to write, in its own words, until there is room again."""
        with self._database, suppress(DBAPIError):
            since = time.monotonic()
            self._set_full(True)
            self._over.wait(chance.uniform(0.2, 2.0))
            self._set_full(False)
            self._storm.strike("machine.disk_full", mended_by="database", since=since)

    def _set_clock(self, chance: Random) -> None:
        name = chance.choice(self._victims)
        self._storm.strike("machine.clock_wrong", mended_by=f"function {name}")
        self._line.clocks[name] = chance.choice(self._clocks) * self._lease_sec
        self._over.wait(chance.uniform(1, 3))
        self._line.clocks.pop(name, None)

    def _prepare_disk(self) -> None:
        with self._admin.begin() as connection:
            connection.execute(text(_DISK))
            for table in WATCHED:
                connection.execute(
                    text(
                        f"CREATE TRIGGER chaos_disk BEFORE INSERT OR UPDATE ON {table} "
                        "FOR EACH STATEMENT EXECUTE FUNCTION chaos_disk_full()"
                    )
                )

    def _set_full(self, full: bool) -> None:
        with self._admin.begin() as connection:
            connection.execute(text("UPDATE chaos_disk SET is_full = :full"), {"full": full})


_DISK = """
CREATE TABLE chaos_disk (is_full boolean NOT NULL);
GRANT SELECT ON chaos_disk TO PUBLIC;
INSERT INTO chaos_disk VALUES (false);
CREATE FUNCTION chaos_disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT is_full FROM chaos_disk) THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END IF;
    RETURN NULL;
END $$;
"""
