"""When a cron expression is next due.

The five fields of crontab(5), as Cloud Scheduler reads them: `*`, `a`, `a-b`, lists,
and steps (`*/n`, `a-b/n`). Day of week 0 and 7 are both Sunday. When day of month and
day of week are both restricted, either makes a day match.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_DAYS_AHEAD = 366 * 8
"""The longest gap: 29 February, across a century that has none."""


@dataclass(frozen=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """ISO: 1 is Monday, 7 is Sunday."""
    either_day: bool
    zone: ZoneInfo

    @classmethod
    def parse(cls, expression: str, time_zone: str) -> Self:
        """Raises ValueError for what is no cron expression, ZoneInfoNotFoundError for no zone."""
        fields = expression.split()
        if len(fields) != len(_BOUNDS):
            raise ValueError(f"a cron expression has five fields: {expression!r}")
        minutes, hours, days, months, weekdays = (
            _read_field(field, low, high)
            for field, (low, high) in zip(fields, _BOUNDS, strict=True)
        )
        return cls(
            minutes,
            hours,
            days,
            months,
            frozenset(day or 7 for day in weekdays),
            either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
            zone=ZoneInfo(time_zone),
        )

    def next_after(self, moment: datetime) -> datetime:
        """The first due minute after an aware `moment`, in UTC. Raises ValueError for never.

        A wall-clock time that a change to summer time leaves out is not due that day.
        """
        first_day = moment.astimezone(self.zone).date()
        for offset in range(_DAYS_AHEAD):
            day = first_day + timedelta(days=offset)
            if self._matches(day):
                for due in self._times(day):
                    if due > moment:
                        return due
        raise ValueError("this cron expression never comes due")

    def _matches(self, day: date) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() in self.weekdays
        matches = in_month or in_week if self.either_day else in_month and in_week
        return matches and day.month in self.months

    def _times(self, day: date) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime.combine(day, time(hour, minute), self.zone)
                due = local.astimezone(UTC)
                if due.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield due


def _read_field(field: str, low: int, high: int) -> frozenset[int]:
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        try:
            start = low if span == "*" else int(first)
            end = high if span == "*" or (step and not last) else int(last or first)
            chosen = range(start, end + 1, int(step or 1))
        except ValueError:
            raise ValueError(f"no cron field: {field!r}") from None
        if not (low <= start <= end <= high and chosen):
            raise ValueError(f"cron field out of {low}-{high}: {field!r}")
        values.update(chosen)
    return frozenset(values)
