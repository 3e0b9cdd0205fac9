"""Products that are broken on purpose, to see that these tests would notice."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.errors import LeaseLostError
from shared.models import JSON, Job, JobType, WorkStatus
from shared.work.jobs import Jobs
from shared.work.leases import Lease, holds_job
from tests.model.product.sweep_choices import NotingSegments


class CompletesForAnyone(Jobs):
    """Any worker's result ends the job, also that of one that was replaced long ago."""

    def complete(
        self, session: Session, lease: Lease, *, result: JSON, cost: JSON | None = None
    ) -> None:
        present = Lease.of(session.get_one(Job, lease.job_id))
        super().complete(session, present, result=result, cost=cost)


class ClaimsOverOthers(Jobs):
    """A message is as good as a lease."""

    def claim(self, job_id: UUID, type: JobType) -> Lease | None:
        with self._transactions.begin() as tx:
            tx.session.execute(
                update(Job)
                .where(Job.id == job_id, Job.status == WorkStatus.RUNNING)
                .values(lease_expires_at=self._clock())
            )
            tx.commit()
        return super().claim(job_id, type)


class ForgetsNewInput(Jobs):
    """What changed while the job ran is never read."""

    def complete(
        self, session: Session, lease: Lease, *, result: JSON, cost: JSON | None = None
    ) -> None:
        self.hold(session, lease).run_again = False
        super().complete(session, lease, result=result, cost=cost)


class LeavesTheJoinToNobody(NotingSegments):
    """Segments that were all done before the lecture was cut to its end wait for one more."""

    def hand_over(self, session: Session, lease: Lease, count: int) -> Lease | None:
        super().hand_over(session, lease, count)
        self.lease_to_fanout(session.get_one(Job, lease.job_id))
        return None


class LooksBeforeItWrites(Jobs):
    """Asks whether the lease stands, and then writes without it: right, as long as no one
    comes in between."""

    def complete(
        self, session: Session, lease: Lease, *, result: JSON, cost: JSON | None = None
    ) -> None:
        with self._transactions.begin() as another:
            if another.session.scalar(select(Job.id).where(holds_job(lease))) is None:
                raise LeaseLostError()
        job = session.get_one(Job, lease.job_id, with_for_update=True)
        now = self._clock()
        job.status, job.updated_at = WorkStatus.SUCCEEDED, now
        job.result, job.error = result, None
        job.lease_token = job.lease_expires_at = None
        job.history = [*job.history, {"status": "succeeded", "at": now.isoformat()}]
