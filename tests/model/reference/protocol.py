"""The job protocol, said as simply as it can be said. Read this to learn it.

Plain values and no database: every operation happens at once and whole, and messages are
rows in a list. What the product does is compared with this, step by step in
test_job_protocol and at the same moment in test_two_workers.

A job is queued, then running, and ends once. The worker that claims it holds a lease: only its
holder may write about it, and once the lease has run out anybody may claim it. A
transcription has segments with leases of their own. What the sweep mends is in
reference_sweep.
"""

from shared.errors import CancelledError, DeliveryExhaustedError, PegasusError
from shared.models import LIVE, JobType, LectureStatus, WorkStatus
from shared.work.retry import Failure
from shared.workers.outcomes import Ending
from tests.model.comparison.operations import work
from tests.model.reference.observed_state import (
    FANOUT,
    JobName,
    JobRow,
    LectureRow,
    SegmentName,
    SegmentRow,
    Worker,
)
from tests.model.reference.rows import ReferenceRows

QUEUED, RUNNING = WorkStatus.QUEUED, WorkStatus.RUNNING
SUCCEEDED, FAILED = WorkStatus.SUCCEEDED, WorkStatus.FAILED
NEXT = {JobType.TRANSCRIPTION: JobType.GENERATION, JobType.GENERATION: JobType.EXPORT}


