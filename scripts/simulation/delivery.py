"""Delivery by Pub/Sub and Cloud Tasks, with retries and backoff."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from scripts.simulation.instances import Answer
from shared.topology import Queue, Subscription

Request = Callable[[], ProcessGenerator]
"""Begins a request again; what it returns in the end is an Answer."""


@dataclass
class Depth:
    """How much waits, over time."""

    most: int = 0
    now: int = 0

    def add(self, change: int) -> None:
        self.now += change
        self.most = max(self.most, self.now)


class Push:
    """A push subscription. It begins with few messages at once, sends more with every success
    and half as many after a failure."""

    def __init__(
        self,
        env: Environment,
        declared: Subscription,
        *,
        window: float,
        window_most: float,
        hop_sec: float,
    ) -> None:
        self.depth = Depth()
        self.dead = 0
        self._env = env
        self._declared = declared
        self._least = self._window = window
        self._most = window_most
        self._hop_sec = hop_sec
        self._on_the_way = 0
        self._waiting: deque[Event] = deque()

    def deliver(self, request: Request) -> ProcessGenerator:
        """Deliver one message until it is taken. Returns DONE or KILLED, or REFUSED where it
        became a dead letter."""
        declared = self._declared
        yield self._env.timeout(self._hop_sec)
        tries = 0
        while True:
            yield from self._enter()
            answer: Answer = yield from request()
            self._exit(answer)
            if answer in (Answer.DONE, Answer.KILLED):
                return answer
            tries += 1
            if declared.max_delivery_attempts and tries >= declared.max_delivery_attempts:
                self.dead += 1
                return Answer.REFUSED
            self.depth.add(1)
            backoff = declared.min_backoff_seconds * 2 ** (tries - 1)
            yield self._env.timeout(min(declared.max_backoff_seconds, backoff))
            self.depth.add(-1)

    def _enter(self) -> ProcessGenerator:
        if self._on_the_way >= self._window:
            turn = self._env.event()
            self._waiting.append(turn)
            self.depth.add(1)
            yield turn
            self.depth.add(-1)
        else:
            self._on_the_way += 1

    def _exit(self, answer: Answer) -> None:
        self._on_the_way -= 1
        if answer is Answer.DONE:
            self._window = min(self._most, self._window + 1)
        else:
            self._window = max(self._least, self._window / 2)
        while self._waiting and self._on_the_way < self._window:
            self._on_the_way += 1
            self._waiting.popleft().succeed()


class Tasks:
    """A queue of Cloud Tasks: bounded rate, bounded concurrency, first come, first served."""

    def __init__(
        self, env: Environment, declared: Queue, *, concurrency: int, hop_sec: float
    ) -> None:
        self.depth = Depth()
        self.dead = 0
        self._env = env
        self._declared = declared
        self._concurrency = concurrency
        self._hop_sec = hop_sec
        self._on_the_way = 0
        self._next_at = 0.0
        self._waiting: deque[Event] = deque()

    def deliver(self, request: Request) -> ProcessGenerator:
        """Returns what Push.deliver returns."""
        declared = self._declared
        yield self._env.timeout(self._hop_sec)
        tries = 0
        while True:
            yield from self._enter()
            answer: Answer = yield from request()
            self._exit()
            if answer in (Answer.DONE, Answer.KILLED):
                return answer
            tries += 1
            if tries >= declared.max_attempts:
                self.dead += 1
                return Answer.REFUSED
            self.depth.add(1)
            doubled = declared.min_backoff_seconds * 2 ** min(tries - 1, declared.max_doublings)
            yield self._env.timeout(min(declared.max_backoff_seconds, doubled))
            self.depth.add(-1)

    def _enter(self) -> ProcessGenerator:
        if self._on_the_way >= self._concurrency:
            turn = self._env.event()
            self._waiting.append(turn)
            self.depth.add(1)
            yield turn
            self.depth.add(-1)
        else:
            self._on_the_way += 1
        # A second's dispatches are spread over it.
        at = max(self._env.now, self._next_at)
        self._next_at = at + 1 / self._declared.max_dispatches_per_second
        yield self._env.timeout(at - self._env.now)

    def _exit(self) -> None:
        if self._waiting:
            self._waiting.popleft().succeed()
        else:
            self._on_the_way -= 1
