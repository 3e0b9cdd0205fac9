"""Deadlines on blocking reads and writes of a socket.

The server hands requests to threads that read and write blocking sockets without a time
limit of their own. One thread per process watches them and shuts a socket down when its
operation is overdue: the blocked call then returns. A socket's own timeout would not do:
it bounds one `recv`, and a client that sends a byte now and then never reaches it.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

LOOK_EVERY_SEC = 0.25


@dataclass(eq=False)
class Limit:
    """One operation in progress. `expired` is final once its block has been left."""

    sock: socket.socket
    due: float
    how: int
    expired: bool = False


class Deadlines:
    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: set[Limit] = set()
        self._watcher: threading.Thread | None = None

    @contextmanager
    def limit(self, sock: socket.socket | None, seconds: float, how: int) -> Iterator[Limit | None]:
        """Bound what the block does with `sock`; None, the socket of a test client, is unbounded.

        `how` is what is shut down: `socket.SHUT_RD` where an answer is still to be sent.
        """
        if sock is None:
            yield None
            return
        limit = Limit(sock, self._clock() + seconds, how)
        with self._lock:
            self._open.add(limit)
            if self._watcher is None:
                # Not earlier: threads do not survive the fork that makes a worker.
                self._watcher = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._watcher.start()
        try:
            yield limit
        finally:
            with self._lock:
                self._open.discard(limit)

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_EVERY_SEC):
            self.enforce()

    def enforce(self) -> None:
        """Shut down what is overdue."""
        now = self._clock()
        # Under the lock: a socket whose block has been left is another request's already.
        with self._lock:
            for limit in [each for each in self._open if each.due <= now]:
                limit.expired = True
                self._open.discard(limit)
                with suppress(OSError):
                    limit.sock.shutdown(limit.how)
