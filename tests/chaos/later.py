"""Days pass for the functions of retention, so that all that a deletion orders is carried out.

A purge that something refused is tried again after minutes, and has three passes in eight days;
what no row refers to any more goes a day after its work. Only the clocks of these functions are
set forward (fault_points.py), and only once nothing is in progress: to others leases would have
run out.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests

from tests.chaos.faults.fault_points import FaultPointServer
from tests.chaos.stored import Stored

SWEEP, RETENTION = "retention-on-sweep", "retention"
HOURS_SEC = 2 * 3600.0
"""After this a refused purge has been tried again, also one that was passed over for an hour."""
DAYS_SEC = 9 * 86_400.0
"""After this the last pass of a purge is due; transcripts and recordings are kept for longer."""
AS_SCHEDULER = {
    "X-CloudScheduler": "true",
    "X-CloudScheduler-JobName": "retention",
    "X-CloudScheduler-ScheduleTime": "2026-01-01T03:17:00Z",
}
PATIENCE_SEC = 60.0
RUN_SEC = 1800.0
POLL_SEC = 0.2

_FIRST_PASS = "SELECT 1 FROM purges WHERE runs = 0"
_ANY_PASS = "SELECT 1 FROM purges"
_UNFINISHED_RUN = "SELECT 1 FROM retention_runs WHERE signed_off_at IS NULL"


class Later:
    def __init__(self, stored: Stored, line: FaultPointServer, retention_url: str) -> None:
        self._stored = stored
        self._line = line
        self._retention_url = retention_url

    def carry_out_deletions(self) -> list[str]:
        """The first pass of each purge; what is wrong, as the checker says it."""
        with self._ahead(HOURS_SEC):
            return self._wait(_FIRST_PASS, "a deleted lecture's objects are still to be purged")

    def pass_days(self) -> list[str]:
        """All passes, and a run of retention."""
        with self._ahead(DAYS_SEC):
            stuck = self._wait(_ANY_PASS, "a purge has passes left")
            run = requests.post(self._retention_url, headers=AS_SCHEDULER, timeout=RUN_SEC)
            run.raise_for_status()
            return stuck + self._wait(_UNFINISHED_RUN, "a run of retention has not ended")

    def _wait(self, rows: str, what: str) -> list[str]:
        if _comes_true(lambda: not self._stored.rows(rows)):
            return []
        return [f"stuck: {what}"]

    @contextmanager
    def _ahead(self, seconds: float) -> Iterator[None]:
        self._line.clocks.update({SWEEP: seconds, RETENTION: seconds})
        try:
            yield
        finally:
            self._line.clocks.clear()


def _comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SEC
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(POLL_SEC)
    return true
