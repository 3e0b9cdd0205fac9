"""Takes deliveries to their functions when they are due, through the injected faults."""

import threading
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from scripts.local.delivery.dispatcher import Dispatcher
from scripts.local.delivery.faults import (
    Always,
    Delay,
    Deliver,
    Delivery,
    DeliveryFaults,
    DropResponse,
    Duplicate,
    Hold,
    Lose,
)
from scripts.local.delivery.lane import TokenBucket
from scripts.local.delivery.push import HttpPusher, Outcome

Load = Callable[[], Delivery | None]
"""Reads the delivery as it stands now; None when it is no longer wanted."""
Settle = Callable[[Outcome], None]
"""Records the outcome. Not called for a delivery that a stop cut off: it is still due."""

_MAX_THREADS = 64
_DROPPED = Outcome(None, "response dropped")
_LOST = Outcome(200, "lost")


class Courier:
    def __init__(
        self, name: str, *, faults: DeliveryFaults | None, clock: Callable[[], float]
    ) -> None:
        self._faults = faults or Always(Deliver())
        self._clock = clock
        self._pusher = HttpPusher()
        self._dispatcher = Dispatcher(name, max_threads=_MAX_THREADS, clock=clock)
        self._stopping = False
        self._lock = threading.Lock()
        self._held: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def open_channel(
        self, channel: str, *, max_concurrent: int, rate: TokenBucket | None = None
    ) -> None:
        """Open a channel, or give an open one new limits."""
        self._dispatcher.open_lane(channel, max_concurrent=max_concurrent, rate=rate)

    def close_channel(self, channel: str) -> None:
        self._dispatcher.close_lane(channel)

    def clear_channel(self, channel: str) -> None:
        """Drop what waits; deliveries in progress continue."""
        self._dispatcher.clear_lane(channel)

    def submit(self, channel: str, due: float, load: Load, settle: Settle) -> None:
        """Deliver once at `due` (seconds since the epoch)."""
        self._dispatcher.schedule(channel, due, partial(self._attempt, channel, load, settle))

    def start(self) -> None:
        self._dispatcher.start()

    def stop(self) -> None:
        """Abort deliveries in progress; returns when none runs any more."""
        self._stopping = True
        self._dispatcher.halt()
        self._pusher.cut()
        self._dispatcher.join()

    def _attempt(self, channel: str, load: Load, settle: Settle) -> None:
        delivery = load()
        if delivery is None:
            return
        # What is put off reads the delivery again: it may be purged or changed by then.
        later = partial(self._deliver_anew, channel, load, settle)
        match self._faults.before(delivery):
            case Deliver():
                self._deliver(channel, delivery, settle)
            case Duplicate(after_seconds):
                copy = partial(self._pusher.send, delivery.request)
                self._dispatcher.schedule(channel, self._clock() + after_seconds, copy)
                self._deliver(channel, delivery, settle)
            case Delay(seconds):
                self._dispatcher.schedule(channel, self._clock() + seconds, later)
            case Hold(at_most_seconds):
                self._hold(channel, at_most_seconds, later)
            case DropResponse():
                self._deliver(channel, delivery, lambda _: settle(_DROPPED))
            case Lose():
                settle(_LOST)
                self._release_last_held(channel)

    def _deliver_anew(self, channel: str, load: Load, settle: Settle) -> None:
        delivery = load()
        if delivery is not None:
            self._deliver(channel, delivery, settle)

    def _deliver(self, channel: str, delivery: Delivery, settle: Settle) -> None:
        outcome = self._pusher.send(delivery.request)
        if outcome.status is None and self._stopping:
            return
        settle(outcome)
        self._release_last_held(channel)

    def _hold(self, channel: str, at_most_seconds: float, send: Callable[[], None]) -> None:
        with self._lock:
            self._held[channel].append(send)

        def let_go() -> None:
            with self._lock:
                if send not in self._held[channel]:
                    return
                self._held[channel].remove(send)
            send()

        self._dispatcher.schedule(channel, self._clock() + at_most_seconds, let_go)

    def _release_last_held(self, channel: str) -> None:
        with self._lock:
            send = self._held[channel].pop() if self._held[channel] else None
        if send is not None:
            self._dispatcher.schedule(channel, self._clock(), send)
