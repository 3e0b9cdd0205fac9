"""Runs work when it is due: one thread that sleeps until then, and a bounded pool."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from scripts.local.delivery.lane import Lane, TokenBucket

_log = logging.getLogger(__name__)


class Dispatcher:
    """Lanes take turns, so that a full one does not keep another waiting.

    `clock` gives seconds since the epoch, because due times outlive the process.
    """

    def __init__(self, name: str, *, max_threads: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._max_threads = max_threads
        self._changed = threading.Condition()
        self._lanes: dict[str, Lane] = {}
        self._running = 0
        self._stopping = False
        self._pool = ThreadPoolExecutor(max_threads, thread_name_prefix=f"{name}-push")
        self._thread = threading.Thread(target=self._loop, name=f"{name}-due", daemon=True)

    def open_lane(self, name: str, *, max_concurrent: int, rate: TokenBucket | None = None) -> None:
        """Open a lane, or give an open one new limits."""
        with self._changed:
            lane = self._lanes.get(name)
            if lane is None:
                self._lanes[name] = Lane(max_concurrent=max_concurrent, rate=rate)
            else:
                lane.max_concurrent = max_concurrent
                lane.rate = rate
            self._changed.notify()

    def close_lane(self, name: str) -> None:
        with self._changed:
            self._lanes.pop(name, None)

    def clear_lane(self, name: str) -> None:
        with self._changed:
            self._lanes[name].clear()

    def schedule(self, name: str, due: float, work: Callable[[], object]) -> None:
        """Run `work` once `due` has come. Does nothing when the lane is closed."""
        with self._changed:
            if name in self._lanes:
                self._lanes[name].put(due, work)
                self._changed.notify()

    def start(self) -> None:
        self._thread.start()

    def halt(self) -> None:
        """Start no more work."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def join(self) -> None:
        """Wait for running work after `halt`."""
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _loop(self) -> None:
        with self._changed:
            while not self._stopping:
                now = self._clock()
                wait = self._start_one(now)
                if wait != 0:
                    self._changed.wait(wait)

    def _start_one(self, now: float) -> float | None:
        """Start what is due; returns 0, or seconds until something may be, or None."""
        if self._running >= self._max_threads:
            return None
        soonest: float | None = None
        for name, lane in self._lanes.items():
            wait = lane.seconds_to_next(now)
            if wait == 0:
                self._lanes[name] = self._lanes.pop(name)
                self._running += 1
                self._pool.submit(self._run, lane, lane.take(now))
                return 0
            if wait is not None and (soonest is None or wait < soonest):
                soonest = wait
        return soonest

    def _run(self, lane: Lane, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            _log.exception("delivery.broken")
        finally:
            with self._changed:
                lane.running -= 1
                self._running -= 1
                self._changed.notify()
