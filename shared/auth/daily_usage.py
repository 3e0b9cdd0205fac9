"""Daily limits on what one user may spend: lectures announced, hours of audio transcribed.

The count is a row for each owner and day (UTC). It moves in the transaction that does what is
counted, by one conditional statement, so parallel requests cannot pass the limit together.
Only users are limited; the static token and operators' Google accounts are not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import CTE, Date, Integer, Text, bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from shared.config import Settings
from shared.errors import DailyLimitReachedError
from shared.models import DailyUsage, Lecture

USER_PREFIX = "user:"
"""How the owners begin that are users; every other one is of the static token or an operator."""


@dataclass(frozen=True)
class Usage:
    """Of one day. Owners who are not limited are not counted."""

    lectures: int
    audio_sec: float
    resets_at: datetime


def usage_of(session: Session, owner: str, now: datetime) -> Usage:
    row = session.get(DailyUsage, (owner, _day(now)))
    return Usage(
        lectures=row.lectures if row else 0,
        audio_sec=row.audio_sec if row else 0.0,
        resets_at=_next_day(now),
    )


def is_limited(owner: str) -> bool:
    return owner.startswith(USER_PREFIX)


def count_lecture(session: Session, settings: Settings, owner: str, now: datetime) -> None:
    """Count one announced lecture. Raises DailyLimitReachedError."""
    _count(session, settings, owner, now, lectures=1)


def uncount_lecture(session: Session, owner: str, now: datetime) -> None:
    """Of this transaction: the lecture was there after all."""
    if is_limited(owner):
        session.execute(
            update(DailyUsage)
            .where(DailyUsage.owner == owner, DailyUsage.day == _day(now))
            .values(lectures=DailyUsage.lectures - 1)
        )


def count_audio(
    session: Session, settings: Settings, lecture: Lecture, seconds: float, now: datetime
) -> None:
    """Count a transcription of so much audio. Raises DailyLimitReachedError.

    What the lecture had counted before was another transcription.
    """
    if is_limited(lecture.owner):
        session.execute(
            update(Lecture).where(Lecture.id == lecture.id).values(counted_audio_sec=seconds)
        )
        _count(session, settings, lecture.owner, now, audio_sec=seconds)


def count_audio_up_to(
    session: Session, settings: Settings, lecture: Lecture, seconds: float, now: datetime
) -> None:
    """Count what a transcription in progress turns out to have beyond what was counted for it.

    Raises DailyLimitReachedError.
    """
    counted = session.scalar(
        select(Lecture.counted_audio_sec).where(Lecture.id == lecture.id).with_for_update()
    )
    if counted is not None and seconds > counted:
        session.execute(
            update(Lecture).where(Lecture.id == lecture.id).values(counted_audio_sec=seconds)
        )
        _count(session, settings, lecture.owner, now, audio_sec=seconds - counted)


def lecture_counted(only_if: ColumnElement[bool]) -> CTE:
    """A lecture's count as part of a larger statement: no row where the limit is reached.

    Takes what `lecture_count_parameters` gives.
    """
    first = select(
        bindparam("owner", type_=Text),
        bindparam("day", type_=Date),
        literal(1, Integer),
        literal(0.0, DailyUsage.audio_sec.type),
    ).where(only_if)
    return (
        insert(DailyUsage)
        .from_select(["owner", "day", "lectures", "audio_sec"], first)
        .on_conflict_do_update(
            index_elements=[DailyUsage.owner, DailyUsage.day],
            set_={"lectures": DailyUsage.lectures + 1},
            where=DailyUsage.lectures < bindparam("most_lectures", type_=Integer),
        )
        .returning(DailyUsage.owner)
        .cte("counted")
    )


def lecture_count_parameters(settings: Settings, now: datetime) -> dict[str, Any]:
    return {"day": _day(now), "most_lectures": settings.plc_daily_lectures_max}


def _count(
    session: Session,
    settings: Settings,
    owner: str,
    now: datetime,
    *,
    lectures: int = 0,
    audio_sec: float = 0.0,
) -> None:
    if not is_limited(owner):
        return
    most_lectures = settings.plc_daily_lectures_max
    most_sec = settings.plc_daily_audio_hours_max * 3600
    fits = lectures <= most_lectures and audio_sec <= most_sec
    new = insert(DailyUsage).values(
        owner=owner, day=_day(now), lectures=lectures, audio_sec=audio_sec
    )
    counted = fits and session.scalar(
        new.on_conflict_do_update(
            index_elements=[DailyUsage.owner, DailyUsage.day],
            set_={
                "lectures": DailyUsage.lectures + lectures,
                "audio_sec": DailyUsage.audio_sec + audio_sec,
            },
            where=(DailyUsage.lectures + lectures <= most_lectures)
            & (DailyUsage.audio_sec + audio_sec <= most_sec),
        ).returning(DailyUsage.owner)
    )
    if not counted:
        raise _reached(settings, now, lectures=bool(lectures))


def _reached(settings: Settings, now: datetime, *, lectures: bool) -> DailyLimitReachedError:
    tomorrow = _next_day(now)
    limit = (
        f"{settings.plc_daily_lectures_max} lectures"
        if lectures
        else f"{settings.plc_daily_audio_hours_max:g} hours of audio"
    )
    return DailyLimitReachedError(
        f"The daily limit of {limit} is reached; it begins anew at {tomorrow:%Y-%m-%d %H:%M} UTC.",
        retry_after_sec=sec_until_next_day(now),
    )


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def sec_until_next_day(now: datetime) -> float:
    return (_next_day(now) - now).total_seconds()


def _next_day(now: datetime) -> datetime:
    return datetime.combine(_day(now) + timedelta(days=1), datetime.min.time(), UTC)
