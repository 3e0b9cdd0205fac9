"""A language model's endpoint with a quota of tokens per minute; calls above it get a 429."""

from dataclasses import dataclass

from simpy import Environment
from simpy.events import ProcessGenerator

from scripts.simulation.instances import TransientError, Worker


@dataclass
class Endpoint:
    """Its quota refills steadily, and holds a minute's at most."""

    env: Environment
    tokens_per_minute: float
    patience_sec: float
    """How long the client retries (functions/generate/providers/chat/retrying.py)."""
    refused: int = 0

    def __post_init__(self) -> None:
        self._left = self.tokens_per_minute
        self._at = self.env.now

    def ask(self, worker: Worker, tokens: float) -> ProcessGenerator:
        """Wait until the quota has room. Raises TransientError if it has none for too long."""
        self._refill()
        missing = max(0.0, tokens - self._left)
        wait = missing / self.tokens_per_minute * 60
        if wait > self.patience_sec:
            self.refused += 1
            yield from worker.work(self.patience_sec)
            raise TransientError
        self._left -= tokens
        if wait:
            yield from worker.work(wait)

    def _refill(self) -> None:
        passed = self.env.now - self._at
        self._at = self.env.now
        self._left = min(self.tokens_per_minute, self._left + passed * self.tokens_per_minute / 60)
