"""One subscription's or queue's waiting deliveries and the limits they leave by."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class TokenBucket:
    """A rate limit: `per_second` on average, at most `burst` concurrently."""

    per_second: float
    burst: int
    _tokens: float = field(init=False)
    _filled_at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._tokens = float(self.burst)

    def seconds_to_token(self, now: float) -> float:
        """0 when a token is there."""
        self._fill(now)
        # The tolerance keeps a rounding error from asking for a wait of no length.
        return 0.0 if self._tokens >= 1 - 1e-9 else (1 - self._tokens) / self.per_second

    def take(self, now: float) -> None:
        self._fill(now)
        self._tokens -= 1

    def _fill(self, now: float) -> None:
        if self._filled_at is not None:
            grown = self._tokens + max(0.0, now - self._filled_at) * self.per_second
            self._tokens = min(float(self.burst), grown)
        self._filled_at = now


class Lane:
    """Work ordered by due time, at most `max_concurrent` of it running."""

    def __init__(self, *, max_concurrent: int, rate: TokenBucket | None) -> None:
        self.max_concurrent = max_concurrent
        self.rate = rate
        self.running = 0
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []

    def put(self, due: float, work: Callable[[], object]) -> None:
        heapq.heappush(self._waiting, (due, next(self._order), work))

    def clear(self) -> None:
        self._waiting.clear()

    def seconds_to_next(self, now: float) -> float | None:
        """0 when work may start now; None when that depends on the end of running work."""
        if not self._waiting or self.running >= self.max_concurrent:
            return None
        until_due = self._waiting[0][0] - now
        if until_due > 0:
            return until_due
        return self.rate.seconds_to_token(now) if self.rate else 0.0

    def take(self, now: float) -> Callable[[], object]:
        if self.rate:
            self.rate.take(now)
        self.running += 1
        return heapq.heappop(self._waiting)[2]
