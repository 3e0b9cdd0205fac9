"""Doing the same thing many times at the same moment."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")

PATIENCE_SEC = 60
"""Only a deadlock takes as long."""


def at_once(action: Callable[[A], R], arguments: Iterable[A]) -> list[R]:
    """Call `action` once per argument, each on a thread of its own, all let go together.

    Results in the order of the arguments; the first exception is raised.
    """
    given = list(arguments)
    start = threading.Barrier(len(given))

    def run(argument: A) -> R:
        start.wait(PATIENCE_SEC)
        return action(argument)

    with ThreadPoolExecutor(len(given)) as pool:
        futures = [pool.submit(run, argument) for argument in given]
        return [future.result(PATIENCE_SEC) for future in futures]
