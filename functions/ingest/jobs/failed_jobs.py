"""Failed jobs without a successor, and their replay."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from functions.ingest.admission.operator_access import record_access, subjects_of_jobs
from functions.ingest.lectures.lookup import may_see_job
from functions.ingest.schemas.jobs import BatchReplayRequest, BatchReplayResponse, Replayed
from shared.database.locks import lock_job
from shared.errors import CancelledError
from shared.models import Job, JobType, Lecture, WorkStatus, unrestricted
from shared.runtime import Runtime
from shared.work.stages import PARTIAL


def dead_jobs(type: JobType | None = None) -> Select[Job]:
    """The caller's failed jobs that no later job of the same kind has superseded.

    What its owner cancelled is no failure. Those of restricted lectures are left out.
    """
    query = (
        select(Job)
        .join(Lecture, Lecture.id == Job.lecture_id)
        .options(joinedload(Job.lecture))
        .where(
            may_see_job(),
            unrestricted,
            Job.status == WorkStatus.FAILED,
            Job.error["code"].astext != CancelledError.code,
            ~_superseded(),
        )
    )
    return query.where(Job.type == type) if type else query


def _superseded() -> ColumnElement[bool]:
    later = aliased(Job)
    return exists().where(
        later.lecture_id == Job.lecture_id,
        later.type == Job.type,
        # One that makes a part of it, or silences a recording, does not do what has failed.
        *(or_(~later.params.has_key(key), Job.params.has_key(key)) for key in PARTIAL),
        or_(
            later.replayed_from == Job.id,
            and_(later.created_at > Job.created_at, later.id != Job.id),
        ),
    )


def replay_batch(rt: Runtime, request: BatchReplayRequest) -> BatchReplayResponse:
    """Each job in a transaction of its own, locked and examined again in it, so that no job
    is replayed twice, not even by two concurrent batches."""
    with rt.database.reading() as session:
        query = dead_jobs(request.type).order_by(Job.created_at, Job.id).limit(request.limit)
        if request.job_ids is not None:
            query = query.where(Job.id.in_(request.job_ids))
        jobs = session.scalars(query).all()
        subjects, chosen = subjects_of_jobs(jobs), [job.id for job in jobs]
    record_access(rt, subjects)
    replayed = [done for job_id in chosen if (done := _replay(rt, job_id)) is not None]
    done_ids = {each.job_id for each in replayed}
    named: Sequence[uuid.UUID] = request.job_ids or ()
    return BatchReplayResponse(
        replayed=tuple(replayed),
        skipped=tuple(str(job_id) for job_id in named if str(job_id) not in done_ids),
    )


def _replay(rt: Runtime, job_id: uuid.UUID) -> Replayed | None:
    def replay(session: Session) -> Replayed | None:
        job = locked_dead_job(session, job_id)
        if job is None:
            return None
        enqueued = rt.jobs.replay(session, job)
        return Replayed(
            job_id=str(job.id),
            new_job_id=str(enqueued.job_id),
            lecture_id=job.lecture.slug,
            deduplicated=enqueued.deduplicated,
        )

    return rt.transact(replay)


def locked_dead_job(session: Session, job_id: uuid.UUID) -> Job | None:
    """The failed job, locked with its lecture, if it is still to be replayed."""
    lock_job(session, job_id)
    return session.scalar(dead_jobs().where(Job.id == job_id))
