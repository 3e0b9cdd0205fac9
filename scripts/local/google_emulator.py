"""Google's own Pub/Sub emulator, where a machine has it.

It ships with the Google Cloud CLI as a Java archive. Starting the archive directly
takes about a second; `gcloud beta emulators pubsub start` takes several.
"""

import shutil
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from scripts.local.processes.watchdog import marks

_STARTED = "Server started, listening on"


class EmulatorFailedError(Exception):
    """Google's emulator ended before it listened."""


@dataclass(frozen=True)
class EmulatorInstallation:
    java: Path
    archive: Path


def find_emulator() -> EmulatorInstallation | None:
    """The emulator beside the `gcloud` on PATH; None without it or without Java."""
    gcloud, java = shutil.which("gcloud"), shutil.which("java")
    if gcloud is None or java is None:
        return None
    sdk_root = Path(gcloud).resolve().parent.parent
    archives = sorted((sdk_root / "platform" / "pubsub-emulator" / "lib").glob("*.jar"))
    return EmulatorInstallation(Path(java), archives[-1]) if archives else None


class GoogleEmulator:
    """Pub/Sub in memory: nothing outlives `stop`. Same handles as `PubSubServer`."""

    def __init__(self, installation: EmulatorInstallation, *, folder: Path, port: int = 0) -> None:
        """Belongs to `folder`, in which it writes nothing. Port 0 takes a free one."""
        self._installation = installation
        self._folder = folder
        self._wanted_port = port
        self._process: subprocess.Popen[str] | None = None
        self._drain: threading.Thread | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """host:port for `PUBSUB_EMULATOR_HOST`, known once started."""
        return f"127.0.0.1:{self._port}"

    def start(self, *, deliver: bool = True) -> None:
        """Returns when it listens. `deliver` changes nothing: the emulator cannot be held back.

        Raises EmulatorFailedError with what it said instead.
        """
        self._port = self._wanted_port or _free_port()
        process = subprocess.Popen(
            [
                str(self._installation.java),
                *(f"-D{mark}" for mark in marks(self._folder)),
                "-jar",
                str(self._installation.archive),
                "--host=127.0.0.1",
                f"--port={self._port}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._process = process
        said = []
        for line in process.stdout or ():
            said.append(line)
            if _STARTED in line:
                # A full pipe would stop it.
                self._drain = threading.Thread(target=_drain, args=(process,), daemon=True)
                self._drain.start()
                return
        self.stop()
        raise EmulatorFailedError("".join(said))

    def start_deliveries(self) -> None:
        """It delivers from the start."""

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            if self._drain is not None:
                self._drain.join()
            self._process.communicate()
            self._process = None


def _drain(process: subprocess.Popen[str]) -> None:
    for _ in process.stdout or ():
        pass


def _free_port() -> int:
    # The emulator accepts port 0 but does not report the port it got.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
