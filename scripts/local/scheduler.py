"""A stand-in for Google Cloud Scheduler: calls URLs by the clock."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from scripts.local.delivery.courier import Courier
from scripts.local.delivery.faults import Delivery
from scripts.local.delivery.push import Outcome, PushRequest

_log = logging.getLogger(__name__)
_FIELDS = 5
_YEARS = 8
"""The longest gap: 29 February, across a century that has none."""


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
            self._courier.open_channel(job.name, max_concurrent=1)
            self._plan(job)

    def start(self) -> None:
        self._courier.start()

    def stop(self) -> None:
        self._courier.stop()

    def _plan(self, job: ScheduledJob) -> None:
        now = self._clock()
        # Also where it is overridden: what cannot be read is refused.
        due = next_due(job.cron, job.time_zone, datetime.fromtimestamp(now, UTC)).timestamp()
        if job.every_seconds is not None:
            due = now + job.every_seconds
        self._courier.submit(job.name, due, partial(_call, job, due), partial(self._settle, job))

    def _settle(self, job: ScheduledJob, outcome: Outcome) -> None:
        if outcome.status is None or not 200 <= outcome.status <= 299:
            _log.warning(
                "schedule.failed job=%s status=%s reason=%s",
                job.name,
                outcome.status,
                outcome.reason,
            )
        self._plan(job)


def next_due(expression: str, time_zone: str, after: datetime) -> datetime:
    """The first time after an aware moment that a cron expression of five fields names, in UTC.

    Raises ValueError for what is no such expression or names no time, ZoneInfoNotFoundError.
    """
    if len(expression.split()) != _FIELDS:
        raise ValueError(f"a cron expression has five fields: {expression!r}")
    local = after.astimezone(ZoneInfo(time_zone))
    try:
        due: datetime = croniter(expression, local, max_years_between_matches=_YEARS).get_next(
            datetime
        )
    except CroniterBadDateError:
        raise ValueError(f"the cron expression {expression!r} never comes due") from None
    except ValueError as error:
        raise ValueError(f"no cron expression: {expression!r}: {error}") from None
    return due.astimezone(UTC)


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
