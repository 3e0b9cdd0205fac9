"""How many writes a caller may send, counted in Postgres so that it holds over all instances.

The generic cell rate algorithm (ITU-T I.371, appendix A): the row holds the time at
which the next write would come if writes came evenly. A write moves it one interval
on, unless it is already a whole burst ahead of the present.
"""

from datetime import timedelta

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert

from shared.errors import RateLimitedError
from shared.models import RateLimit
from shared.runtime import Runtime


def count_write(rt: Runtime, scope: str) -> None:
    """Raises RateLimitedError with the seconds until the next write may come."""
    settings, now = rt.settings, rt.clock()
    window = timedelta(seconds=settings.plc_write_rate_limit_window_sec)
    interval = window / settings.plc_write_rate_limit_max_requests
    arrival = RateLimit.theoretical_arrival_at
    taken = (
        insert(RateLimit)
        .values(scope=scope, theoretical_arrival_at=now + interval)
        .on_conflict_do_update(
            index_elements=[RateLimit.scope],
            set_={"theoretical_arrival_at": func.greatest(arrival, literal(now)) + interval},
            where=arrival <= now + window - interval,
        )
        .returning(arrival)
    )
    with rt.database.by_itself() as connection:
        if connection.scalar(taken) is not None:
            return
        reached = connection.scalar(select(arrival).where(RateLimit.scope == scope)) or now
    raise RateLimitedError(retry_after_sec=(reached + interval - window - now).total_seconds())
