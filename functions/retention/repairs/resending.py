"""Decides whether queued work has lost its message, or only waits for a free worker.

A message that is gone and one that waits behind others look the same in the database. Where
workers are free and what waits would fit on them, nothing has to wait: whatever has waited for
PLC_RESEND_AFTER_SEC is sent again, and once more after twice as long each time. Each attempt that
ended counts like one of those times: its message is not lost but comes again with a backoff of
its own, which the sweep must not shorten.

Otherwise there is a backlog, and sending again would only lengthen it: then just the rows that
have waited longest are sent again, as many in a run as there are workers, and none more often
than every PLC_FANOUT_LEASE_SEC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from functions.retention.repairs import BATCH
from shared.config import Settings
from shared.models import Job, Segment

BUSY = 0.8
"""Share of the workers from which on all count as busy: between two pieces of work, or while it
starts, a worker holds nothing."""

MAX_RESENT = 20
"""As often as a subscription or a queue delivers (topology.json): what was sent again so often
while workers were free cannot be delivered."""


@dataclass(frozen=True)
class Resending:
    """How one kind of queued work is sent again in this run of the sweep."""

    settings: Settings
    now: datetime
    running: int
    """How many of the kind are being worked on."""
    waiting: int
    """How many of the kind are queued."""
    workers: int
    """How many can be at the same time."""

    @property
    def busy(self) -> bool:
        return is_busy(running=self.running, waiting=self.waiting, workers=self.workers)

    @property
    def limit(self) -> int:
        return min(BATCH, self.workers)

    def due(self, row: type[Job] | type[Segment]) -> ColumnElement[bool]:
        """The condition that queued rows to be sent again meet."""
        if self.busy:
            return row.updated_at <= self.now - self.settings.fanout_lease
        return or_(
            *(
                and_(row.attempt + row.resent == times, row.updated_at <= self.now - wait)
                for times, wait in enumerate(self._waits)
            ),
            row.updated_at <= self.now - self.settings.fanout_lease,
        )

    @property
    def _waits(self) -> list[timedelta]:
        first = timedelta(seconds=self.settings.plc_resend_after_sec)
        return waits(first, self.settings.fanout_lease)

    def exhausted(self, row: Job | Segment) -> bool:
        return not self.busy and row.resent >= MAX_RESENT

    def count(self, row: Job | Segment) -> None:
        """The row is being sent again. In a backlog that says nothing about it."""
        row.updated_at = self.now
        if not self.busy:
            row.resent += 1


def is_busy(*, running: int, waiting: int, workers: int) -> bool:
    """Whether what waits may wait for a worker.

    A backlog keeps some workers free now and then: messages that were refused while all of them
    were busy are delivered again minutes later.
    """
    return running >= BUSY * workers or (running > 0 and running + waiting > workers)


def waits(first: timedelta, longest: timedelta) -> list[timedelta]:
    """Before the first, the second, … time; from then on it is the longest."""
    made: list[timedelta] = []
    wait = first
    while wait < longest:
        made.append(wait)
        wait *= 2
    return made
