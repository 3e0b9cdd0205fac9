"""The processes of this machine, on Linux and macOS, and which of them a stack has started.

Each process of a stack carries two marks on its command line: the folder it belongs to, and
the starter that must outlive it. The marks identify it without a process id that may have
been reused, and forked workers inherit them.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

FOLDER, OWNER = "pegasus.folder=", "pegasus.owner="

SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
"""In this order. For Postgres a fast and an immediate shutdown, for gunicorn two quick ones."""
GRACE_SEC = 2.0
"""From one signal to the next."""
GONE_SEC = 5.0
"""How long the kernel may take to remove what was killed."""
_LOOK_SEC = 0.05
_PROC = Path("/proc/self/cmdline")


@dataclass(frozen=True)
class Process:
    pid: int
    words: tuple[str, ...]
    """Its command line. Where only `ps` reports it, an argument with spaces is several words."""

    @property
    def command(self) -> str:
        return " ".join(self.words)

    @property
    def folder(self) -> Path | None:
        """The folder it is marked with."""
        return next(
            (Path(unquote(word[len(FOLDER) :])) for word in self.words if word.startswith(FOLDER)),
            None,
        )

    def belongs_to(self, folders: Iterable[Path]) -> bool:
        return any(folder_mark(folder) in self.words for folder in folders)

    def is_owned_by(self, owner: str) -> bool:
        return OWNER + owner in self.words


def folder_mark(folder: Path) -> str:
    """Quoted: without spaces, so that it is one word in the answer of `ps` too."""
    return FOLDER + quote(str(folder.resolve()))


def owner_mark(owner: str) -> str:
    return OWNER + owner


def processes() -> Iterator[Process]:
    """All that are running and visible to this account; zombies are left out."""
    yield from _from_proc() if _PROC.exists() else _from_ps()


def command_of(pid: int) -> str:
    """The command line of a running process, "" if there is none."""
    return next((each.command for each in processes() if each.pid == pid), "")


def end(find: Callable[[], Sequence[Process]], *, grace_sec: float = GRACE_SEC) -> list[Process]:
    """Signal the groups of all processes that `find` gives until it gives none.

    Returns those that were found. Raises TimeoutError naming what cannot be ended, such as
    processes of another account.
    """
    ended: dict[int, Process] = {}
    for number in SIGNALS:
        deadline = time.monotonic() + (GONE_SEC if number == signal.SIGKILL else grace_sec)
        asked: set[int] = set()
        while left := find():
            ended |= {each.pid: each for each in left}
            groups = {group for each in left if (group := _group(each.pid)) is not None}
            for group in groups - asked:
                _signal_group(group, number)
            asked |= groups
            if time.monotonic() > deadline:
                break
            time.sleep(_LOOK_SEC)
        else:
            return list(ended.values())
    raise TimeoutError("not ended: " + ", ".join(f"{each.pid} ({each.command})" for each in left))


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _signal_group(group: int, number: signal.Signals) -> None:
    if group == os.getpgrp():
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _from_proc() -> Iterator[Process]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes()
        except OSError:
            continue
        if line:
            words = line.rstrip(b"\0").split(b"\0")
            yield Process(int(file.parent.name), tuple(map(os.fsdecode, words)))


def _from_ps() -> Iterator[Process]:
    listed = subprocess.run(
        ["ps", "-axww", "-o", "pid=,args="], capture_output=True, check=True, text=True
    )
    for line in listed.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield Process(int(pid), tuple(command.split()))
