"""What there is to choose from at each moment: messages, workers, moments to come."""

from datetime import datetime, timedelta

from shared.models import LIVE, JobType, WorkStatus
from tests.model.comparison.comparison import TICK, Comparison
from tests.model.product.operations import Product
from tests.model.reference.observed_state import JobName, SegmentName, Work, Worker
from tests.model.reference.sweep import SweptReference
from tests.support.clock import HeldClock


class Choices(Comparison):
    def __init__(self, product: Product, reference: SweptReference, clock: HeldClock) -> None:
        super().__init__(product, reference, clock)
        self.workers = 0
        self.dead: set[Worker] = set()

    def new_worker(self) -> Worker:
        self.workers += 1
        return f"worker {self.workers}"

    def jobs(self) -> list[JobName]:
        return sorted(self.reference.jobs)

    def failed_jobs(self) -> list[JobName]:
        return [j for j in self.jobs() if self.reference.jobs[j].status == WorkStatus.FAILED]

    def running(self) -> list[JobName]:
        return [j for j in self.jobs() if self.reference.jobs[j].status == WorkStatus.RUNNING]

    # --- messages ---------------------------------------------------------------

    def messages(self) -> list[Work]:
        """What the messages are about that have reached a topic or the queue."""
        return sorted({message.about for message in self.reference.arrived}, key=repr)

    def waited_for(self) -> list[Work]:
        live = self.seen.live()
        return [each for each in self.messages() if each in live]

    def going(self) -> list[Work]:
        """What would go on just now if nothing came in between."""
        delivered = set(self.messages())
        busy = {self.reference.claimed[worker] for worker in self.at_work()}
        queued = {
            each
            for each in self.seen.live()
            if self.seen.row(each).status == WorkStatus.QUEUED and each in delivered
        }
        return sorted(queued | busy, key=repr)

    # --- workers ----------------------------------------------------------------

    def at_work(self) -> list[Worker]:
        return [
            worker
            for worker in self.reference.claimed
            if self.reference.stands(worker) and worker not in self.dead
        ]

    def worker_of(self, work: Work) -> Worker | None:
        """Who is at work on it, if anybody is."""
        for worker in self.at_work():
            if self.reference.claimed[worker] == work:
                return worker
        return None

    def cutting(self) -> list[Worker]:
        return [each for each in self.at_work() if self._type(each) == JobType.TRANSCRIPTION]

    def with_segments(self) -> list[Worker]:
        return [each for each in self.cutting() if self.reference.known(each)]

    def is_to_adopt(self, worker: Worker) -> bool:
        """Whether the job that this one replays has segments it lacks."""
        job = self.reference.claimed[worker]
        replayed = self.reference.jobs[job].replays if isinstance(job, JobName) else None
        return replayed is not None and len(self.reference.segments_of(replayed)) > len(
            self.reference.known(worker)
        )

    def ready(self) -> list[Worker]:
        """Those who may end their work. A lecture must be cut and recognized before."""
        return [
            worker
            for worker in self.at_work()
            if worker not in self.cutting() or self._has_all_segments(worker)
        ]

    def replaced(self) -> list[Worker]:
        """Those whose work another one has, or if there are none, whose work is not theirs."""
        lost = [each for each in self.reference.claimed if not self.reference.stands(each)]
        taken = {self.reference.claimed[worker] for worker in self.at_work()}
        return [each for each in lost if self.reference.claimed[each] in taken] or lost

    def _type(self, worker: Worker) -> JobType | None:
        work = self.reference.claimed[worker]
        return work.type if isinstance(work, JobName) else None

    def _has_all_segments(self, worker: Worker) -> bool:
        job = self.reference.claimed[worker]
        assert isinstance(job, JobName)
        return bool(self.reference.jobs[job].segment_count) and not self.reference.unfinished(job)

    def is_for_segment(self, worker: Worker) -> bool:
        return isinstance(self.reference.claimed[worker], SegmentName)

    # --- moments ----------------------------------------------------------------

    def moments(self) -> list[datetime]:
        """When a lease runs out, something is forgotten, or a message is overdue."""
        settings = self.reference.settings
        grace = timedelta(seconds=settings.plc_outbox_grace_sec)
        moments = {row.written_at + grace for row in self.reference.outbox if not row.published}
        for row in self.seen.rows():
            if row.status in LIVE:
                moments.add(row.lease_until or self.reference.sent_again_at(row))
        return sorted(moment for moment in moments if moment > self.clock.now + TICK)
