"""Segments of transcriptions that are over: they only serve a replay."""

import uuid
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from functions.retention.policies.base import Terms
from functions.retention.policies.by_age import AgePolicy, Target
from functions.retention.policies.conditions import DAY
from shared.models import LIVE, Job, JobType, Lecture, Segment
from shared.runtime import Runtime


def _overdue(terms: Terms) -> ColumnElement[bool]:
    has_segments = (
        exists().where(Job.lecture_id == Lecture.id, Segment.job_id == Job.id).correlate(Lecture)
    )
    # A replay reads what the job before it has written, so a lecture's segments age together.
    fresh = (
        exists()
        .where(Job.lecture_id == Lecture.id, Job.type == JobType.TRANSCRIPTION)
        .where(or_(Job.status.in_(LIVE), Job.updated_at > terms.as_of - DAY))
        .correlate(Lecture)
    )
    return and_(has_segments, ~fresh)


def _targets(rt: Runtime, session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Target]:
    for job in session.execute(
        select(Job.id, Job.lecture_id)
        .where(Job.lecture_id.in_(ids), exists().where(Segment.job_id == Job.id))
        .order_by(Job.id)
    ):
        yield Target(job.lecture_id, rt.names.folder("segments", job.id))


def _forget(
    _rt: Runtime, session: Session, _gone: Collection[str], lectures: Collection[uuid.UUID]
) -> None:
    """As if they had never been cut: a replay starts from the recording."""
    jobs = session.scalars(
        select(Job.id)
        .where(
            Job.lecture_id.in_(lectures),
            Job.type == JobType.TRANSCRIPTION,
            Job.status.not_in(LIVE),
        )
        .order_by(Job.id)
        .with_for_update()
    ).all()
    session.execute(delete(Segment).where(Segment.job_id.in_(jobs)))
    session.execute(update(Job).where(Job.id.in_(jobs)).values(segment_count=None))


SEGMENTS = AgePolicy("segments", 20, _overdue, _targets, _forget, waits=False)
