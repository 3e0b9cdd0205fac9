"""Asking for work of which a lecture has a live job already: that job does it.

One that makes the transcript's files alone becomes one that makes all files when those are asked
for, and never the other way round: all files include those.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, literal, or_, select, update
from sqlalchemy.orm import Session

from shared.models import JSON, LIVE, Job, JobType, WorkStatus
from shared.work.stages import is_transcript_only, leaves_status


@dataclass(frozen=True)
class LiveJob:
    id: uuid.UUID
    status: WorkStatus
    params: JSON
    """Those that it runs with, at the latest when it is done once more."""
    widened: bool
    """It was to make the transcript's files alone, and makes all by now."""


def join_live_job(
    session: Session,
    lecture_id: uuid.UUID,
    type: JobType,
    params: JSON,
    *,
    new_input: bool,
    now: datetime,
) -> LiveJob:
    """Have the lecture's live job of this type do what is asked for.

    One that has begun may have read what was there before, or less than is asked for: it is marked
    to be done once more at its end. The lecture is locked and has such a job.
    """
    live = and_(Job.lecture_id == lecture_id, Job.type == type, Job.status.in_(LIVE))
    widened = not leaves_status(params) and bool(
        session.scalar(select(Job.id).where(live, is_transcript_only))
    )
    if widened:
        # It comes after what brings it, as one that is queued now does.
        session.execute(update(Job).where(live).values(params=params, created_at=now))
    again = and_(literal(new_input or widened), Job.status == WorkStatus.RUNNING)
    row = session.execute(
        update(Job)
        .where(live)
        .values(run_again=or_(Job.run_again, again))
        .returning(Job.id, Job.status, Job.params)
    ).one()
    return LiveJob(row.id, row.status, row.params, widened)
