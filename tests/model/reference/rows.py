"""The reference's rows, and the small steps that its operations are made of."""

import copy
from collections import Counter
from collections.abc import Iterable
from typing import Self

from shared.clock import Clock
from shared.config import Settings
from shared.errors import LeaseLostError
from shared.models import LIVE, JobType, LectureStatus, WorkStatus
from shared.work.retry import Failure
from tests.model.reference.observed_state import (
    FANOUT,
    JobName,
    JobRow,
    LectureRow,
    Message,
    ObservedState,
    OutboxRow,
    Post,
    SegmentName,
    SegmentRow,
    Work,
    Worker,
)

DESTINATIONS = {
    JobType.TRANSCRIPTION: "transcribe",
    JobType.GENERATION: "generate",
    JobType.EXPORT: "export",
}
SEGMENTS_QUEUE = "segments"


class ReferenceRows:
    def __init__(self, settings: Settings, clock: Clock, *, lectures: int) -> None:
        self.settings = settings
        self.clock = clock
        self.post = Post.WORKS
        self.lectures = {n: LectureRow(LectureStatus.UPLOADED) for n in range(lectures)}
        self.jobs: dict[JobName, JobRow] = {}
        self.segments: dict[SegmentName, SegmentRow] = {}
        self.outbox: list[OutboxRow] = []
        self.arrived: Counter[Message] = Counter()
        self.claimed: dict[Worker, Work] = {}
        """What each worker has a lease for, or had."""
        self.does_part: dict[Worker, bool] = {}
        """Whether a worker's job was a part when it was claimed."""
        self._written: list[OutboxRow] = []
        """By the operation under way."""

    def observed_state(self) -> ObservedState:
        return copy.deepcopy(
            ObservedState(
                self.lectures, self.jobs, self.segments, Counter(self.outbox), self.arrived
            )
        )

    def twin(self) -> Self:
        """Another world, which goes its own way from here at the same time."""
        shared = (self.settings, self.clock)
        return copy.deepcopy(self, {id(each): each for each in shared})

    # --- what there is ----------------------------------------------------------

    def live(self, lecture: int, type: JobType) -> JobName | None:
        for job, row in self.jobs.items():
            if (job.lecture, job.type) == (lecture, type) and row.status in LIVE:
                return job
        return None

    def segments_of(self, job: JobName) -> list[SegmentName]:
        return sorted(segment for segment in self.segments if segment.job == job)

    def unfinished(self, job: JobName) -> list[SegmentName]:
        """The job's segments that have no transcript."""
        return [
            segment
            for segment in self.segments_of(job)
            if self.segments[segment].status != WorkStatus.SUCCEEDED
        ]

    # --- leases -----------------------------------------------------------------

    def stands(self, worker: Worker) -> bool:
        """Whether the worker may write: no other has taken its work over, and it has not ended.

        A lease that has run out stands until another claims it.
        """
        work = self.claimed[worker]
        if work not in self.jobs and work not in self.segments:
            return False  # a segment that was forgotten
        row = self._row(work)
        return row.status == WorkStatus.RUNNING and row.holder == worker

    def _row(self, work: Work) -> JobRow | SegmentRow:
        return self.jobs[work] if isinstance(work, JobName) else self.segments[work]

    def _held_job(self, worker: Worker) -> tuple[JobName, JobRow]:
        work = self.claimed[worker]
        if not self.stands(worker):
            raise LeaseLostError()
        assert isinstance(work, JobName)
        return work, self.jobs[work]

    def _held_segment(self, worker: Worker) -> tuple[SegmentName, SegmentRow]:
        work = self.claimed[worker]
        if not self.stands(worker):
            raise LeaseLostError()
        assert isinstance(work, SegmentName)
        return work, self.segments[work]

    def _is_silent(self, row: JobRow | SegmentRow) -> bool:
        return row.lease_until is not None and row.lease_until <= self.clock()

    def _is_free(self, row: JobRow | SegmentRow) -> bool:
        return row.status == WorkStatus.QUEUED or self._is_silent(row)

    def _lease(self, row: JobRow | SegmentRow, holder: Worker) -> None:
        settings = self.settings
        row.holder = holder
        row.lease_until = self.clock() + (
            settings.fanout_lease if holder == FANOUT else settings.lease
        )

    # --- states -----------------------------------------------------------------

    def _enter(self, row: JobRow, status: WorkStatus, failure: Failure | None = None) -> None:
        self._settle(row, status, failure)
        row.history.append((status, self.clock()))

    def _settle(
        self, row: JobRow | SegmentRow, status: WorkStatus, failure: Failure | None = None
    ) -> None:
        """A row in another state, without a lease. A reason is kept while it is tried again."""
        row.status, row.holder, row.lease_until = status, None, None
        row.changed_at = self.clock()
        if failure is not None:
            row.error = failure.code
        elif status == WorkStatus.SUCCEEDED:
            row.error = None

    # --- messages ---------------------------------------------------------------

    def _write(self, about: Work) -> None:
        """A row in the outbox, with the change that makes it necessary."""
        destination = DESTINATIONS[about.type] if isinstance(about, JobName) else SEGMENTS_QUEUE
        row = OutboxRow(Message(destination, about), self.clock(), published=False)
        self.outbox.append(row)
        self._written.append(row)

    def _send(self) -> None:
        """What this operation has written, once it is committed."""
        if self.post == Post.UNREACHED:
            self._leave()
        else:
            self._deliver(self._take_written())

    def _send_by_sweep(self) -> None:
        self._deliver(self._take_written())

    def _leave(self) -> None:
        """To the sweep."""
        self._written.clear()

    def _take_written(self) -> list[OutboxRow]:
        written, self._written = self._written, []
        return written

    def _deliver(self, rows: Iterable[OutboxRow]) -> int:
        """Returns how many are known to have arrived."""
        published = 0
        for row in rows:
            if self.post == Post.REFUSES:
                continue
            self.arrived[row.message] += 1
            if self.post == Post.UNANSWERED:
                continue
            self.outbox.remove(row)
            self.outbox.append(OutboxRow(row.message, row.written_at, published=True))
            published += 1
        return published
