"""The time that one attempt of a job has for all its calls."""

import math
import time
from collections.abc import Callable


class Deadline:
    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """It runs from now. `clock`: seconds that only grow."""
        self._clock = clock
        self._seconds = seconds
        self._end = clock() + seconds

    @property
    def left_sec(self) -> float:
        """0 once it has passed."""
        return max(0.0, self._end - self._clock())

    @property
    def left_share(self) -> float:
        """1 at its begin, 0 once it has passed; 1 of one without an end."""
        return self.left_sec / self._seconds if math.isfinite(self._seconds) else 1.0
