"""`make down`, and a start where another Pegasus is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.down import bring_down
from scripts.local.home import holder
from scripts.local.ports import Ports, find_free
from scripts.local.processes.table import processes
from scripts.local.processes.watchdog import python_options
from scripts.local.stack import ROOT
from shared.topology import load_topology
from tests.support.processes.folders import enterable_folder

START_SEC = 120


@pytest.fixture
def ports() -> Ports:
    return find_free(tuple(load_topology().functions))


@pytest.fixture
def home() -> Iterator[Path]:
    with enterable_folder() as folder:
        yield folder / "a home, spaced – ünd all"


def up(home: Path, ports: Ports) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *python_options(home.parent), "-m", "scripts.local"],
        cwd=ROOT,
        env={**os.environ, "PEGASUS_HOME": str(home), "PORT": str(ports.api)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_until_up(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if "Pegasus is up" in line:
            break
    assert process.poll() is None


def kill_with_watchdog(stack: subprocess.Popen[str]) -> None:
    """So that the functions and Postgres go on."""
    watchdogs = [
        each.pid
        for each in processes()
        if "scripts.local.processes.watchdog" in each.words
        and each.words[-1].startswith(f"{stack.pid}-")
    ]
    assert len(watchdogs) == 1
    for pid in (*watchdogs, stack.pid):
        os.kill(pid, signal.SIGKILL)
    stack.wait()


@pytest.fixture
def stack(home: Path, ports: Ports) -> Iterator[subprocess.Popen[str]]:
    process = up(home, ports)
    wait_until_up(process)
    yield process
    process.kill()
    process.communicate()
    bring_down(home)


def make_down(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "down", f"PEGASUS_HOME={home}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_SEC,
        check=False,
    )


@pytest.mark.selection
def test_down_ends_a_running_stack_and_finds_nothing_the_second_time(
    stack: subprocess.Popen[str], home: Path
) -> None:
    first = make_down(home)
    second = make_down(home)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert str(stack.pid) in first.stdout
    assert stack.wait(START_SEC) == 0
    assert "nothing of" in second.stdout
    assert not [
        each for each in processes() if each.folder and home in (each.folder, *each.folder.parents)
    ]


@pytest.mark.slow
def test_down_ends_what_a_killed_stack_and_its_watchdog_have_left(
    stack: subprocess.Popen[str], home: Path
) -> None:
    kill_with_watchdog(stack)

    ended = bring_down(home)

    assert sum("functions_framework" in each.command for each in ended) >= len(
        load_topology().functions
    )
    assert any("postgres" in each.command for each in ended)
    assert bring_down(home) == []


@pytest.mark.slow
def test_the_next_start_ends_what_a_killed_stack_has_left(
    stack: subprocess.Popen[str], home: Path, ports: Ports
) -> None:
    kill_with_watchdog(stack)

    again = up(home, ports)

    wait_until_up(again)
    again.terminate()
    again.communicate(timeout=START_SEC)
    assert again.returncode == 0


@pytest.mark.slow
def test_ports_and_a_folder_in_use_are_told_with_who_has_them_and_what_ends_it(
    stack: subprocess.Popen[str], home: Path, ports: Ports, tmp_path: Path
) -> None:
    elsewhere = up(tmp_path / "another", ports)
    here = up(home, ports)
    of_ports, _ = elsewhere.communicate(timeout=START_SEC)
    of_folder, _ = here.communicate(timeout=START_SEC)

    assert elsewhere.returncode == here.returncode == 1
    assert f"a Pegasus in {home} has them" in of_ports
    assert f"a stack already runs on {home}" in of_folder
    for said in (of_ports, of_folder):
        assert f"make down PEGASUS_HOME='{home}'" in said
    found = holder(home)
    assert found is not None
    assert found.pid == stack.pid
    assert stack.poll() is None
