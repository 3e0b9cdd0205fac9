"""How long a failed delivery waits, as Google documents it for each service."""

from dataclasses import dataclass

# Doubling further than this passes every maximum, and floats overflow far later.
_MOST_DOUBLINGS = 64


@dataclass(frozen=True)
class PubSubBackoff:
    """Exponential between the two bounds (`google.pubsub.v1.RetryPolicy`); seconds."""

    minimum: float
    maximum: float

    def delay(self, failures: int) -> float:
        """Seconds to wait after this many failed deliveries (1 or more)."""
        return min(self.maximum, self.minimum * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))


@dataclass(frozen=True)
class CloudTasksBackoff:
    """Doubles `max_doublings` times, then grows by a constant step up to the maximum.

    `google.cloud.tasks.v2.RetryConfig.max_doublings`: 10 s, 300 s and 3 doublings give
    10, 20, 40, 80, 160, 240, 300, 300, … seconds.
    """

    minimum: float
    maximum: float
    max_doublings: int

    def delay(self, failures: int) -> float:
        """Seconds to wait after this many failed attempts (1 or more)."""
        doublings = min(failures - 1, self.max_doublings, _MOST_DOUBLINGS)
        steps = failures - doublings
        return min(self.maximum, self.minimum * 2.0**doublings * steps)
