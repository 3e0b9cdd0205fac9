"""A worker's heartbeat: renews its lease while long work runs."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from shared.errors import LeaseLostError
from shared.log import log


class Heartbeat:
    """Renews every `interval_sec` on a thread of its own until the block is left.

    `renew` returns False once another worker holds the lease. A renewal that
    raises (the database is unavailable) is retried at the next beat: if the lease runs
    out meanwhile, fencing keeps this worker's results out.
    """

    def __init__(self, renew: Callable[[], bool], *, interval_sec: float) -> None:
        self._renew = renew
        self._interval_sec = interval_sec
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LeaseLostError once the lease is known to be lost; long work asks now and then."""
        if self._lost.is_set():
            raise LeaseLostError()

    def _beat(self) -> None:
        while not self._stop.wait(self._interval_sec):
            try:
                if not self._renew():
                    self._lost.set()
                    return
            except Exception as error:
                log.warning("lease.renewal_failed", reason=type(error).__name__)
