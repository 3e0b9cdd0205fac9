"""The instances of one function: they start when they are needed, serve, idle, and end.

What Cloud Run does with a request: an instance with room takes it; if none has, and there may
be another, one is started and the request waits for it; if there may not, the request is held
for some seconds and then refused with 429.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from scripts.simulation.processors import Processors


class Answer(Enum):
    DONE = "done"
    FAILED = "failed"
    """The function said: send it again."""
    REFUSED = "refused"
    """No instance had room."""
    KILLED = "killed"
    """The instance died in the middle; the holder of the lease no longer renews it."""


class KilledError(Exception):
    pass


class TransientError(Exception):
    pass


@dataclass(eq=False)
class Instance:
    busy: int
    since: float
    """When it last became idle."""


@dataclass(frozen=True)
class Limits:
    """Seconds, and how many."""

    most: int
    concurrency: int
    start_sec: float
    idle_sec: float
    pending_sec: float
    kills_per_hour: float = 0.0


@dataclass
class Books:
    """What is known of a function's instances when all is over."""

    requests: int = 0
    refused: int = 0
    killed: int = 0
    starts: int = 0
    most: int = 0
    """The most instances that run concurrently."""
    busy_sec: float = 0.0
    """Of requests, their share of a cold start included."""
    first_full: float | None = None
    """When for the first time all were busy, and no more could be started."""
    full_sec: float = 0.0


Work = Callable[["Worker"], ProcessGenerator]


class Worker:
    """What a request runs on. It may die while it works: raises KilledError."""

    def __init__(self, env: Environment, life_sec: float, processors: Processors | None) -> None:
        self._env = env
        self._life_sec = life_sec
        self._processors = processors

    def work(self, seconds: float) -> ProcessGenerator:
        if seconds >= self._life_sec:
            yield self._env.timeout(self._life_sec)
            raise KilledError
        self._life_sec -= seconds
        if self._processors is None:
            yield self._env.timeout(seconds)
        else:
            yield from self._processors.work(seconds)


class Instances:
    def __init__(
        self,
        env: Environment,
        limits: Limits,
        rng: random.Random,
        processors: Processors | None = None,
    ) -> None:
        self.books = Books()
        self.limits = limits
        self._env = env
        self._rng = rng
        self._processors = processors
        self._all: list[Instance] = []
        self._busy = 0
        self._waiting: deque[Event] = deque()
        self._full_since: float | None = None

    @property
    def workers(self) -> int:
        """Requests that can be served at the same time."""
        return self.limits.most * self.limits.concurrency

    @property
    def busy(self) -> int:
        """Requests that are being served."""
        return self._busy

    def request(self, work: Work) -> ProcessGenerator:
        """Do `work` on an instance; returns the Answer."""
        self.books.requests += 1
        arrived = self._env.now
        instance = self._with_room()
        if instance is None and len(self._all) < self.limits.most:
            instance = Instance(busy=0, since=arrived)
            self._all.append(instance)
            self._take(instance, 1)
            self.books.starts += 1
            yield self._env.timeout(self.limits.start_sec)
            self.books.busy_sec += self.limits.start_sec
        elif instance is None:
            instance = yield from self._room()
        if instance is None:
            self.books.refused += 1
            return Answer.REFUSED
        return (yield from self._serve(instance, work))

    def _serve(self, instance: Instance, work: Work) -> ProcessGenerator:
        began = self._env.now
        kills = self.limits.kills_per_hour
        life = self._rng.expovariate(kills / 3600) if kills else float("inf")
        answer = Answer.DONE
        try:
            yield from work(Worker(self._env, life, self._processors))
        except TransientError:
            answer = Answer.FAILED
        except KilledError:
            answer = Answer.KILLED
            self.books.killed += 1
        finally:
            self.books.busy_sec += self._env.now - began
            self._leave(instance, gone=answer is Answer.KILLED)
        return answer

    def _with_room(self) -> Instance | None:
        now = self._env.now
        self._all = [
            each for each in self._all if each.busy or now - each.since < self.limits.idle_sec
        ]
        free = [each for each in self._all if each.busy < self.limits.concurrency]
        if not free:
            return None
        # The one that was busy last, so that the others may end.
        instance = max(free, key=lambda each: (each.busy, each.since))
        self._take(instance, 1)
        return instance

    def _room(self) -> ProcessGenerator:
        """An instance that is freed within `pending_sec`, or None."""
        given = self._env.event()
        self._waiting.append(given)
        yield given | self._env.timeout(self.limits.pending_sec)
        if given.triggered:
            return given.value
        self._waiting.remove(given)
        return None

    def _leave(self, instance: Instance, *, gone: bool) -> None:
        if gone and instance in self._all:
            self._all.remove(instance)
        if self._waiting and not gone:
            self._waiting.popleft().succeed(instance)
            return
        self._take(instance, -1)
        instance.since = self._env.now

    def _take(self, instance: Instance, requests: int) -> None:
        instance.busy += requests
        self._busy += requests
        self.books.most = max(self.books.most, len(self._all))
        full = self._busy >= self.workers
        if full and self._full_since is None:
            self._full_since = self._env.now
            if self.books.first_full is None:
                self.books.first_full = self._env.now
        elif not full and self._full_since is not None:
            self.books.full_sec += self._env.now - self._full_since
            self._full_since = None
