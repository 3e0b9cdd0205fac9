"""The operations of the job protocol performed by the product, on a real Postgres.

Where an operation is a stage's own transaction it is written here as that stage writes it.
"""

import dataclasses
import itertools
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from functions.retention.dead_letters import record_dead_letter
from functions.retention.sweep import REPAIRS
from shared.database.locks import lock_job
from shared.database.transactions import Transactions
from shared.errors import PegasusError
from shared.messaging.events import Event, JobMessage
from shared.messaging.outbox import Outbox
from shared.models import LIVE, Job, JobType, WorkStatus
from shared.runtime import Runtime
from shared.work.jobs import Jobs
from shared.work.leases import Lease, SegmentLease
from shared.work.retry import Failure
from shared.work.stages import (
    TRANSCRIPT_FILES_PARAMS,
    ExportParams,
    GenerationParams,
    Params,
    TranscriptionParams,
    leaves_status,
)
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import Ending
from shared.workers.worker import run_job, work_under_lease
from tests.model.comparison.operations import meet, work
from tests.model.product.deliveries import UnreliableMessages
from tests.model.product.rows import RowReader, empty
from tests.model.product.sweep_choices import NotingSegments
from tests.model.reference.observed_state import (
    JobName,
    Message,
    ObservedState,
    Post,
    Repair,
    SegmentName,
    Worker,
)
from tests.support.lectures.builders import uploaded

NEXT = {JobType.TRANSCRIPTION: JobType.GENERATION, JobType.GENERATION: JobType.EXPORT}

_PARAMS: dict[JobType, Params] = {
    JobType.TRANSCRIPTION: TranscriptionParams(),
    JobType.GENERATION: GenerationParams(preset_id="exam"),
    JobType.EXPORT: ExportParams(),
}
_REPAIRS = {Repair(each.name): each.run for each in REPAIRS if each.name in set(Repair)}


class _Outbox(Outbox):
    """Of processes that end between their commit and its messages while the post is unreached."""

    _messages: UnreliableMessages

    def publish(self, session: Session) -> None:
        if self._messages.post != Post.UNREACHED:
            super().publish(session)


