"""Leases: the right to do a piece of work until another worker claims it.

The token is the fence. Whatever a worker writes about its work is conditional on
the token still being in the row.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlalchemy.orm import InstrumentedAttribute

from shared.errors import LeaseLostError
from shared.models import JSON, Job, JobType, Segment, WorkStatus
from shared.work.retry import attempts_exhausted


@dataclass(frozen=True)
class Lease:
    """The right to do a job until another worker claims it."""

    job_id: uuid.UUID
    token: uuid.UUID
    lecture_id: uuid.UUID
    type: JobType
    params: JSON
    attempt: int
    """1 for the first."""
    max_attempts: int
    replayed_from: uuid.UUID | None
    created_at: datetime
    """Of the job, not of this claim: the same in every attempt."""

    @classmethod
    def of(cls, job: Job) -> "Lease":
        """The lease that a job's row says is held now."""
        if job.lease_token is None:
            raise LeaseLostError()
        return cls(
            job_id=job.id,
            token=job.lease_token,
            lecture_id=job.lecture_id,
            type=job.type,
            params=job.params,
            attempt=job.attempt,
            max_attempts=job.max_attempts,
            replayed_from=job.replayed_from,
            created_at=job.created_at,
        )


@dataclass(frozen=True)
class SegmentLease:
    """The right to transcribe one segment."""

    job_id: uuid.UUID
    index: int
    token: uuid.UUID
    attempt: int
    max_attempts: int
    audio_object: str
    start_sec: float
    end_sec: float

    @classmethod
    def of(cls, segment: Segment, *, max_attempts: int) -> "SegmentLease":
        """The lease that a segment's row says is held now."""
        if segment.lease_token is None:
            raise LeaseLostError()
        return cls(
            job_id=segment.job_id,
            index=segment.index,
            token=segment.lease_token,
            attempt=segment.attempt,
            max_attempts=max_attempts,
            audio_object=segment.audio_object,
            start_sec=segment.start_sec,
            end_sec=segment.end_sec,
        )


def claimable(
    work: type[Job] | type[Segment],
    *,
    now: datetime,
    max_attempts: int | InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """The condition that a job or segment may be claimed: it is queued, or its worker is taken for
    dead, and it has an attempt left."""
    return and_(
        not_(attempts_exhausted(work.attempt, max_attempts)),
        or_(work.status == WorkStatus.QUEUED, lease_expired(work, now=now)),
    )


def lease_expired(work: type[Job] | type[Segment], *, now: datetime) -> ColumnElement[bool]:
    """The condition that a job or segment is running and its lease has run out."""
    return and_(work.status == WorkStatus.RUNNING, work.lease_expires_at <= now)


def holds_job(lease: Lease) -> ColumnElement[bool]:
    """The condition under which the lease's holder may write."""
    return and_(
        Job.id == lease.job_id,
        Job.status == WorkStatus.RUNNING,
        Job.lease_token == lease.token,
    )


def holds_segment(lease: SegmentLease) -> ColumnElement[bool]:
    """The same for a segment."""
    return and_(
        Segment.job_id == lease.job_id,
        Segment.index == lease.index,
        Segment.status == WorkStatus.RUNNING,
        Segment.lease_token == lease.token,
    )
