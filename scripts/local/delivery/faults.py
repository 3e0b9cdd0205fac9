"""Faults between a broker and a function, injected by tests.

A policy is called before each delivery and decides what happens to it:

    PubSubServer(..., faults=Always(Duplicate()))
    PubSubServer(..., faults=When(lambda delivery: delivery.attempt == 1, DropResponse()))
    TasksServer(..., faults=ReverseOrder(batch=3))
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from scripts.local.delivery.push import PushRequest


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand over one message or task."""

    channel: str
    """Short name of the subscription or queue."""
    id: str
    """Message id, or short name of the task."""
    attempt: int
    """1 for the first."""
    data: bytes
    """What was published, or the task's body."""
    attributes: Mapping[str, str]
    """The message's attributes, or the task's own headers."""
    request: PushRequest


@dataclass(frozen=True)
class Deliver:
    """As if nothing were wrong."""


@dataclass(frozen=True)
class Duplicate:
    """Send a copy as well, at the same time or later. The copy's answer is ignored."""

    after_seconds: float = 0.0


@dataclass(frozen=True)
class Delay:
    seconds: float


@dataclass(frozen=True)
class Hold:
    """Keep it back until another delivery of the channel is over; the last held goes first."""

    at_most_seconds: float = 5.0


@dataclass(frozen=True)
class DropResponse:
    """The function does its work, and its answer is lost on the way back."""


@dataclass(frozen=True)
class Lose:
    """Taken for delivered, and never seen by the function."""


Action = Deliver | Duplicate | Delay | Hold | DropResponse | Lose


class DeliveryFaults(Protocol):
    def before(self, delivery: Delivery) -> Action:
        """Called from several threads. Not asked again about what it delayed or held."""


@dataclass(frozen=True)
class Always:
    action: Action

    def before(self, _delivery: Delivery) -> Action:
        return self.action


@dataclass(frozen=True)
class When:
    """The action for the deliveries that match, none for the others."""

    matches: Callable[[Delivery], bool]
    action: Action

    def before(self, delivery: Delivery) -> Action:
        return self.action if self.matches(delivery) else Deliver()


class ReverseOrder:
    """Each channel's first deliveries arrive in reverse, `batch` at a time.

    A batch that stays incomplete is let go after `at_most_seconds`.
    """

    def __init__(self, batch: int, *, at_most_seconds: float = 5.0) -> None:
        self._batch = batch
        self._hold = Hold(at_most_seconds)
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def seen(self) -> int:
        """First deliveries so far, of all channels."""
        with self._lock:
            return self._seen.total()

    def before(self, delivery: Delivery) -> Action:
        if delivery.attempt > 1:
            return Deliver()
        with self._lock:
            self._seen[delivery.channel] += 1
            completes = self._seen[delivery.channel] % self._batch == 0
        return Deliver() if completes else self._hold