class Reference(ReferenceRows):
    # --- asking for work --------------------------------------------------------

    def enqueue(
        self, lecture: int, type: JobType, *, new_input: bool, part: bool = False
    ) -> tuple[JobName, bool]:
        job, found = self._enqueue(lecture, type, new_input=new_input, part=part)
        self._send()
        return job, found

    def _enqueue(
        self,
        lecture: int,
        type: JobType,
        *,
        new_input: bool = False,
        part: bool = False,
        replays: JobName | None = None,
    ) -> tuple[JobName, bool]:
        """A lecture has one live job of a type: a second request finds it.

        One that runs may have read what has changed since, or do a part of what is asked for: it is
        done again at its end. A part becomes the whole when that is asked for.
        """
        live = self.live(lecture, type)
        if live is not None:
            row = self.jobs[live]
            widened = row.part and not part
            row.run_again = row.run_again or ((new_input or widened) and row.status == RUNNING)
            if widened:
                row.part = False
                self._resume(lecture)
            return live, True
        earlier = [job for job in self.jobs if (job.lecture, job.type) == (lecture, type)]
        job = JobName(lecture, type, len(earlier))
        now = self.clock()
        self.jobs[job] = JobRow(changed_at=now, replays=replays, part=part, history=[(QUEUED, now)])
        self._write(job)
        if not part:
            self._resume(lecture)
        return job, False

    def _resume(self, lecture: int) -> None:
        if self.lectures[lecture].status in (LectureStatus.COMPLETED, LectureStatus.FAILED):
            self.lectures[lecture] = LectureRow(LectureStatus.PROCESSING)

    def cancel(self, job: JobName) -> bool:
        """Its worker loses the lease; nothing is done again."""
        if self.jobs[job].status not in LIVE:
            return False
        self.jobs[job].run_again = False
        self._end_failed(job, Failure.of(CancelledError()))
        return True

    def replay(self, job: JobName) -> tuple[JobName, bool] | None:
        if self.jobs[job].status != FAILED:
            return None
        new, found = self._enqueue(job.lecture, job.type, part=self.jobs[job].part, replays=job)
        self._send()
        return new, found

    def exhaust_delivery(self, job: JobName) -> None:
        """No function could handle the job's message: the lecture fails with it."""
        if self.jobs[job].status == QUEUED:
            self._end_failed(job, Failure.of(DeliveryExhaustedError()))
        self._send()

    # --- working on a job -------------------------------------------------------

    def claim(self, job: JobName, worker: Worker) -> int | None:
        row = self.jobs[job]
        if row.attempt >= self.settings.plc_job_max_attempts or not self._is_free(row):
            return None
        row.attempt += 1
        row.resent = 0
        self._enter(row, RUNNING)
        self._lease(row, worker)
        self.claimed[worker] = job
        self.does_part[worker] = row.part
        if not row.part:
            self.lectures[job.lecture] = LectureRow(LectureStatus.PROCESSING)
        return row.attempt

    def renew(self, worker: Worker) -> bool:
        if not self.stands(worker):
            return False
        self._lease(self._held_job(worker)[1], worker)
        return True

    def report(self, worker: Worker, done: int) -> None:
        if self.stands(worker):
            self._held_job(worker)[1].progress = done

    def complete(self, worker: Worker) -> None:
        job, row = self._held_job(worker)
        self._enter(row, SUCCEEDED)
        row.result_of, row.error = worker, None
        if job.type in NEXT:
            self._enqueue(job.lecture, NEXT[job.type], new_input=True)
        elif not self.does_part.get(worker):
            self.lectures[job.lecture] = LectureRow(LectureStatus.COMPLETED)
        asked_for, row.part = row.part, self.does_part.get(worker, False)
        if row.run_again:
            self._enqueue(job.lecture, job.type, part=asked_for)
        self._send()

    def fail(self, worker: Worker, failure: Failure) -> WorkStatus:
        """Its message comes again, for the failure is answered: none is written. A job that is
        to be done once more has a new one."""
        job, row = self._held_job(worker)
        if failure.permanent or row.attempt >= self.settings.plc_job_max_attempts:
            self._end_failed(job, failure)
        else:
            self._enter(row, QUEUED, failure)
        self._send()
        return row.status

    def _end_failed(self, job: JobName, failure: Failure) -> None:
        """The lecture fails with it, unless its input has changed and is yet to be tried."""
        row = self.jobs[job]
        self._enter(row, FAILED, failure)
        if not row.part:
            self.lectures[job.lecture] = LectureRow(LectureStatus.FAILED, failure.code)
        if row.run_again:
            self._enqueue(job.lecture, job.type, part=row.part)

    # --- cutting a lecture ------------------------------------------------------

    def adopt(self, worker: Worker) -> int | None:
        """A replay takes over what the failed job had; what is done stays done."""
        job, row = self._held_job(worker)
        if row.replays is None:
            return row.segment_count
        for old in [s for s in self.segments if s.job == row.replays]:
            mine = SegmentName(job, old.index)
            if mine in self.segments:
                continue
            self.segments[mine] = SegmentRow(self.clock())
            if self.segments[old].status == SUCCEEDED:
                self.segments[mine].status = SUCCEEDED
                self.segments[mine].transcript_of = self.segments[old].transcript_of
            else:
                self._write(mine)
        self._send()
        return row.segment_count or self.jobs[row.replays].segment_count

    def known(self, worker: Worker) -> set[int]:
        return {s.index for s in self.segments if s.job == self.claimed[worker]}

    def add_segment(self, worker: Worker, index: int) -> None:
        """One that is recorded already is not recorded again, but gets another task."""
        job, _ = self._held_job(worker)
        self.segments.setdefault(SegmentName(job, index), SegmentRow(self.clock()))
        self._write(SegmentName(job, index))
        self._send()

    def forget_from(self, worker: Worker, index: int) -> None:
        job, _ = self._held_job(worker)
        for segment in [s for s in self.segments if s.job == job and s.index >= index]:
            del self.segments[segment]

    def hand_over(self, worker: Worker, count: int) -> bool:
        """The job belongs to its segments now, unless they are all done: then the cutter
        merges. A cutter that handed over has no say any more."""
        job, row = self._held_job(worker)
        row.segment_count = count
        if not self.unfinished(job):
            return True
        self._lease(row, FANOUT)
        return False

    # --- working on a segment ---------------------------------------------------

    def claim_segment(self, segment: SegmentName, worker: Worker) -> int | None:
        row = self.segments.get(segment)
        if (
            row is None
            or self.jobs[segment.job].status not in LIVE
            or row.attempt >= self.settings.plc_segment_max_attempts
            or not self._is_free(row)
        ):
            return None
        row.attempt += 1
        row.resent = 0
        self._settle(row, RUNNING)
        self._lease(row, worker)
        self.claimed[worker] = segment
        return row.attempt

    def renew_segment(self, worker: Worker) -> bool:
        if not self.stands(worker):
            return False
        self._lease(self._held_segment(worker)[1], worker)
        return True

    def complete_segment(self, worker: Worker, joiner: Worker) -> bool:
        """Counts whatever has become of the job. The last worker takes the job over, to
        merge; everybody else gives those that are left more time."""
        segment, row = self._held_segment(worker)
        self._settle(row, SUCCEEDED)
        row.transcript_of = worker
        job = self.jobs[segment.job]
        if job.status != RUNNING or not job.segment_count:
            return False
        if self.unfinished(segment.job):
            job.lease_until = self.clock() + self.settings.fanout_lease
            return False
        self._lease(job, joiner)
        self.claimed[joiner] = segment.job
        return True

    def fail_segment(self, worker: Worker, failure: Failure) -> WorkStatus:
        """For good, it takes the job with it."""
        segment, row = self._held_segment(worker)
        if failure.permanent or row.attempt >= self.settings.plc_segment_max_attempts:
            self._settle(row, FAILED, failure)
            if self.jobs[segment.job].status in LIVE:
                self._end_failed(segment.job, failure)
        else:
            self._settle(row, QUEUED, failure)
        self._send()
        return row.status

    # --- a worker's run, from claim to outcome ---------------------------------------------------

    def run(self, job: JobName, worker: Worker, mishap: PegasusError | None) -> Ending:
        if self.claim(job, worker) is None:
            return Ending.DUPLICATE
        try:
            work(self, job, worker, mishap)
        except PegasusError as error:
            return _answer(self.fail(worker, Failure.of(error)))
        return Ending.DONE

    def run_segment(
        self, segment: SegmentName, worker: Worker, joiner: Worker, mishap: PegasusError | None
    ) -> Ending:
        if self.claim_segment(segment, worker) is None:
            return Ending.DUPLICATE
        if mishap is not None:
            return _answer(self.fail_segment(worker, Failure.of(mishap)))
        if self.complete_segment(worker, joiner):
            self.complete(joiner)
        return Ending.DONE


def _answer(status: WorkStatus) -> Ending:
    return Ending.FAILED if status == FAILED else Ending.RETRY
