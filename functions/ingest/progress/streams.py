"""Progress as server-sent events, so that a client need not poll.

A stream holds one of the function's threads while it is open. So there are only so
many per instance, each ends after a time, and between two polls none holds a connection
to the database: other requests always find room.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator

from functions.ingest.schemas.progress import ProgressResponse
from shared.errors import StreamsBusyError

LOOK_EVERY_SEC = 1.0
KEEP_ALIVE_SEC = 3.0
"""A line is sent at least that often: only by sending is a client that left found out."""
ENDED = ("completed", "failed")


class ProgressStreams:
    def __init__(
        self,
        *,
        most: int,
        longest_sec: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._room = threading.BoundedSemaphore(most) if most else None
        self._longest_sec = longest_sec
        self._clock = clock
        self._sleep = sleep

    def open(self, look: Callable[[], ProgressResponse | None]) -> Iterator[str]:
        """Events for as long as the lecture is in progress and the stream may last.

        `look` gives the progress now, None once the lecture is gone. Raises
        StreamsBusyError if there is no room; what is returned must be closed.
        """
        if self._room is None or not self._room.acquire(blocking=False):
            raise StreamsBusyError()
        return _Stream(self._events(look), self._room.release)

    def _events(self, look: Callable[[], ProgressResponse | None]) -> Iterator[str]:
        until = self._clock() + self._longest_sec
        told: bytes | None = None
        spoken_at = self._clock()
        yield "retry: 2000\n\n"
        while True:
            progress = look()
            if progress is None:
                yield _event("gone", "{}")
                return
            # The estimate counts down continuously: that alone is no change.
            news = progress.model_copy(update={"estimated_seconds_left": None}).to_json()
            if news != told:
                told, spoken_at = news, self._clock()
                yield _event("progress", progress.to_json().decode())
            elif self._clock() - spoken_at >= KEEP_ALIVE_SEC:
                spoken_at = self._clock()
                yield ": still here\n\n"
            if progress.overall_status in ENDED:
                yield _event("end", json.dumps({"overallStatus": progress.overall_status}))
                return
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


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
