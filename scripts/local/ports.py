"""Which port every part of the stack listens on: counted up from the API's.

Fixed, so that what was recorded before a restart still leads somewhere after it:
a phone's upload session, a task's URL.
"""

import random
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.local.home import down_command, home_of
from scripts.local.processes.table import Process, processes

HOST = "127.0.0.1"
_STANDINS = ("storage", "pubsub", "tasks", "postgres")


class PortsTakenError(Exception):
    """Another program listens where the stack wants to."""


@dataclass(frozen=True)
class Ports:
    api: int
    functions: tuple[str, ...]
    """Names in the topology's order; the first is the API."""

    @property
    def storage(self) -> int:
        return self.api + 1

    @property
    def pubsub(self) -> int:
        return self.api + 2

    @property
    def tasks(self) -> int:
        return self.api + 3

    @property
    def postgres(self) -> int:
        return self.api + 4

    @property
    def identity(self) -> int:
        return self.api + len(_STANDINS) + len(self.functions)

    def function(self, name: str) -> int:
        index = self.functions.index(name)
        return self.api if index == 0 else self.api + len(_STANDINS) + index

    def function_url(self, name: str) -> str:
        return f"http://{HOST}:{self.function(name)}"

    def all(self) -> Sequence[int]:
        return range(self.api, self.identity + 1)

    def require_free(self) -> None:
        """Raises PortsTakenError naming the ports that are taken, and the Pegasus that has them."""
        taken = [port for port in self.all() if not _free(port)]
        if taken:
            raise PortsTakenError(
                f"already in use on {HOST}: {', '.join(map(str, taken))}"
                + "".join(
                    f"; a Pegasus in {home} has them, {down_command(home)} ends it"
                    for home in _homes_of(taken)
                )
                + f"; the stack needs {self.all()[0]} to {self.all()[-1]}, PORT=<n> moves it"
            )


def find_free(functions: tuple[str, ...]) -> Ports:
    """A free run of ports, for tests.

    At random, so that two processes that search simultaneously do not find the same; and
    below the ephemeral ports of the system.
    """
    for base in random.sample(range(20_000, 32_000, 25), 480):
        ports = Ports(base, functions)
        if all(_free(port) for port in ports.all()):
            return ports
    raise PortsTakenError("no free run of ports")


def _homes_of(ports: Sequence[int]) -> list[Path]:
    """The folders of the stacks whose functions or Postgres listen on one of the ports."""
    homes = {home_of(each) for each in processes() if _port_of(each) in ports}
    return sorted(home for home in homes if home is not None)


def _port_of(process: Process) -> int | None:
    found = re.search(r" (?:--port=|-p )(\d+)(?: |$)", process.command)
    return int(found[1]) if found else None


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
