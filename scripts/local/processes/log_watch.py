"""Prints failures of functions as they happen."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.local.processes.function_logs import FunctionLogs

LOOK_SEC = 0.25


class LogWatch:
    """From entry to exit, a thread reads what is written into `folder`."""

    def __init__(
        self, folder: Path, tell: Callable[[str], object] = lambda text: print(text, flush=True)
    ) -> None:
        self._logs = FunctionLogs(folder)
        self._tell = tell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._poll()

    def _run(self) -> None:
        while not self._over.wait(LOOK_SEC):
            self._poll()

    def _poll(self) -> None:
        for entry in self._logs.poll():
            self._tell(str(entry))
