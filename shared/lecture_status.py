"""The status of a lecture, as the ends of its jobs change it. Callers hold the lecture's lock."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.models import Lecture, LectureStatus
from shared.retry import Failure


def set_lecture_status(
    session: Session,
    lecture_id: uuid.UUID,
    status: LectureStatus,
    *,
    now: datetime,
    failure: Failure | None = None,
) -> None:
    session.execute(
        update(Lecture)
        .where(Lecture.id == lecture_id)
        .values(status=status, error=failure.to_json() if failure else None, updated_at=now)
    )
