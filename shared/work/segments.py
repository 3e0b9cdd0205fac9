"""The segment protocol: a transcription's fan-out, and its one join.

Each segment is claimed, leased and fenced like a job. While segments run, the job itself stays
`running` on a lease that belongs to the fan-out as a whole: every segment that finishes extends it,
and when none does for a long time, the sweep resends the missing ones. The worker that finishes the
last segment takes over the job's lease and merges.
"""

import uuid
from collections.abc import Mapping

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.clock import Clock, NewId
from shared.config import Settings
from shared.database.locks import lock_job
from shared.database.transactions import Transactions
from shared.errors import LeaseLostError, WorkerLostError
from shared.messaging import outbox
from shared.messaging.events import SegmentMessage
from shared.models import LIVE, Job, Segment, WorkStatus
from shared.speech import spoken_language
from shared.work.jobs import Jobs
from shared.work.leases import Lease, SegmentLease, claimable, holds_segment, lease_expired
from shared.work.retry import Failure, attempts_exhausted

QUEUE = "segments"

Span = tuple[float, float]
"""Start and end, in seconds of the lecture."""


class Segments:
    def __init__(
        self,
        transactions: Transactions,
        jobs: Jobs,
        *,
        clock: Clock,
        new_id: NewId,
        settings: Settings,
    ) -> None:
        self._transactions = transactions
        self._jobs = jobs
        self._clock = clock
        self._new_id = new_id
        self._settings = settings
        self._max_attempts = settings.plc_segment_max_attempts

    # --- the cutting worker -----------------------------------------------------

    def known(self, job_id: uuid.UUID) -> Mapping[int, Span]:
        """What is already recorded, by an earlier attempt that died or by `adopt`."""
        with self._transactions.begin() as tx:
            rows = tx.session.scalars(select(Segment).where(Segment.job_id == job_id))
            return {row.index: (row.start_sec, row.end_sec) for row in rows}

    def forget_from(self, session: Session, lease: Lease, index: int) -> None:
        """Drop the segments from `index` on: the lecture is cut otherwise now.

        A worker on one of them loses its lease. Raises LeaseLostError.
        """
        job = self._jobs.hold(session, lease)
        spoken_language.forget_from(job, index)
        session.execute(
            delete(Segment).where(Segment.job_id == lease.job_id, Segment.index >= index)
        )

    def add(
        self, session: Session, lease: Lease, *, index: int, start: float, end: float, audio: str
    ) -> None:
        """Record a segment whose audio is stored, and the task that transcribes it.

        Raises LeaseLostError.
        """
        self._jobs.hold(session, lease)
        session.execute(
            insert(Segment)
            .values(
                job_id=lease.job_id,
                index=index,
                start_sec=start,
                end_sec=end,
                audio_object=audio,
                status=WorkStatus.QUEUED,
                attempt=0,
                updated_at=self._clock(),
            )
            .on_conflict_do_nothing()
        )
        self.send_task(session, lease.job_id, index)

    def adopt(self, session: Session, lease: Lease) -> int | None:
        """Take over what the replayed job had: finished segments stay finished.

        Returns its segment count, None if it never got that far. Raises LeaseLostError.
        """
        job = self._jobs.hold(session, lease)
        previous = session.get(Job, lease.replayed_from) if lease.replayed_from else None
        if previous is None:
            return None
        spoken_language.adopt(job, previous)
        if job.segment_count is None:
            job.warnings = previous.warnings
        in_order = select(Segment).where(Segment.job_id == previous.id).order_by(Segment.index)
        for old in session.scalars(in_order):  # so that the earliest can be read first
            finished = old.status == WorkStatus.SUCCEEDED
            added = session.scalar(
                insert(Segment)
                .values(
                    job_id=lease.job_id,
                    index=old.index,
                    start_sec=old.start_sec,
                    end_sec=old.end_sec,
                    audio_object=old.audio_object,
                    transcript_object=old.transcript_object if finished else None,
                    status=WorkStatus.SUCCEEDED if finished else WorkStatus.QUEUED,
                    attempt=0,
                    updated_at=self._clock(),
                )
                .on_conflict_do_nothing()
                .returning(Segment.index)
            )
            if added is not None and not finished:
                self.send_task(session, lease.job_id, old.index)
        return previous.segment_count

    def hand_over(self, session: Session, lease: Lease, count: int) -> Lease | None:
        """The lecture is cut into `count` segments: leave the job to them.

        If all are finished already the caller keeps its lease, which is returned, and
        merges. Raises LeaseLostError.
        """
        job = self._jobs.hold(session, lease)
        job.segment_count = count
        if self.unfinished(session, lease.job_id) == 0:
            return lease
        self.lease_to_fanout(job)
        return None

    # --- a segment worker -------------------------------------------------------

    def claim(self, job_id: uuid.UUID, index: int) -> SegmentLease | None:
        """Take a segment of a live job; None if there is nothing to do."""
        now = self._clock()
        live_job = select(Job.id).where(Job.id == job_id, Job.status.in_(LIVE)).exists()
        with self._transactions.begin() as tx:
            segment = tx.session.scalar(
                update(Segment)
                .where(
                    Segment.job_id == job_id,
                    Segment.index == index,
                    claimable(Segment, now=now, max_attempts=self._max_attempts),
                    live_job,
                )
                .values(
                    status=WorkStatus.RUNNING,
                    attempt=Segment.attempt + 1,
                    resent=0,
                    lease_token=self._new_id(),
                    lease_expires_at=now + self._settings.lease,
                    updated_at=now,
                )
                .returning(Segment)
            )
            tx.commit()
        return SegmentLease.of(segment, max_attempts=self._max_attempts) if segment else None

    def renew(self, lease: SegmentLease) -> bool:
        with self._transactions.begin() as tx:
            renewed = tx.session.scalar(
                update(Segment)
                .where(holds_segment(lease))
                .values(lease_expires_at=self._clock() + self._settings.lease)
                .returning(Segment.index)
            )
            tx.commit()
        return renewed is not None

    def complete(self, lease: SegmentLease, transcript: str) -> Lease | None:
        """Record a segment's transcript object.

        Returns the job's lease to the worker that finished last: it merges. The segment counts
        even if the job has failed meanwhile, so that a replay need not redo it.
        Raises LeaseLostError.
        """

        def finish(session: Session) -> Lease | None:
            # The job's row first, always: two segments that finish concurrently take turns here,
            # and exactly one of them sees that nothing is left.
            job = session.scalar(select(Job).where(Job.id == lease.job_id).with_for_update())
            self._finish(
                session,
                lease,
                status=WorkStatus.SUCCEEDED,
                transcript_object=transcript,
                error=None,
            )
            merge = None
            if job is not None and job.status == WorkStatus.RUNNING and job.segment_count:
                if self.unfinished(session, job.id) == 0:
                    merge = self._take_job(job)
                else:
                    job.lease_expires_at = self._clock() + self._settings.fanout_lease
            return merge

        return self._transactions.run(finish)

    def fail(self, lease: SegmentLease, failure: Failure) -> WorkStatus:
        """Record a failed attempt; for good, it fails the job and the lecture with its reason.

        Returns the segment's status now. Raises LeaseLostError.
        """
        over = failure.ends_work(attempt=lease.attempt, max_attempts=lease.max_attempts)
        status = WorkStatus.FAILED if over else WorkStatus.QUEUED

        def end(session: Session) -> WorkStatus:
            job = lock_job(session, lease.job_id)
            self._finish(session, lease, status=status, error=failure.to_json())
            if over and job is not None and job.status in LIVE:
                self._jobs.end_failed(session, job, failure)
            return status

        return self._transactions.run(end)

    # --- the sweep --------------------------------------------------------------

    def lease_to_fanout(self, job: Job) -> None:
        """Give a locked job's fan-out a lease, which no worker holds."""
        job.lease_token = self._new_id()
        job.lease_expires_at = self._clock() + self._settings.fanout_lease

    def send_task(self, session: Session, job_id: uuid.UUID, index: int) -> None:
        """Write the task that has a segment recognized."""
        message = SegmentMessage(job_id=job_id, index=index)
        outbox.put(session, QUEUE, message.payload(), now=self._clock())

    def recover(self, session: Session, job_id: uuid.UUID, index: int) -> bool:
        """Queue a segment again whose lease has run out, or fail it for good. False if there is
        none any more."""
        now = self._clock()
        job = lock_job(session, job_id, Job.status.in_(LIVE))
        segment = session.scalar(
            select(Segment)
            .where(
                Segment.job_id == job_id,
                Segment.index == index,
                lease_expired(Segment, now=now),
            )
            .with_for_update()
        )
        if job is None or segment is None:
            return False
        failure = Failure.of(WorkerLostError())
        if attempts_exhausted(segment.attempt, self._max_attempts):
            self.give_up(session, job, segment, failure)
        else:
            self._end_attempt(segment, WorkStatus.QUEUED, failure)
            self.send_task(session, job_id, index)
        return True

    def give_up(self, session: Session, job: Job, segment: Segment, failure: Failure) -> None:
        """→ failed, for a segment, locked with its live job, which fails with the same reason."""
        self._end_attempt(segment, WorkStatus.FAILED, failure)
        self._jobs.end_failed(session, job, failure)

    def unfinished(self, session: Session, job_id: uuid.UUID) -> int:
        """How many of a job's segments have no transcript."""
        session.flush()
        return (
            session.scalar(
                select(func.count()).where(
                    Segment.job_id == job_id, Segment.status != WorkStatus.SUCCEEDED
                )
            )
            or 0
        )

    def _finish(self, session: Session, lease: SegmentLease, **values: object) -> None:
        finished = session.scalar(
            update(Segment)
            .where(holds_segment(lease))
            .values(lease_token=None, lease_expires_at=None, updated_at=self._clock(), **values)
            .returning(Segment.index)
        )
        if finished is None:
            raise LeaseLostError()

    def _end_attempt(self, segment: Segment, status: WorkStatus, failure: Failure) -> None:
        segment.status = status
        segment.error = failure.to_json()
        segment.lease_token = segment.lease_expires_at = None
        segment.updated_at = self._clock()

    def _take_job(self, job: Job) -> Lease:
        job.lease_token = self._new_id()
        job.lease_expires_at = self._clock() + self._settings.lease
        return Lease.of(job)
