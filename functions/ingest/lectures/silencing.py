"""Whether a recording is withheld because it is not silent yet where it was cut, and why."""

import uuid
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from functions.ingest.web.fields import Problem
from shared.models import LIVE, Cut, Job, JobType, Lecture, WorkStatus

is_withheld = (
    exists().where(Cut.lecture_id == Lecture.id, Cut.silenced_at.is_(None)).correlate(Lecture)
)
"""Of a lecture whose recording is there."""


@dataclass(frozen=True)
class Silencing:
    under_way: bool
    error: Problem | None
    """Why the last attempt ended, where none is under way."""


def silencing_of(session: Session, lecture_id: uuid.UUID) -> Silencing:
    """Of a lecture whose recording is withheld: every transcription job silences it first."""
    job = session.scalar(
        select(Job)
        .where(
            Job.lecture_id == lecture_id,
            Job.type == JobType.TRANSCRIPTION,
            Job.status != WorkStatus.SUCCEEDED,
        )
        .order_by(Job.status.in_(LIVE).desc(), Job.created_at.desc())
        .limit(1)
    )
    if job is None or job.status in LIVE:
        return Silencing(under_way=job is not None, error=None)
    return Silencing(
        under_way=False, error=Problem.model_validate(job.error) if job.error else None
    )
