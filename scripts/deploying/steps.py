"""Runs steps in order and times them; the first failure ends the run, with instructions."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scripts.programs import ProgramError

DECLINED, NO_RELEASE, NOT_TRIED = 1, 4, 5
PACKAGE, INIT, PLAN, KEEP, MIGRATE, APPLY, SMOKE, OPEN, CALLERS, WEIGHTS = range(10, 20)
"""Exit codes."""


class StoppedError(Exception):
    """The deployment is over."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Steps:
    taken: list[tuple[str, float]] = field(default_factory=list)
    """Name and seconds of each that ended well."""

    @contextmanager
    def step(self, name: str, code: int, then: str) -> Iterator[None]:
        """Raises StoppedError with the code, and with what to do then, if a program fails."""
        print(f"\n── {name}", flush=True)
        began = time.monotonic()
        try:
            yield
        except ProgramError as error:
            raise StoppedError(code, f"{name} failed: {error}\n{then}") from None
        self.taken.append((name, time.monotonic() - began))
