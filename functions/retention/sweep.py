"""The sweep: everything a crash at the wrong moment can leave undone is done here.

Each repair is bounded, commits by itself and may run beside any other work and
beside another sweep: rows are locked, looked at again, and skipped if somebody
else has them.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import outbox
from shared.errors import WorkerLostError
from shared.log import log
from shared.models import LIVE, Job, Lecture, LectureStatus, Purge, Segment, WorkStatus
from shared.outcomes import DONE, Ending, Outcome
from shared.purging import run_purge
from shared.retry import Failure
from shared.runtime import Runtime

BATCH = 200
"""Rows one repair looks at in one run; the next minute brings the next run."""

PURGES = 20
"""Lectures whose objects one run deletes; there may be hundreds of each."""

UPLOADS_TOPIC = "uploads"


@dataclass(frozen=True)
class Repair:
    name: str
    run: Callable[[Runtime], int]
    """Returns how much there was to mend."""


def sweep(rt: Runtime) -> Outcome:
    """Run every repair; one that fails does not stop the others."""
    failed = None
    for repair in REPAIRS:
        try:
            mended = repair.run(rt)
        except Exception as error:
            failed = Failure.of(error)
            log.exception("sweep.repair_failed", repair=repair.name)
            continue
        if mended:
            log.warning("sweep.repaired", repair=repair.name, count=mended)
    return Outcome(Ending.RETRY, failed) if failed else DONE


def publish_unsent(rt: Runtime) -> int:
    """Messages whose writer died, or could not send, after its commit."""
    return rt.outbox.sweep(older_than=timedelta(seconds=rt.settings.plc_outbox_grace_sec))


def recover_jobs(rt: Runtime) -> int:
    """Running jobs whose lease has run out."""
    with rt.database.unit_of_work() as session:
        expired = session.scalars(
            select(Job.id)
            .where(Job.status == WorkStatus.RUNNING, Job.lease_expires_at <= rt.clock())
            .order_by(Job.lease_expires_at)
            .limit(BATCH)
        ).all()
    return sum(
        _in_own_transaction(rt, partial(_recover_job, rt, job_id=job_id)) for job_id in expired
    )


def _recover_job(rt: Runtime, session: Session, *, job_id: uuid.UUID) -> bool:
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
    elif job.attempt >= job.max_attempts:
        rt.jobs.end_failed(session, job, failure)
    else:
        rt.jobs.requeue(job, failure)
        rt.jobs.notify(session, job.id, job.type)
    log.info("sweep.job", job=str(job.id), status=job.status.value, attempt=job.attempt)
    return True


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
        _in_own_transaction(rt, partial(rt.segments.recover, job_id=job_id, index=index))
        for job_id, index in expired
    )


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


def find_missed_uploads(rt: Runtime) -> int:
    """Objects that arrived without a notification: write the notification ourselves."""
    now = rt.clock()
    waiting_since = func.coalesce(Lecture.upload_checked_at, Lecture.updated_at)
    with rt.database.unit_of_work() as session:
        waiting = session.scalars(
            select(Lecture)
            .where(
                Lecture.status == LectureStatus.AWAITING_UPLOAD,
                waiting_since <= now - timedelta(seconds=rt.settings.plc_missed_upload_grace_sec),
            )
            .order_by(waiting_since)
            .limit(BATCH)
        ).all()
    found = 0
    for lecture in waiting:
        stored = rt.store.stat(lecture.source_object)
        with rt.database.unit_of_work() as session:
            still_there = session.get(Lecture, lecture.id)
            if still_there is None:
                continue
            still_there.upload_checked_at = now
            if stored is not None:
                resource = {
                    "bucket": rt.settings.gcs_bucket,
                    "name": stored.name,
                    "generation": str(stored.generation),
                    "size": str(stored.size),
                    "contentType": stored.content_type,
                    "crc32c": stored.crc32c,
                }
                outbox.put(session, UPLOADS_TOPIC, resource, now=now)
                found += 1
            session.commit()
            rt.outbox.publish(session)
    return found


def run_purges(rt: Runtime) -> int:
    """Objects of deleted lectures: where the deletion was cut short, and for late writers."""
    with rt.database.unit_of_work() as session:
        due = session.scalars(
            select(Purge.lecture_id)
            .where(Purge.due_at <= rt.clock())
            .order_by(Purge.due_at)
            .limit(PURGES)
        ).all()
    deleted = 0
    failed = None
    for lecture_id in due:
        try:
            deleted += run_purge(rt, lecture_id)
        except Exception as error:
            failed = error
            log.warning("purge.failed", lecture=str(lecture_id), reason=type(error).__name__)
    if failed is not None:
        raise failed
    return deleted


def _in_own_transaction(rt: Runtime, repair: Callable[[Session], bool]) -> bool:
    with rt.database.unit_of_work() as session:
        mended = repair(session)
        session.commit()
        rt.outbox.publish(session)
    return mended


REPAIRS = (
    Repair("outbox", publish_unsent),
    Repair("jobs", recover_jobs),
    Repair("segments", recover_segments),
    Repair("forgotten_jobs", wake_forgotten_jobs),
    Repair("missed_uploads", find_missed_uploads),
    Repair("purges", run_purges),
)
