"""Which processes a starter has left, found by what the product does not use to find them."""

import uuid
from pathlib import Path

_NAME = "PEGASUS_TEST_STARTER"


class Descendants:
    """Everything that inherits this environment, or works in this folder. Linux only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._value = uuid.uuid4().hex
        self.environment = {_NAME: self._value}

    def running(self) -> dict[int, str]:
        """By process id, the command line."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                mine = command and (self._inherits(process) or self._is_in_folder(process))
            except OSError:
                continue
            if mine:
                found[int(process.name)] = command.replace(b"\0", b" ").decode()
        return found

    def _inherits(self, process: Path) -> bool:
        return f"{_NAME}={self._value}".encode() in (process / "environ").read_bytes().split(b"\0")

    def _is_in_folder(self, process: Path) -> bool:
        """Postgres overwrites its environment, and lives in its data folder."""
        return (process / "cwd").readlink().is_relative_to(self._folder)
