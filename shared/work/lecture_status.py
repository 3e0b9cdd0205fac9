"""The status of a lecture, as the ends of its jobs change it. Callers hold the lecture's lock."""

import uuid
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from shared.models import LIVE, ExportRow, Job, Lecture, LectureStatus
from shared.work.retry import Failure


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


def end_lecture_failed(
    session: Session, lecture_id: uuid.UUID, failure: Failure, *, now: datetime
) -> None:
    """→ failed, or back to completed: what was made before is as good as it was, and only the job
    says that it could not be made again. While another job is live the lecture stays under way.
    """
    session.flush()  # What has just ended is no live job.
    has_files = exists().where(ExportRow.lecture_id == lecture_id)
    is_live = exists().where(Job.lecture_id == lecture_id, Job.status.in_(LIVE))
    completed_before, under_way = session.execute(select(has_files, is_live)).one()
    if not completed_before:
        set_lecture_status(session, lecture_id, LectureStatus.FAILED, now=now, failure=failure)
    elif not under_way:
        set_lecture_status(session, lecture_id, LectureStatus.COMPLETED, now=now)
