"""Jobs whose worker died, and jobs whose message was lost."""

import uuid
from collections.abc import Sequence
from functools import partial

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from functions.retention.repairs.resending import Resending
from shared.database.locks import lock_job
from shared.errors import DeliveryExhaustedError, WorkerLostError
from shared.log import log
from shared.models import LIVE, Job, JobType, WorkStatus
from shared.runtime import Runtime
from shared.topology import load_topology
from shared.work.leases import lease_expired
from shared.work.retry import Failure, attempts_exhausted
from shared.work.stages import STAGES


def recover_jobs(rt: Runtime) -> int:
    """Running jobs whose lease has run out."""

    def expired(session: Session, limit: int) -> Sequence[uuid.UUID]:
        return session.scalars(
            select(Job.id)
            .where(lease_expired(Job, now=rt.clock()))
            .order_by(Job.lease_expires_at)
            .limit(limit)
        ).all()

    return mend_each(rt, "jobs", expired, lambda job_id: rt.transact(partial(_recover, rt, job_id)))


def _recover(rt: Runtime, job_id: uuid.UUID, session: Session) -> bool:
    job = lock_job(session, job_id, lease_expired(Job, now=rt.clock()), skip_locked=True)
    if job is None:
        return False
    failure = Failure.of(WorkerLostError())
    if job.segment_count and rt.segments.unfinished(session, job.id):
        # Its segments wait in the queue, or their tasks were lost: `lost_tasks` resends those.
        rt.segments.lease_to_fanout(job)
    elif attempts_exhausted(job.attempt, job.max_attempts):
        rt.jobs.end_failed(session, job, failure)
    else:
        rt.jobs.requeue(job, failure)
        rt.jobs.notify(session, job.id, job.type)
    log.info("sweep.job", job=str(job.id), status=job.status.value, attempt=job.attempt)
    return True


def wake_forgotten_jobs(rt: Runtime) -> int:
    """Queued jobs whose message was lost, or was acknowledged by a worker that died."""
    woken = 0
    for type in JobType:
        running, waiting = _count(rt, type)
        resending = Resending(
            rt.settings, rt.clock(), running=running, waiting=waiting, workers=_workers(type)
        )
        woken += _wake(rt, type, resending)
    return woken


def _count(rt: Runtime, type: JobType) -> tuple[int, int]:
    """How many jobs of the type hold a worker, and how many are queued.

    One that is left to its segments holds no worker, nor does one whose worker died.
    """
    at_work = and_(
        Job.status == WorkStatus.RUNNING,
        Job.lease_expires_at > rt.clock(),
        Job.segment_count.is_(None),
    )
    with rt.database.reading() as session:
        running, waiting = session.execute(
            select(
                func.count().filter(at_work),
                func.count().filter(Job.status == WorkStatus.QUEUED),
            ).where(Job.type == type, Job.status.in_(LIVE))
        ).one()
    return running, waiting


def _workers(type: JobType) -> int:
    """How many jobs of the type can be worked on at the same time, as declared."""
    topology = load_topology()
    [function] = [
        topology.functions[declared.function]
        for declared in topology.subscriptions.values()
        if declared.topic == STAGES[type].topic
    ]
    return function.max_instances * function.concurrency


def _wake(rt: Runtime, type: JobType, resending: Resending) -> int:
    waiting = and_(Job.type == type, Job.status == WorkStatus.QUEUED, resending.due(Job))

    def forgotten(session: Session, limit: int) -> Sequence[uuid.UUID]:
        query = select(Job.id).where(waiting).order_by(Job.updated_at, Job.id).limit(limit)
        return session.scalars(query).all()

    def wake(session: Session, *, job_id: uuid.UUID) -> bool:
        job = lock_job(session, job_id, waiting, skip_locked=True)
        if job is None:
            return False
        if resending.exhausted(job):
            rt.jobs.end_failed(session, job, Failure.of(DeliveryExhaustedError()))
        else:
            resending.count(job)
            rt.jobs.notify(session, job.id, job.type)
        log.info("sweep.job", job=str(job.id), status=job.status.value, resent=job.resent)
        return True

    return mend_each(
        rt,
        "forgotten_jobs",
        forgotten,
        lambda job_id: rt.transact(partial(wake, job_id=job_id)),
        limit=resending.limit,
    )
