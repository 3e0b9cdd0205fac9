"""The marks of a lecture, as the database has them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import Lecture, LectureMark

BEYOND_SEC = 1.0
"""By how much a mark may be later than the end of the recording, whose length a recorder and a
container count differently."""


@dataclass(frozen=True)
class Mark:
    id: uuid.UUID
    at_sec: float
    label: str | None
    created_at: datetime
    updated_at: datetime


def marks_of(session: Session, lecture_id: uuid.UUID) -> tuple[Mark, ...]:
    """In the order of their times. Those after the end of the recording are left out: they were
    sent before its length was known, and it has nothing there."""
    end = func.coalesce(Lecture.duration_sec, LectureMark.at_sec)
    rows = session.execute(
        select(
            LectureMark.id,
            LectureMark.at_sec,
            LectureMark.label,
            LectureMark.created_at,
            LectureMark.updated_at,
        )
        .join(Lecture, Lecture.id == LectureMark.lecture_id)
        .where(LectureMark.lecture_id == lecture_id, LectureMark.at_sec <= end + BEYOND_SEC)
        .order_by(LectureMark.at_sec)
    )
    return tuple(Mark(*row) for row in rows)
