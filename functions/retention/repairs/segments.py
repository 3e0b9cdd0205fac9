"""Segments whose worker died, whose task was lost, or that nobody may begin any more."""

import uuid
from functools import partial

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from functions.retention.repairs import BATCH, in_own_transaction
from shared import outbox
from shared.errors import WorkerLostError
from shared.events import SegmentMessage
from shared.log import log
from shared.models import LIVE, Job, Segment, WorkStatus
from shared.retry import Failure
from shared.runtime import Runtime
from shared.segments import QUEUE


def recover_segments(rt: Runtime) -> int:
    """Segments of live jobs whose worker has fallen silent."""
    with rt.database.unit_of_work() as session:
        expired = session.execute(
            select(Segment.job_id, Segment.index)
            .join(Job, Job.id == Segment.job_id)
            .where(
                Segment.status == WorkStatus.RUNNING,
                Segment.lease_expires_at <= rt.clock(),
                Job.status.in_(LIVE),
            )
            .limit(BATCH)
        ).all()
    return sum(
        in_own_transaction(rt, partial(rt.segments.recover, job_id=job_id, index=index))
        for job_id, index in expired
    )


def resend_lost_tasks(rt: Runtime) -> int:
    """Queued segments of live jobs that nobody came for, or that nobody may claim.

    Neither has to wait until all others are done: each that finishes gives the fan-out
    another lease, so that might take as long as the lecture.
    """
    with rt.database.unit_of_work() as session:
        forgotten = session.execute(
            select(Segment.job_id, Segment.index)
            .join(Job, Job.id == Segment.job_id)
            .where(
                Segment.status == WorkStatus.QUEUED,
                Job.status.in_(LIVE),
                or_(
                    Segment.updated_at <= rt.clock() - rt.settings.fanout_lease,
                    Segment.attempt >= rt.settings.plc_segment_max_attempts,
                ),
            )
            .order_by(Segment.updated_at, Segment.job_id, Segment.index)
            .limit(BATCH)
        ).all()
    return sum(
        in_own_transaction(rt, partial(_resend, rt, job_id=job_id, index=index))
        for job_id, index in forgotten
    )


def _resend(rt: Runtime, session: Session, *, job_id: uuid.UUID, index: int) -> bool:
    now = rt.clock()
    # The job's row first, here as everywhere.
    job = session.scalar(
        select(Job).where(Job.id == job_id, Job.status.in_(LIVE)).with_for_update()
    )
    segment = session.scalar(
        select(Segment)
        .where(
            Segment.job_id == job_id, Segment.index == index, Segment.status == WorkStatus.QUEUED
        )
        .with_for_update()
    )
    if job is None or segment is None:
        return False
    if segment.attempt >= rt.settings.plc_segment_max_attempts:
        _give_up(rt, session, job, segment)
    elif segment.updated_at <= now - rt.settings.fanout_lease:
        segment.updated_at = now
        message = SegmentMessage(job_id=job_id, index=index)
        outbox.put(session, QUEUE, message.payload(), now=now)
    else:
        return False
    log.info("sweep.segment", job=str(job_id), index=index, status=segment.status.value)
    return True


def _give_up(rt: Runtime, session: Session, job: Job, segment: Segment) -> None:
    """Fewer attempts are allowed than when it was queued: no claim would be granted."""
    failure = Failure.of(WorkerLostError())
    if segment.error is not None:
        failure = Failure(segment.error["code"], segment.error["message"], permanent=True)
    segment.status = WorkStatus.FAILED
    segment.error = failure.to_json()
    segment.updated_at = rt.clock()
    rt.jobs.end_failed(session, job, failure)


def count_as_sent(rt: Runtime, session: Session, job_id: uuid.UUID) -> None:
    """A job's waiting segments have just been given new tasks."""
    session.execute(
        update(Segment)
        .where(Segment.job_id == job_id, Segment.status == WorkStatus.QUEUED)
        .values(updated_at=rt.clock())
    )
