"""The time that one attempt of a job has for all its calls."""

import time
from collections.abc import Callable


class Deadline:
    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """It runs from now. `clock`: seconds that only grow."""
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left_sec(self) -> float:
        """0 once it has passed."""
        return max(0.0, self._end - self._clock())
