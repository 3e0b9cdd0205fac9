"""Runs a function for many objects concurrently, within a time limit.

One object is a round trip to the bucket, and a run has thousands of them.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")

THREADS = 8
"""The storage client keeps ten connections."""
GRACE_SEC = 60.0
"""How long a page that was begun in time may continue; an object begun by then is one call."""


class OutOfTimeError(Exception):
    """The time was up in the middle of a page."""


class TimedPool:
    def __init__(self, pool: ThreadPoolExecutor, budget_sec: float) -> None:
        self._pool = pool
        self._until = time.monotonic() + budget_sec

    @property
    def over(self) -> bool:
        """Whether the time is up, so that no other page is begun."""
        return time.monotonic() >= self._until

    def begun(self, action: Callable[[A], R], arguments: Iterable[A]) -> list[R | None]:
        """Results in the order of the arguments; None for what there was no time to begin."""

        def run(argument: A) -> R | None:
            late = time.monotonic() >= self._until + GRACE_SEC
            return None if late else action(argument)

        return list(self._pool.map(run, arguments))

    def all(self, action: Callable[[A], R], arguments: Iterable[A]) -> list[R]:
        """The same for what is of no use in part. Raises OutOfTimeError."""
        results = []
        for result in self.begun(action, arguments):
            if result is None:
                raise OutOfTimeError
            results.append(result)
        return results


@contextmanager
def timed_pool(budget_sec: float) -> Iterator[TimedPool]:
    with ThreadPoolExecutor(THREADS) as pool:
        yield TimedPool(pool, budget_sec)
