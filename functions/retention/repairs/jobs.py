"""Jobs whose worker died, and jobs whose message did."""

import uuid
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.retention.repairs import BATCH, in_own_transaction
from functions.retention.repairs.segments import count_as_sent
from shared.errors import WorkerLostError
from shared.log import log
from shared.models import Job, WorkStatus
from shared.retry import Failure
from shared.runtime import Runtime


def recover_jobs(rt: Runtime) -> int:
    """Running jobs whose lease has run out."""
    with rt.database.unit_of_work() as session:
        expired = session.scalars(
            select(Job.id)
            .where(Job.status == WorkStatus.RUNNING, Job.lease_expires_at <= rt.clock())
            .order_by(Job.lease_expires_at)
            .limit(BATCH)
        ).all()
    return sum(in_own_transaction(rt, partial(_recover, rt, job_id=job_id)) for job_id in expired)


def _recover(rt: Runtime, session: Session, *, job_id: uuid.UUID) -> bool:
    now = rt.clock()
    job = session.scalar(
        select(Job)
        .where(Job.id == job_id, Job.status == WorkStatus.RUNNING, Job.lease_expires_at <= now)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return False
    failure = Failure.of(WorkerLostError())
    if job.segment_count and rt.segments.unfinished(session, job.id):
        # Nobody died: its segments wait in the queue, or their tasks were lost.
        rt.segments.redispatch(session, job)
        count_as_sent(rt, session, job.id)
    elif job.attempt >= job.max_attempts:
        rt.jobs.end_failed(session, job, failure)
    else:
        rt.jobs.requeue(job, failure)
        rt.jobs.notify(session, job.id, job.type)
    log.info("sweep.job", job=str(job.id), status=job.status.value, attempt=job.attempt)
    return True


def wake_forgotten_jobs(rt: Runtime) -> int:
    """Queued jobs nobody came for: their message was acknowledged and its reader died."""
    now = rt.clock()
    with rt.database.unit_of_work() as session:
        forgotten = session.scalars(
            select(Job)
            .where(
                Job.status == WorkStatus.QUEUED,
                Job.updated_at <= now - rt.settings.fanout_lease,
            )
            .order_by(Job.updated_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for job in forgotten:
            job.updated_at = now
            rt.jobs.notify(session, job.id, job.type)
        session.commit()
        rt.outbox.publish(session)
    return len(forgotten)
