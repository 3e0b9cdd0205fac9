"""Child processes end with the process that started them, however that ends.

Each starter (a running stack, a benchmark, a test session) has one watchdog, a small process
in a session of its own. It reads from a pipe whose write end only the starter holds: when the
starter ends, even by SIGKILL, the kernel closes the pipe, and the watchdog ends every process
that carries the starter's mark. The same on Linux and macOS, for processes that cannot watch
their parent (Postgres) and for those that are stopped.
"""

import atexit
import os
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path

from scripts.local.processes.table import Process, end, folder_mark, owner_mark, processes

_ROOT = Path(__file__).resolve().parents[3]
_ORDERLY = b"."
"""Sent by a starter that has come to its end: it starts nothing more."""
_LINGER_SEC = 1.0
"""A process that was being spawned when its starter was killed shows its marks by then."""
_EXIT_SEC = 20.0


class _Watchdog:
    def __init__(self, owner: str) -> None:
        reading, self._writing = os.pipe()
        self._starter = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-m", __name__, owner],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            cwd="/",
            start_new_session=True,
        )
        os.close(reading)

    def lives(self) -> bool:
        return self._process.poll() is None

    def dismiss(self) -> None:
        """Wait until it has ended what is left, if anything is, and then itself."""
        if self._starter == os.getpid() and self.lives():
            os.write(self._writing, _ORDERLY)
            os.close(self._writing)
            self._process.wait(_EXIT_SEC)


_lock = threading.Lock()
_of_process: dict[int, tuple[str, _Watchdog]] = {}
"""By the starter's process id: a fork is a starter of its own."""


def marks(folder: Path) -> tuple[str, str]:
    """For the command line of a process that belongs to `folder` and must not outlive this one.

    Starts this process' watchdog if it does not run.
    """
    with _lock:
        pid = os.getpid()
        owner, watchdog = _of_process.get(pid, (f"{pid}-{secrets.token_hex(6)}", None))
        if watchdog is None or not watchdog.lives():
            watchdog = _Watchdog(owner)
            atexit.register(watchdog.dismiss)
            _of_process[pid] = owner, watchdog
        return folder_mark(folder), owner_mark(owner)


def python_options(folder: Path) -> list[str]:
    """The marks as options of a Python interpreter, which ignores them."""
    return [word for mark in marks(folder) for word in ("-X", mark)]


def main() -> int:
    owner = sys.argv[1]
    orderly = bool(os.read(0, 1))

    def left() -> list[Process]:
        return [each for each in processes() if each.is_owned_by(owner)]

    linger_until = time.monotonic() + (0 if orderly else _LINGER_SEC)
    while True:
        end(left)
        if time.monotonic() >= linger_until:
            return 0
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
