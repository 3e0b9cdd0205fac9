"""Whatever starts a stack takes all of it down, however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.local.ports import Ports, find_free
from scripts.local.processes.watchdog import marks, python_options
from scripts.local.stack import ROOT
from shared.topology import load_topology
from tests.support.processes.descendants import Descendants
from tests.support.processes.folders import enterable_folder
from tests.support.processes.waiting import wait_until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds what is left in /proc"
)

START_SEC = 120
GONE_SEC = 30
"""Far above what it takes, for a machine that is busy."""
FUNCTIONS = len(load_topology().functions)

TEST_SESSION = """
import threading

def test_a_cluster_is_up(cluster):
    (PATH).touch()
    threading.Event().wait()
"""


@dataclass(frozen=True)
class Starter:
    command: tuple[str, ...]
    functions: int
    postgres: int = 1


STARTERS = {
    "up": Starter((sys.executable, "-m", "scripts.local"), FUNCTIONS),
    "demo": Starter((sys.executable, "-m", "scripts.demo"), FUNCTIONS),
    "make up": Starter(("make", "up", "APP=0"), FUNCTIONS),
    "chaos": Starter(
        (sys.executable, "-m", "tests.chaos.run", "--lectures", "8", "--phones", "2"), FUNCTIONS
    ),
    "bench-api": Starter((sys.executable, "-m", "tests.benchmarks.api_load", "60"), 2),
    "test session": Starter((sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"), 0),
}
IN_EVERY_RUN = (("test session", "SIGKILL"),)
"""Run by CI, and the stack that is killed and started again below; the other starters and signals
differ in who calls the same code."""
CASES = [
    *(("up", number) for number in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")),
    # GNU make hands SIGTERM on, and no other.
    *(("make up", number) for number in ("SIGKILL", "SIGTERM")),
    *(
        (starter, number)
        for starter in ("demo", "chaos", "bench-api", "test session")
        for number in ("SIGKILL", "SIGTERM", "SIGINT")
    ),
]


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    descendants: Descendants
    home: Path
    ports: Ports

    def count(self, word: str) -> int:
        return sum(word in command for command in self.descendants.running().values())

    def nothing_is_left(self) -> None:
        wait_until(
            lambda: not self.descendants.running(),
            timeout_sec=GONE_SEC,
            what=f"the end of {self.descendants.running()}",
        )


@contextmanager
def started(starter: str, folder: Path) -> Iterator[Running]:
    """Returns as soon as all processes are there, which is before they listen."""
    what = STARTERS[starter]
    descendants = Descendants(folder)
    ports = find_free(tuple(load_topology().functions))
    command = with_this_session(what.command, folder)
    if starter == "test session":
        command.append(str(write_session(folder)))
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
                **descendants.environment,
                "PEGASUS_HOME": str(folder / "home"),
                "PORT": str(ports.api),
                "TMPDIR": str(folder),
                "PLC_WHISPER_MODEL": "tiny.en",
            },
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    running = Running(process, descendants, folder / "home", ports)
    try:
        wait_until(
            lambda: (
                (
                    running.count("functions_framework") >= what.functions
                    and running.count("postgres -D") >= what.postgres
                    and (starter != "test session" or (folder / "up").exists())
                )
                or process.poll() is not None
            ),
            timeout_sec=START_SEC,
            what=f"{starter} to start its processes",
        )
        assert process.poll() is None, (folder / "output").read_text()
        yield running
    finally:
        process.kill()
        process.wait()
        for pid in descendants.running():
            os.kill(pid, signal.SIGKILL)


def with_this_session(command: tuple[str, ...], folder: Path) -> list[str]:
    """A starter that ends with the session that tests it: `make` takes the marks for variables."""
    program, *arguments = command
    if program == "make":
        return [program, *arguments, *marks(folder)]
    return [program, *python_options(folder), *arguments]


def write_session(folder: Path) -> Path:
    """A test of this repository's, as far as pytest can tell: with its fixtures."""
    test = folder / "test_cluster.py"
    (folder / "conftest.py").write_text("from tests.integration.conftest import *\n")
    path = f"__import__('pathlib').Path({str(folder / 'up')!r})"
    test.write_text(textwrap.dedent(TEST_SESSION).replace("(PATH)", path))
    return test


@pytest.fixture
def folder() -> Iterator[Path]:
    with enterable_folder() as made:
        yield made


@pytest.mark.parametrize(
    ("starter", "number"),
    [
        pytest.param(
            *case, marks=pytest.mark.selection if case in IN_EVERY_RUN else pytest.mark.slow
        )
        for case in CASES
    ],
    ids=lambda value: value.replace(" ", "-"),
)
def test_nothing_is_left_of_a_starter_that_is_ended_by(
    folder: Path, starter: str, number: str
) -> None:
    with started(starter, folder) as running:
        running.process.send_signal(signal.Signals[number])

        running.process.wait(GONE_SEC)
        running.nothing_is_left()


@pytest.mark.selection
def test_a_killed_stack_starts_again_on_its_folder_and_ports(folder: Path) -> None:
    with started("up", folder) as running:
        running.process.kill()
        # The next start waits for nothing: what the watchdog has not ended yet is in its way.
        again = subprocess.Popen(
            with_this_session(STARTERS["up"].command, folder),
            cwd=ROOT,
            env={
                **os.environ,
                **running.descendants.environment,
                "PEGASUS_HOME": str(running.home),
                "PORT": str(running.ports.api),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert again.stdout is not None
        said = []
        for line in again.stdout:
            said.append(line)
            if "Pegasus is up" in line:
                break
        else:
            pytest.fail("".join(said))
        again.terminate()
        again.communicate(timeout=GONE_SEC)
        assert again.returncode == 0
        running.nothing_is_left()
