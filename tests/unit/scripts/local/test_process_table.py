"""What belongs to a folder is ended, and nothing else, whatever process ids say."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.local.down import bring_down
from scripts.local.home import HomeInUseError, HomeLock, belonging_to, holder, home_of
from scripts.local.processes.table import _from_ps, end, folder_mark, owner_mark, processes
from scripts.local.processes.watchdog import marks

pytestmark = pytest.mark.heavy

Start = Callable[..., subprocess.Popen[str]]
_WAIT = "print('up', flush=True); sys.stdin.read()"
# A shell's background job, and what it starts, ignores SIGINT; this one is to end by it.
IDLE = f"import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); {_WAIT}"
STUBBORN = f"import signal, sys; [signal.signal(n, signal.SIG_IGN) for n in (2, 3, 15)]; {_WAIT}"


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a Python with these marks, which does nothing; returns once it does."""
    started = []

    def run(*words: str, program: str = IDLE) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *(part for word in words for part in ("-X", word)), "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        started.append(process)
        assert process.stdout.readline() == "up\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "a home"
    (made / "run").mkdir(parents=True)
    return made


def test_what_belongs_to_a_folder_is_ended_and_its_neighbours_go_on(
    start: Start, home: Path
) -> None:
    ours = [start(folder_mark(folder)) for folder in (home, home / "postgres")]
    others = [
        start(folder_mark(folder))
        for folder in (home.parent, Path(f"{home}2"), Path(f"{home} 2"), home / "another")
    ]

    ended = bring_down(home)

    assert sorted(each.pid for each in ended) == sorted(each.pid for each in ours)
    assert [each.wait(5) for each in ours] == [-signal.SIGINT] * 2
    assert [each.poll() for each in others] == [None] * 4
    assert bring_down(home) == []


def test_a_process_that_ignores_signals_is_killed_and_so_is_one_that_is_stopped(
    start: Start, home: Path
) -> None:
    stubborn = start(folder_mark(home), program=STUBBORN)
    stopped = start(folder_mark(home))
    os.kill(stopped.pid, signal.SIGSTOP)

    end(lambda: belonging_to(home), grace_sec=0.1)

    assert stubborn.wait(5) == -signal.SIGKILL
    assert stopped.wait(5) in (-signal.SIGINT, -signal.SIGKILL)


def test_an_id_that_another_process_has_by_now_is_not_believed(start: Start, home: Path) -> None:
    stranger = start()
    (home / "run" / "export.pid").write_text(str(stranger.pid))
    (home / "lock").write_text(json.dumps({"pid": stranger.pid, "command": "python -m scripts.up"}))

    assert bring_down(home) == []
    assert stranger.poll() is None


def test_a_lock_whose_holder_cannot_be_identified_is_told_and_nobody_is_killed(
    start: Start, home: Path
) -> None:
    stranger = start()
    lock = HomeLock(home)
    lock.take()
    try:
        (home / "lock").write_text(json.dumps({"pid": stranger.pid, "command": "another"}))

        with pytest.raises(HomeInUseError, match="cannot be identified"):
            bring_down(home)
    finally:
        lock.release()
    assert stranger.poll() is None


def test_the_holder_of_a_lock_is_known_while_it_holds_it(home: Path) -> None:
    lock = HomeLock(home)
    assert holder(home) is None
    lock.take()
    found = holder(home)
    assert found is not None
    assert found.pid == os.getpid()
    with pytest.raises(HomeInUseError, match="make down PEGASUS_HOME="):
        HomeLock(home).take()
    lock.release()
    assert holder(home) is None
    lock.take()
    lock.release()


def test_a_folder_that_is_not_there_is_down_and_is_not_made(tmp_path: Path) -> None:
    assert bring_down(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_process_tells_its_home(start: Start, home: Path) -> None:
    (home / "lock").touch()
    for folder, expected in ((home, home), (home / "postgres", home), (home.parent, None)):
        process = start(folder_mark(folder))
        (found,) = [each for each in processes() if each.pid == process.pid]
        assert home_of(found) == expected


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps on this machine")
def test_ps_tells_the_same_as_proc(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "ünd so weiter" / "two  spaces"
    process = start(folder_mark(folder), owner_mark("x"))

    (found,) = [each for each in _from_ps() if each.pid == process.pid]

    assert found.folder == folder
    assert found.belongs_to([folder])
    assert found.is_owned_by("x")


def test_a_mark_names_this_process_and_stays_the_same(tmp_path: Path) -> None:
    first, second = marks(tmp_path), marks(tmp_path)

    assert first == second
    assert first[1].startswith(owner_mark(str(os.getpid())))
