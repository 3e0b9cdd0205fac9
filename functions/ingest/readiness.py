"""Whether an instance can work: its database and schema, its bucket, its queue.

Anyone may ask, so the answer is kept for a while: requests without a token must not become as many
questions to the database, to Cloud Storage and to Pub/Sub.
"""

import time
from collections.abc import Callable, Mapping
from threading import Lock

from shared.database.migrate import schema_problem
from shared.log import log
from shared.runtime import Runtime

READY_KEPT_SEC = 5.0
NOT_READY_KEPT_SEC = 1.0
"""Shorter, as a deployment and the local stack wait for the first answer that is ready."""


class Readiness:
    def __init__(self, rt: Runtime, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._checks: Mapping[str, Callable[[], object]] = {
            "database": lambda: schema_problem(rt.database),
            "storage": rt.store.check,
            "queue": rt.messages.check,
        }
        self._clock = clock
        self._checking = Lock()
        self._kept_until: float | None = None
        self._failing: dict[str, str] = {}

    def failing(self) -> dict[str, str]:
        """Which checks fail, and why. One request checks; those that come meanwhile get the
        answer before, or wait for the first."""
        if not self._checking.acquire(blocking=self._kept_until is None):
            return self._failing
        try:
            if self._kept_until is None or self._clock() >= self._kept_until:
                self._failing = self._check()
                kept_sec = NOT_READY_KEPT_SEC if self._failing else READY_KEPT_SEC
                self._kept_until = self._clock() + kept_sec
            return self._failing
        finally:
            self._checking.release()

    def _check(self) -> dict[str, str]:
        return {
            name: str(reason)
            for name, check in self._checks.items()
            if (reason := _run(name, check))
        }


def _run(name: str, check: Callable[[], object]) -> object:
    """What is wrong, or None."""
    try:
        return check()
    except Exception as error:
        log.warning("health.not_ready", check=name, reason=type(error).__name__)
        return f"{type(error).__name__}"
