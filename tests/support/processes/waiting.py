"""Waiting for a condition, never for a time."""

import multiprocessing
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T | None], *, timeout_sec: float, what: str, every_sec: float = 0.02
) -> T:
    """The condition's first true value. Raises AssertionError naming what never came."""
    deadline = time.monotonic() + timeout_sec
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"after {timeout_sec} s still waiting for {what}"
        time.sleep(every_sec)


def wait_for_parents_end() -> None:
    """In a process of `multiprocessing`: returns when its parent has ended, however."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
