"""How many requests one instance handles at a time.

An instance accepts many more requests than it handles: most of the others wait for bytes
of a slow client. A request holds a slot while it computes or asks the database, and none
while its body arrives, its answer is sent or its stream sleeps.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from shared.errors import TransientError

WAIT_SEC = 20.0
"""Longest wait for a slot. An instance that is that far behind refuses the request."""
SLOT = "pegasus.slot"
"""Key of the request's slot in its WSGI environment."""


class Slots:
    def __init__(self, most: int, *, wait_sec: float = WAIT_SEC) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._wait_sec = wait_sec

    def take(self) -> None:
        """Raises TransientError if none becomes free in time."""
        if not self._free.acquire(timeout=self._wait_sec):
            raise TransientError("all slots of this instance are in use")

    def give_back(self) -> None:
        self._free.release()


class Slot:
    """One request's claim to a slot; used by the request's own thread alone."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._held = False

    def acquire(self) -> None:
        """Raises TransientError. Acquiring a held slot changes nothing."""
        if not self._held:
            self._slots.take()
            self._held = True

    def release(self) -> None:
        if self._held:
            self._held = False
            self._slots.give_back()

    @contextmanager
    def held(self) -> Iterator[None]:
        """For a part of a stream that computes. Raises TransientError."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """While the block waits for the client; a held slot is taken again afterwards.

        Raises TransientError.
        """
        held = self._held
        self.release()
        yield
        if held:
            self.acquire()


def slot_held(environ: Mapping[str, Any]) -> AbstractContextManager[None]:
    """`Slot.held` of a request, by its WSGI environment."""
    slot = environ.get(SLOT)
    return slot.held() if isinstance(slot, Slot) else nullcontext()
