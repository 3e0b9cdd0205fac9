"""Server-sent events, so that a client need not poll.

A stream holds one of the function's threads while it is open. So there are only so
many per instance, each ends after a time, and between two polls none holds a connection
to the database: other requests always find room.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from shared.errors import StreamsBusyError

LOOK_EVERY_SEC = 1.0
KEEP_ALIVE_SEC = 3.0
"""A line is sent at least that often: only by sending is a client that left found out."""
OWN_STREAMS = 4
"""Streams of one owner's lectures that an instance holds for the owner: one for each device or
page of the app that is open, and not all of the instance's."""


@dataclass(frozen=True)
class Event:
    name: str
    data: str
    """JSON in one line."""
    id: str | None = None
    """From where a stream that resumes after this event has to continue."""
    last: bool = False
    """Whether the stream ends with it."""


class Source(Protocol):
    """What a stream reports. One source serves one stream."""

    @property
    def position(self) -> str | None:
        """The id behind all that was reported so far; None if such streams do not resume."""

    def look(self) -> Iterator[Event]:
        """What is new since the last look. Holds no connection while an event is being sent."""


class EventStreams:
    """The streams of one instance, of all kinds together."""

    def __init__(
        self,
        *,
        most: int,
        longest_sec: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._room = threading.BoundedSemaphore(most) if most else None
        self._of_owners: Counter[str] = Counter()
        # Reentrant: the garbage collector may close a stream while another one is counted.
        self._counting = threading.RLock()
        self._longest_sec = longest_sec
        self._clock = clock
        self._sleep = sleep

    def open(self, source: Source, *, owner: str | None = None) -> Iterator[str]:
        """The source's events until its last one, for as long as the stream may last.

        Raises StreamsBusyError if there is no room, or if an `owner` is named who has
        `OWN_STREAMS` open already; what is returned must be closed.
        """
        if self._room is None or not self._room.acquire(blocking=False):
            raise StreamsBusyError()
        if owner is not None and not self._count(owner):
            self._room.release()
            raise StreamsBusyError()
        return _Stream(self._events(source), partial(self._release, self._room, owner))

    def _count(self, owner: str) -> bool:
        with self._counting:
            counted = self._of_owners[owner] < OWN_STREAMS
            self._of_owners[owner] += counted
        return counted

    def _release(self, room: threading.BoundedSemaphore, owner: str | None) -> None:
        if owner is not None:
            with self._counting:
                self._of_owners -= Counter((owner,))
        room.release()

    def _events(self, source: Source) -> Iterator[str]:
        until = self._clock() + self._longest_sec
        spoken_at = self._clock()
        yield "retry: 2000\n\n"
        while True:
            for event in source.look():
                spoken_at = self._clock()
                yield f"event: {event.name}\ndata: {event.data}\n{_id_line(event.id)}\n"
                if event.last:
                    return
            if self._clock() - spoken_at >= KEEP_ALIVE_SEC:
                spoken_at = self._clock()
                # An id without data changes only from where the client resumes.
                yield f": still here\n{_id_line(source.position)}\n"
            if self._clock() + LOOK_EVERY_SEC >= until:
                return
            self._sleep(LOOK_EVERY_SEC)


class _Stream(Iterator[str]):
    """Gives its room back once, also if it was never read from."""

    def __init__(self, events: Iterator[str], release: Callable[[], None]) -> None:
        self._events = events
        self._release: Callable[[], None] | None = release

    def __next__(self) -> str:
        try:
            return next(self._events)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()

    def __del__(self) -> None:
        self.close()


def _id_line(id: str | None) -> str:
    return "" if id is None else f"id: {id}\n"
