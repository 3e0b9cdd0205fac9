"""The job protocol: queued → running → succeeded or failed, each step taken once.

A worker claims a job with one conditional UPDATE and receives a lease: a fencing
token that is new with every claim, and a time until which no other worker may claim.
Everything it later writes about the job is conditional on that token, so a worker
that was presumed dead cannot overwrite its successor.

A transition locks the lecture before the job (shared/database/locks.py).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.clock import Clock, NewId
from shared.config import Settings
from shared.database.locks import lock_lecture, lock_lecture_of, lock_unrestricted
from shared.database.transactions import Transactions
from shared.errors import CancelledError, LeaseLostError, NotFoundError
from shared.fault_points import reach
from shared.messaging import outbox
from shared.messaging.events import JobMessage
from shared.models import JSON, LIVE, Job, JobType, Lecture, WorkStatus
from shared.work import history
from shared.work.leases import Lease, claimable, holds_job
from shared.work.lectures import Lectures
from shared.work.live_jobs import join_live_job
from shared.work.retry import Failure
from shared.work.stages import STAGES, Params, leaves_status


@dataclass(frozen=True)
class Enqueued:
    job_id: uuid.UUID
    status: WorkStatus
    deduplicated: bool
    """True if a live job of this lecture and type was there already."""
    params: JSON
    """Those that the job runs with."""


class Jobs:
    """Every transition of a job. Those that take a session run in the caller's transaction."""

    def __init__(
        self, transactions: Transactions, *, clock: Clock, new_id: NewId, settings: Settings
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._new_id = new_id
        self._settings = settings
        self._lectures = Lectures(clock=clock)

    # --- → queued ---------------------------------------------------------------

    def enqueue(
        self, session: Session, *, lecture_id: uuid.UUID, params: Params, new_input: bool = False
    ) -> Enqueued:
        """Create a job and the message that starts it, or find the live one there is.

        `new_input` says that what the job reads has just changed: a live one that has
        begun may have read the old, so it is marked to be done once more at its end.
        Raises NotFoundError if the lecture has been deleted, LectureRestrictedError.
        """
        return self._enqueue(
            session, lecture_id, params.type, params.to_json(), new_input=new_input
        )

    def enqueue_next(self, session: Session, lease: Lease, lecture: Lecture) -> None:
        """Queue what works on what a job has made, in the transaction that ends it."""
        stage = STAGES[lease.type]
        following = STAGES[stage.then].params.defaults(lecture) if stage.then else None
        for params in (stage.beside, following):
            if params is not None:
                self.enqueue(session, lecture_id=lecture.id, params=params, new_input=True)

    def _enqueue(
        self,
        session: Session,
        lecture_id: uuid.UUID,
        type: JobType,
        params: JSON,
        *,
        replayed_from: uuid.UUID | None = None,
        new_input: bool = False,
    ) -> Enqueued:
        # A live job ends only under this lock, so the one that is found stays live.
        if not lock_unrestricted(session, lecture_id):
            raise NotFoundError("The lecture has been deleted.")
        now = self._clock()
        job_id = self._new_id()
        created = session.scalar(
            insert(Job)
            .values(
                id=job_id,
                lecture_id=lecture_id,
                type=type,
                status=WorkStatus.QUEUED,
                params=params,
                attempt=0,
                max_attempts=self._settings.plc_job_max_attempts,
                run_again=False,
                progress={},
                cost={},
                history=[history.entry(WorkStatus.QUEUED, now)],
                replayed_from=replayed_from,
                created_at=now,
                updated_at=now,
            )
            # The partial unique index decides who was first, also between two instances.
            .on_conflict_do_nothing(
                index_elements=[Job.lecture_id, Job.type], index_where=Job.status.in_(LIVE)
            )
            .returning(Job.id)
        )
        if created is None:
            live = join_live_job(session, lecture_id, type, params, new_input=new_input, now=now)
            if live.widened:
                self._lectures.resume(session, lecture_id)
            return Enqueued(live.id, live.status, deduplicated=True, params=live.params)
        self.notify(session, job_id, type)
        if not leaves_status(params):
            self._lectures.resume(session, lecture_id)
        return Enqueued(job_id, WorkStatus.QUEUED, deduplicated=False, params=params)

    def notify(self, session: Session, job_id: uuid.UUID, type: JobType) -> None:
        """Write the message that wakes the job's stage."""
        wake = JobMessage(job_id=job_id).payload()
        outbox.put(session, STAGES[type].topic, wake, now=self._clock())

    # --- queued → running -------------------------------------------------------

    def claim(self, job_id: uuid.UUID, type: JobType) -> Lease | None:
        """Take a queued job, or one whose worker has fallen silent.

        None if there is nothing to do: another worker holds it, or it has ended or is gone.
        """
        now = self._clock()

        def take(session: Session) -> Lease | None:
            if not lock_lecture_of(session, job_id):
                return None
            job = session.scalar(
                update(Job)
                .where(
                    Job.id == job_id,
                    Job.type == type,
                    claimable(Job, now=now, max_attempts=Job.max_attempts),
                )
                .values(
                    status=WorkStatus.RUNNING,
                    attempt=Job.attempt + 1,
                    resent=0,
                    lease_token=self._new_id(),
                    lease_expires_at=now + self._settings.lease,
                    history=history.with_entry(WorkStatus.RUNNING, now),
                    updated_at=now,
                )
                .returning(Job)
            )
            if job is None:
                return None
            if not leaves_status(job.params):
                self._lectures.process(session, job.lecture_id)
            return Lease.of(job)

        return self._transactions.run(take)

    # --- running → running ------------------------------------------------------

    def renew(self, lease: Lease) -> bool:
        """Extend the lease. False if another worker holds it by now."""
        with self._transactions.begin() as tx:
            renewed = tx.session.scalar(
                update(Job)
                .where(holds_job(lease))
                .values(lease_expires_at=self._clock() + self._settings.lease)
                .returning(Job.id)
            )
            tx.commit()
        return renewed is not None

    def report(self, lease: Lease, progress: JSON) -> None:
        """Record how far the work is; a lost lease is found out at the end."""
        with self._transactions.begin() as tx:
            tx.session.execute(update(Job).where(holds_job(lease)).values(progress=progress))
            tx.commit()

    def hold(self, session: Session, lease: Lease) -> Job:
        """Lock the job and its lecture for the rest of the transaction.

        Raises LeaseLostError unless the lease still stands.
        """
        lock_lecture(session, lease.lecture_id)
        job = session.scalar(select(Job).where(holds_job(lease)).with_for_update())
        if job is None:
            raise LeaseLostError()
        return job

    # --- running → succeeded, failed, or queued again ---------------------------

    def complete(
        self, session: Session, lease: Lease, *, result: JSON, cost: JSON | None = None
    ) -> None:
        """End the job in the transaction that records what it made.

        Raises LeaseLostError, and then nothing of that transaction may be committed.
        """
        reach("job.completing", lease.job_id)
        lock_lecture(session, lease.lecture_id)
        now = self._clock()
        done = session.execute(
            update(Job)
            .where(holds_job(lease))
            .values(
                status=WorkStatus.SUCCEEDED,
                result=result,
                error=None,
                cost=cost or {},
                lease_token=None,
                lease_expires_at=None,
                history=history.with_entry(WorkStatus.SUCCEEDED, now),
                updated_at=now,
            )
            .returning(Job.run_again, Job.params)
        ).one_or_none()
        if done is None:
            raise LeaseLostError()
        if done.params != lease.params:  # It was widened, and has done what it was claimed for.
            session.execute(update(Job).filter_by(id=lease.job_id).values(params=lease.params))
        if done.run_again:
            self._enqueue(session, lease.lecture_id, lease.type, done.params)

    def fail(self, lease: Lease, failure: Failure) -> WorkStatus:
        """Record a failed attempt: back to the queue, or failed for good.

        Returns the status the job has now. Raises LeaseLostError.
        """
        over = failure.ends_work(attempt=lease.attempt, max_attempts=lease.max_attempts)

        def end(session: Session) -> WorkStatus:
            job = self.hold(session, lease)
            if over:
                self.end_failed(session, job, failure)
            else:
                self.requeue(job, failure)
            return job.status

        return self._transactions.run(end)

    def requeue(self, job: Job, failure: Failure) -> None:
        """running → queued, for a locked job whose attempt ended without a result."""
        self._end_attempt(job, WorkStatus.QUEUED, failure)

    def end_failed(self, session: Session, job: Job, failure: Failure) -> None:
        """→ failed, for a live job, locked with its lecture, which fails with the same reason
        unless it was completed before, or the job leaves its status as it is.

        If its input has changed meanwhile the new is yet to be tried: a job for it is queued.
        """
        self._end_attempt(job, WorkStatus.FAILED, failure)
        if not leaves_status(job.params):
            self._lectures.end_failed(session, job.lecture_id, failure)
        if job.run_again:
            self._enqueue(session, job.lecture_id, job.type, job.params)

    def cancel(self, session: Session, job: Job) -> None:
        """→ failed, for a live job, locked with its lecture, that its owner wants no more. Its
        worker loses the lease, and finds that out before it writes."""
        job.run_again = False
        self.end_failed(session, job, Failure.of(CancelledError()))

    def restart(self, session: Session, job: Job) -> None:
        """running → queued, for a job, locked with its lecture, that has read what has been
        deleted or moved since. Its worker loses the lease, and the attempt is not counted as one
        of its attempts."""
        job.max_attempts += 1
        job.run_again = False
        self._enter(job, WorkStatus.QUEUED)
        self.notify(session, job.id, job.type)

    def _end_attempt(self, job: Job, status: WorkStatus, failure: Failure) -> None:
        job.error = failure.to_json()
        self._enter(job, status)

    def _enter(self, job: Job, status: WorkStatus) -> None:
        now = self._clock()
        job.status = status
        job.lease_token = job.lease_expires_at = None
        job.history = [*job.history, history.entry(status, now)]
        job.updated_at = now

    # --- failed → a new job ------------------------------------------------------

    def replay(self, session: Session, job: Job) -> Enqueued:
        """Queue a failed job's work again as a new job with the same parameters."""
        return self._enqueue(session, job.lecture_id, job.type, job.params, replayed_from=job.id)
