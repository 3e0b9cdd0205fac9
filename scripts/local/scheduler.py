"""A stand-in for Google Cloud Scheduler: calls URLs by the clock."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from scripts.local.cron import Cron
from scripts.local.delivery.courier import Courier
from scripts.local.delivery.faults import Delivery
from scripts.local.delivery.push import Outcome, PushRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScheduledJob:
    name: str
    url: str
    cron: str
    attempt_deadline_seconds: float
    time_zone: str = "Etc/UTC"
    every_seconds: float | None = None
    """Overrides `cron`, for who cannot wait a minute."""


class Scheduler:
    """Runs of one job never overlap; a time that passes during a run is left out, and so
    is one that passes while the stack is down. A failed run is not repeated, as in Cloud
    Scheduler without a retry configuration: the next one comes in its time.
    """

    def __init__(
        self, jobs: Sequence[ScheduledJob], *, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` gives seconds since the epoch.

        Raises ValueError for a cron expression that cannot be read.
        """
        self._clock = clock
        self._courier = Courier("scheduler", faults=None, clock=clock)
        for job in jobs:
            cron = Cron.parse(job.cron, job.time_zone)
            self._courier.open_channel(job.name, max_concurrent=1)
            self._plan(job, cron)

    def start(self) -> None:
        self._courier.start()

    def stop(self) -> None:
        self._courier.stop()

    def _plan(self, job: ScheduledJob, cron: Cron) -> None:
        now = self._clock()
        if job.every_seconds is not None:
            due = now + job.every_seconds
        else:
            due = cron.next_after(datetime.fromtimestamp(now, UTC)).timestamp()
        self._courier.submit(
            job.name, due, partial(_call, job, due), partial(self._settle, job, cron)
        )

    def _settle(self, job: ScheduledJob, cron: Cron, outcome: Outcome) -> None:
        if outcome.status is None or not 200 <= outcome.status <= 299:
            _log.warning(
                "schedule.failed job=%s status=%s reason=%s",
                job.name,
                outcome.status,
                outcome.reason,
            )
        self._plan(job, cron)


def _call(job: ScheduledJob, due: float) -> Delivery:
    moment = datetime.fromtimestamp(due, UTC).isoformat().replace("+00:00", "Z")
    headers = {
        "User-Agent": "Google-Cloud-Scheduler",
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": job.name,
        "X-CloudScheduler-ScheduleTime": moment,
    }
    return Delivery(
        channel=job.name,
        id=moment,
        attempt=1,
        data=b"",
        attributes={},
        request=PushRequest(
            url=job.url,
            headers=headers,
            body=b"",
            deadline_seconds=job.attempt_deadline_seconds,
        ),
    )