class Product:
    def __init__(
        self,
        rt: Runtime,
        *,
        lectures: int,
        jobs: type[Jobs] = Jobs,
        segments: type[NotingSegments] = NotingSegments,
    ) -> None:
        """On `rt`'s database, which is emptied first. With other `jobs` or `segments` it is a
        product that is broken on purpose."""
        empty(rt.database)
        self._ids = itertools.count(1)
        self.messages = UnreliableMessages()
        outbox = _Outbox(rt.database, self.messages, rt.clock)
        transactions = Transactions(rt.database, committed=outbox.publish)
        parts: Any = {"clock": rt.clock, "new_id": self._new_id, "settings": rt.settings}
        job_protocol = jobs(transactions, **parts)
        self._segments = segments(transactions, job_protocol, **parts)
        self.rt = dataclasses.replace(
            rt,
            messages=self.messages,
            outbox=outbox,
            jobs=job_protocol,
            segments=self._segments,
            new_id=self._new_id,
        )
        self._sweeper = dataclasses.replace(
            self.rt, outbox=Outbox(rt.database, self.messages, rt.clock)
        )
        self._lectures = [uploaded(self.rt, f"lecture-{n}").id for n in range(lectures)]
        self._leases: dict[Worker, Lease | SegmentLease] = {}
        self._rows = RowReader(self.rt.database, self._lectures, self.messages)

    def _new_id(self) -> uuid.UUID:
        """Counted, so that of two rows the younger one is known."""
        return uuid.UUID(int=next(self._ids))

    @property
    def post(self) -> Post:
        return self.messages.post

    @post.setter
    def post(self, post: Post) -> None:
        self.messages.post = post

    def observed_state(self) -> ObservedState:
        holders = {lease.token: worker for worker, lease in self._leases.items()}
        return self._rows.observed_state(holders)

    def id(self, job: JobName) -> uuid.UUID:
        return self._rows.id(job)

    def arrived(self) -> Sequence[Message]:
        return self._rows.arrived()

    # --- asking for work --------------------------------------------------------

    def enqueue(
        self, lecture: int, type: JobType, *, new_input: bool, part: bool = False
    ) -> tuple[JobName, bool]:
        with self.rt.transaction() as tx:
            enqueued = self.rt.jobs.enqueue(
                tx.session,
                lecture_id=self._lectures[lecture],
                params=TRANSCRIPT_FILES_PARAMS if part else _PARAMS[type],
                new_input=new_input,
            )
            tx.commit()
        return self._rows.name(enqueued.job_id), enqueued.deduplicated

    def cancel(self, job: JobName) -> bool:
        with self.rt.transaction() as tx:
            row = lock_job(tx.session, self._rows.id(job), Job.status.in_(LIVE))
            if row is None:
                return False
            self.rt.jobs.cancel(tx.session, row)
            tx.commit()
        return True

    def replay(self, job: JobName) -> tuple[JobName, bool] | None:
        with self.rt.transaction() as tx:
            row = tx.session.get_one(Job, self._rows.id(job))
            if row.status != WorkStatus.FAILED:
                return None
            enqueued = self.rt.jobs.replay(tx.session, row)
            tx.commit()
        return self._rows.name(enqueued.job_id), enqueued.deduplicated

    def exhaust_delivery(self, job: JobName) -> None:
        message = JobMessage(job_id=self._rows.id(job)).payload()
        event = Event(
            id=str(self._new_id()),
            source="",
            data=json.dumps(message).encode(),
            attributes={},
            delivery=5,
        )
        record_dead_letter(self.rt, event)

    # --- working on a job -------------------------------------------------------

    def claim(self, job: JobName, worker: Worker) -> int | None:
        lease = self.rt.jobs.claim(self._rows.id(job), job.type)
        if lease is None:
            return None
        self._leases[worker] = lease
        return lease.attempt

    def renew(self, worker: Worker) -> bool:
        return self.rt.jobs.renew(self._job_lease(worker))

    def report(self, worker: Worker, done: int) -> None:
        self.rt.jobs.report(self._job_lease(worker), {"done": done})

    def complete(self, worker: Worker) -> None:
        lease, jobs = self._job_lease(worker), self.rt.jobs
        with self.rt.transaction() as tx:
            if lease.type == JobType.EXPORT and not leaves_status(lease.params):
                jobs.hold(tx.session, lease)
                self.rt.lectures.complete(tx.session, lease.lecture_id)
            jobs.complete(tx.session, lease, result={"by": worker})
            if lease.type in NEXT:
                jobs.enqueue(
                    tx.session,
                    lecture_id=lease.lecture_id,
                    params=_PARAMS[NEXT[lease.type]],
                    new_input=True,
                )
            tx.commit()

    def fail(self, worker: Worker, failure: Failure) -> WorkStatus:
        return self.rt.jobs.fail(self._job_lease(worker), failure)

    # --- cutting a lecture ------------------------------------------------------

    def adopt(self, worker: Worker) -> int | None:
        lease = self._job_lease(worker)
        with self.rt.transaction() as tx:
            adopted = self.rt.segments.adopt(tx.session, lease)
            tx.commit()
            return tx.session.get_one(Job, lease.job_id).segment_count or adopted

    def known(self, worker: Worker) -> set[int]:
        return set(self.rt.segments.known(self._job_lease(worker).job_id))

    def add_segment(self, worker: Worker, index: int) -> None:
        with self.rt.transaction() as tx:
            self.rt.segments.add(
                tx.session,
                self._job_lease(worker),
                index=index,
                start=index * 10.0,
                end=index * 10.0 + 10.0,
                audio=f"{index}.flac",
            )
            tx.commit()

    def forget_from(self, worker: Worker, index: int) -> None:
        with self.rt.transaction() as tx:
            self.rt.segments.forget_from(tx.session, self._job_lease(worker), index)
            tx.commit()

    def hand_over(self, worker: Worker, count: int) -> bool:
        with self.rt.transaction() as tx:
            join = self.rt.segments.hand_over(tx.session, self._job_lease(worker), count)
            tx.commit()
        return join is not None

    # --- working on a segment ---------------------------------------------------

    def claim_segment(self, segment: SegmentName, worker: Worker) -> int | None:
        lease = self.rt.segments.claim(self._rows.id(segment.job), segment.index)
        if lease is None:
            return None
        self._leases[worker] = lease
        return lease.attempt

    def renew_segment(self, worker: Worker) -> bool:
        return self.rt.segments.renew(self._segment_lease(worker))

    def complete_segment(self, worker: Worker, joiner: Worker) -> bool:
        join = self.rt.segments.complete(self._segment_lease(worker), worker)
        if join is None:
            return False
        self._leases[joiner] = join
        return True

    def fail_segment(self, worker: Worker, failure: Failure) -> WorkStatus:
        return self.rt.segments.fail(self._segment_lease(worker), failure)

    # --- a worker's run, from claim to outcome ---------------------------------------------------

    def run(self, job: JobName, worker: Worker, mishap: PegasusError | None) -> Ending:
        def do(lease: Lease, _: Heartbeat) -> None:
            self._leases[worker] = lease
            work(self, job, worker, mishap)

        return run_job(self.rt, self._rows.id(job), job.type, do).ending

    def run_segment(
        self, segment: SegmentName, worker: Worker, joiner: Worker, mishap: PegasusError | None
    ) -> Ending:
        if self.claim_segment(segment, worker) is None:
            return Ending.DUPLICATE
        last = False

        def do(_lease: SegmentLease, _: Heartbeat) -> None:
            nonlocal last
            meet(mishap)
            last = self.complete_segment(worker, joiner)

        segments, jobs = self.rt.segments, self.rt.jobs
        lease = self._segment_lease(worker)
        outcome = work_under_lease(self.rt, lease, do, renew=segments.renew, fail=segments.fail)
        if last:
            work_under_lease(
                self.rt,
                self._job_lease(joiner),
                lambda _lease, _: self.complete(joiner),
                renew=jobs.renew,
                fail=jobs.fail,
            )
        return outcome.ending

    # --- the sweep --------------------------------------------------------------

    def sweep(self, repair: Repair) -> int:
        return _REPAIRS[repair](self._sweeper)

    def recover_segments(self) -> tuple[int, Sequence[SegmentName]]:
        """How many, and in which order they were looked at."""
        self._segments.visited.clear()
        recovered = self.sweep(Repair.SEGMENTS)
        return recovered, [
            SegmentName(self._rows.name(job_id), index) for job_id, index in self._segments.visited
        ]

    # ---------------------------------------------------------------------------

    def _job_lease(self, worker: Worker) -> Lease:
        lease = self._leases[worker]
        assert isinstance(lease, Lease)
        return lease

    def _segment_lease(self, worker: Worker) -> SegmentLease:
        lease = self._leases[worker]
        assert isinstance(lease, SegmentLease)
        return lease
