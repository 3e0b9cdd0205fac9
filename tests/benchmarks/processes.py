"""What processes cost, as Linux counts it."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from scripts.local.stack import Stack
from tests.support.processes.waiting import wait_for_parents_end

_TICKS = os.sysconf("SC_CLK_TCK")


def group(leader: int) -> list[int]:
    """Every process of a process group."""
    return [pid for pid, fields in _stats() if int(fields[2]) == leader]


def peak_mib(pid: int) -> float:
    """The most memory it had at once; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def cpu_sec(leaders: Iterable[int]) -> float:
    """Processor time of whole process groups and of the children they have waited for."""
    wanted = set(leaders)
    return sum(
        sum(int(ticks) for ticks in fields[11:15]) / _TICKS
        for _, fields in _stats()
        if int(fields[2]) in wanted
    )


def functions_of(stack: Stack) -> dict[str, int]:
    """The process group of each running function."""
    return {name: each.pid for name, each in stack.functions.items() if each.pid is not None}


def end_with_parent() -> None:
    """For a pool's process: it would wait for work for ever if its parent were killed."""

    def watch() -> None:
        wait_for_parents_end()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class PeakMemory(threading.Thread):
    """Watches named process groups; a peak outlives the process that had it."""

    def __init__(self, leaders: Callable[[], Mapping[str, int]]) -> None:
        super().__init__(daemon=True)
        self._leaders = leaders
        self._done = threading.Event()
        self.mib: dict[str, float] = {}
        """The largest process of each group."""

    def run(self) -> None:
        while not self._done.wait(0.2):
            for name, leader in self._leaders().items():
                for pid in group(leader):
                    self.mib[name] = max(self.mib.get(name, 0.0), peak_mib(pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _stats() -> list[tuple[int, list[str]]]:
    """Each process with the fields of its `stat` from the state on (proc_pid_stat(5), field 3)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.append((int(status.parent.name), fields))
    return found
