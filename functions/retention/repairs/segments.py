"""Segments whose worker died, whose task was lost, or whose attempts are used up."""

import uuid
from collections.abc import Sequence
from functools import partial

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from functions.retention.repairs.resending import Resending
from shared.database.locks import lock_job
from shared.errors import DeliveryExhaustedError, WorkerLostError
from shared.log import log
from shared.models import LIVE, Job, Segment, WorkStatus
from shared.runtime import Runtime
from shared.work.leases import lease_expired
from shared.work.retry import Failure, attempts_exhausted

Key = tuple[uuid.UUID, int]
"""Job and index."""


def recover_segments(rt: Runtime) -> int:
    """Segments of live jobs whose worker has fallen silent."""

    def expired(session: Session, limit: int) -> Sequence[Key]:
        return _keys(
            session,
            and_(lease_expired(Segment, now=rt.clock()), Job.status.in_(LIVE)),
            limit,
        )

    def recover(key: Key) -> bool:
        job_id, index = key
        return rt.transact(partial(rt.segments.recover, job_id=job_id, index=index))

    return mend_each(rt, "segments", expired, recover, subject=_subject)


def resend_lost_tasks(rt: Runtime) -> int:
    """Queued segments of live jobs whose task was lost, or whose attempts are used up.

    Neither has to wait until all others are done: each that finishes gives the fan-out
    another lease, so that might take as long as the lecture.
    """
    running, waiting_now = _count(rt)
    resending = Resending(
        rt.settings,
        rt.clock(),
        running=running,
        waiting=waiting_now,
        workers=rt.settings.plc_segment_workers,
    )
    waiting = and_(Job.status.in_(LIVE), _waits(rt, resending))
    return mend_each(
        rt,
        "lost_tasks",
        lambda session, limit: _keys(session, waiting, limit),
        lambda key: rt.transact(partial(_resend, rt, resending, key)),
        subject=_subject,
        limit=resending.limit,
    )


def _count(rt: Runtime) -> tuple[int, int]:
    """How many segments of live jobs are being recognized, and how many are queued."""
    at_work = and_(Segment.status == WorkStatus.RUNNING, Segment.lease_expires_at > rt.clock())
    with rt.database.reading() as session:
        running, waiting = session.execute(
            select(
                func.count().filter(at_work),
                func.count().filter(Segment.status == WorkStatus.QUEUED),
            )
            .select_from(Segment)
            .join(Job, Job.id == Segment.job_id)
            .where(Job.status.in_(LIVE))
        ).one()
    return running, waiting


def _keys(session: Session, condition: ColumnElement[bool], limit: int) -> Sequence[Key]:
    """Of the segments that meet the condition, those that have not changed for longest."""
    rows = session.execute(
        select(Segment.job_id, Segment.index)
        .join(Job, Job.id == Segment.job_id)
        .where(condition)
        .order_by(Segment.updated_at, Segment.job_id, Segment.index)
        .limit(limit)
    )
    return [(job_id, index) for job_id, index in rows]


def _subject(key: Key) -> str:
    job_id, index = key
    return f"{job_id}/{index}"


def _resend(rt: Runtime, resending: Resending, key: Key, session: Session) -> bool:
    job_id, index = key
    job = lock_job(session, job_id, Job.status.in_(LIVE))
    segment = session.scalar(
        select(Segment)
        .where(
            Segment.job_id == job_id,
            Segment.index == index,
            _waits(rt, resending),
        )
        .with_for_update()
    )
    if job is None or segment is None:
        return False
    if attempts_exhausted(segment.attempt, rt.settings.plc_segment_max_attempts):
        rt.segments.give_up(session, job, segment, _last_failure(segment))
    elif resending.exhausted(segment):
        rt.segments.give_up(session, job, segment, Failure.of(DeliveryExhaustedError()))
    else:
        resending.count(segment)
        rt.segments.send_task(session, job_id, index)
    log.info("sweep.segment", job=str(job_id), index=index, status=segment.status.value)
    return True


def _waits(rt: Runtime, resending: Resending) -> ColumnElement[bool]:
    """The condition of a queued segment to be sent again, or to be given up."""
    exhausted = attempts_exhausted(Segment.attempt, rt.settings.plc_segment_max_attempts)
    return and_(Segment.status == WorkStatus.QUEUED, or_(resending.due(Segment), exhausted))


def _last_failure(segment: Segment) -> Failure:
    """Fewer attempts are allowed than when it was queued: no claim would be granted."""
    if segment.error is None:
        return Failure.of(WorkerLostError())
    return Failure(segment.error["code"], segment.error["message"], permanent=True)
