"""A function as a process of its own, started again whenever it dies."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from scripts.local.ports import HOST
from scripts.local.processes.function_logs import DIED
from scripts.local.processes.watchdog import python_options

FIRST_PAUSE_SEC, LONGEST_PAUSE_SEC = 0.1, 5.0
HEALTHY_SEC = 10
"""A process that lived this long is restarted without delay when it dies."""
HOPELESS_RESTARTS = 3
"""So many deaths before it first listens are no accident."""
STOP_SEC = 5


class FunctionProcess:
    """`functions-framework` serving one entry point, in a process group of its own.

    It belongs to `home` and ends with the process that started it.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Path,
        source: Path,
        entry_point: str,
        port: int,
        environment: Mapping[str, str],
        log: Path,
        pid_file: Path,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._home = home
        self._port = port
        self._log = log
        self._pid_file = pid_file
        self._environment = dict(environment)
        self._serve = [
            *("-m", "functions_framework"),
            f"--source={source}",
            f"--target={entry_point}",
            "--signature-type=http",
            f"--host={HOST}",
            f"--port={port}",
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._stop_by = 0.0
        self._keeper = threading.Thread(target=self._keep, name=f"keep-{name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the group's leader; None while it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        self._process = self._spawn()
        self._keeper.start()

    def wait_until_listening(self, deadline: float) -> None:
        """Raises TimeoutError with the end of its log."""
        while time.monotonic() < deadline and self.restarts < HOPELESS_RESTARTS:
            with suppress(OSError), socket.create_connection((HOST, self._port), timeout=1):
                return
            time.sleep(0.02)
        tail = self._log.read_text(errors="replace")[-3000:] if self._log.exists() else ""
        raise TimeoutError(f"{self.name} does not listen on port {self._port}:\n{tail}")

    def kill(self) -> None:
        """kill -9 of the whole function, as a crash would have it; it is started again."""
        self._signal(signal.SIGKILL)

    def ask_to_stop(self) -> None:
        if not self._stopping.is_set():
            self._stop_by = time.monotonic() + STOP_SEC
        self._stopping.set()
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end and give what it is doing STOP_SEC; the lease covers the rest.

        gunicorn alone would wait 30 s for an open request, such as a stream of progress, and
        functions-framework has no setting for it.
        """
        self.ask_to_stop()
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, self._stop_by - time.monotonic()))
            self._signal(signal.SIGKILL)
            process.wait()
        if self._keeper.is_alive():
            self._keeper.join()

    def _keep(self) -> None:
        pause = FIRST_PAUSE_SEC
        while True:
            process = self._process
            if process is None:
                return
            began = time.monotonic()
            process.wait()
            # The master is gone; a worker left behind would hold the port. Later the id may
            # be another group's.
            _signal_group(process, signal.SIGKILL)
            if self._stopping.is_set():
                return
            if time.monotonic() - began > HEALTHY_SEC:
                pause = FIRST_PAUSE_SEC
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE_SEC)
            self.restarts += 1
            self._note_death(process.returncode)
            self._process = self._spawn()
            if self._stopping.is_set():
                _signal_group(self._process, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        """An id that has been waited for may belong to another group by now."""
        if self.pid is not None and self._process is not None:
            _signal_group(self._process, number)

    def _note_death(self, status: int) -> None:
        event = {
            "time": datetime.now(UTC).isoformat(),
            "severity": "ERROR",
            "message": DIED,
            "function": self.name,
            "exit_status": status,
            "restarts": self.restarts,
        }
        with self._log.open("a") as log:
            log.write(json.dumps(event) + "\n")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *python_options(self._home), *self._serve],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(str(process.pid))
        return process


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
