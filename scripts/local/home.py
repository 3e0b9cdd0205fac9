"""The folder of a stack: who holds it, and what runs that belongs to it."""

import fcntl
import json
import os
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from scripts.local.processes.table import Process, command_of, processes

LOCK = "lock"
PROBE_SEC = 0.3


class HomeInUseError(Exception):
    """Another stack runs on this folder."""


class HomeLock:
    """Held by the process that runs a stack on a folder; the system frees it when that ends."""

    def __init__(self, home: Path) -> None:
        self._file = home / LOCK
        self._held: IO[str] | None = None

    def take(self) -> None:
        """Raises HomeInUseError."""
        deadline = time.monotonic() + PROBE_SEC
        # `holder` has the lock for a moment each time it asks.
        while (lock := _try(self._file)) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if lock is None:
            raise HomeInUseError(
                f"a stack already runs on {self._file.parent}; {down_command(self._file.parent)}"
                " ends it"
            )
        self._held = lock
        lock.seek(0)
        lock.truncate()
        json.dump({"pid": os.getpid(), "command": command_of(os.getpid())}, lock)
        lock.flush()

    def release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def holder(home: Path) -> Process | None:
    """The process that runs a stack on the folder now.

    Only the lock shows that there is one; its id counts only if that process still has the
    command line it wrote down. Raises HomeInUseError if it has another.
    """
    file = home / LOCK
    if not file.exists():
        return None
    free = _try(file)
    if free is not None:
        free.close()
        return None
    try:
        written = json.loads(file.read_text())
        pid, command = int(written["pid"]), str(written["command"])
    except (ValueError, KeyError, TypeError):
        pid, command = 0, ""
    found = next((each for each in processes() if each.pid == pid), None)
    if found is None or found.command != command:
        raise HomeInUseError(f"a process that cannot be identified holds {file}")
    return found


def belonging_to(home: Path) -> Sequence[Process]:
    """Functions and servers of the folder, whether or not their stack is there."""
    folders = (home, home / "postgres", home / "cloud")
    return [each for each in processes() if each.belongs_to(folders)]


def home_of(process: Process) -> Path | None:
    """The stack's folder that a process belongs to; None if it belongs to none."""
    folder = process.folder
    if folder is None:
        return None
    return next((each for each in (folder, folder.parent) if (each / LOCK).exists()), None)


def down_command(home: Path) -> str:
    """What ends everything that belongs to the folder."""
    default = home == Path(".pegasus").resolve()
    return "`make down`" if default else f"`make down PEGASUS_HOME={shlex.quote(str(home))}`"


def _try(file: Path) -> IO[str] | None:
    lock = file.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock
