"""How many writes a caller may send, counted in Postgres so that it holds over all instances.

The generic cell rate algorithm (ITU-T I.371, appendix A): the row holds the time at
which the next write would come if writes came evenly. A write moves it one interval
on, unless it is already a whole burst ahead of the present.
"""

from datetime import timedelta

from sqlalchemy import DateTime, Integer, Interval, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from shared.errors import RateLimitedError
from shared.models import RateLimit
from shared.runtime import Runtime

_TIME = DateTime(timezone=True)
_arrival = RateLimit.theoretical_arrival_at
# Put together once: half of what counting a write costs this process.
_FIRST = insert(RateLimit).values(
    scope=bindparam("scope"), theoretical_arrival_at=bindparam("first", type_=_TIME)
)
_INTERVAL = bindparam("interval", type_=Interval())
_TAKE = _FIRST.on_conflict_do_update(
    index_elements=[RateLimit.scope],
    set_={
        "theoretical_arrival_at": func.greatest(
            _arrival + _INTERVAL, _FIRST.excluded.theoretical_arrival_at
        )
    },
    where=_arrival <= bindparam("latest", type_=_TIME),
).returning(literal_column("1", Integer))
_REACHED = select(_arrival).where(RateLimit.scope == bindparam("scope"))


def count_write(rt: Runtime, scope: str) -> None:
    """Raises RateLimitedError with the seconds until the next write may come."""
    settings, now = rt.settings, rt.clock()
    window = timedelta(seconds=settings.plc_write_rate_limit_window_sec)
    interval = window / settings.plc_write_rate_limit_max_requests
    given = {
        "scope": scope,
        "interval": interval,
        "first": now + interval,
        "latest": now + window - interval,
    }
    with rt.database.autocommit() as connection:
        if connection.scalar(_TAKE, given) is not None:
            return
        reached = connection.scalar(_REACHED, {"scope": scope}) or now
    raise RateLimitedError(retry_after_sec=(reached + interval - window - now).total_seconds())
