"""What the sweep does, said as simply: everything that silence can mean.

There are workers enough here, so nothing waits because all of them are busy.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from shared.errors import WorkerLostError
from shared.models import LIVE, WorkStatus
from shared.work.retry import Failure
from tests.model.reference.observed_state import (
    FANOUT,
    JobRow,
    Repair,
    SegmentName,
    SegmentRow,
    Work,
)
from tests.model.reference.protocol import Reference

QUEUED, FAILED = WorkStatus.QUEUED, WorkStatus.FAILED


class SweptReference(Reference):
    def sweep(self, repair: Repair) -> int:
        repairs: dict[Repair, Callable[[], int]] = {
            Repair.OUTBOX: self._publish_unsent,
            Repair.JOBS: self._recover_jobs,
            Repair.SEGMENTS: lambda: self.recover_segments(sorted(self.silent_segments())),
            Repair.LOST_TASKS: self._resend_lost_tasks,
            Repair.FORGOTTEN_JOBS: self._wake_forgotten_jobs,
            # No lecture ever stands still between two stages.
            Repair.STUCK_LECTURES: lambda: 0,
        }
        return repairs[repair]()

    def _publish_unsent(self) -> int:
        old = self.clock() - timedelta(seconds=self.settings.plc_outbox_grace_sec)
        return self._deliver([r for r in self.outbox if not r.published and r.written_at <= old])

    def _recover_jobs(self) -> int:
        """A worker that fell silent has used up an attempt; a fan-out has not: its segments are
        looked after one by one."""
        silent = sorted(
            (job for job, row in self.jobs.items() if self._is_silent(row)),
            key=lambda job: self.jobs[job].lease_until or self.clock(),
        )
        for job in silent:
            row = self.jobs[job]
            if row.segment_count and self.unfinished(job):
                self._lease(row, FANOUT)
            elif row.attempt >= self.settings.plc_job_max_attempts:
                self._end_failed(job, Failure.of(WorkerLostError()))
            else:
                self._enter(row, QUEUED, Failure.of(WorkerLostError()))
                self._write(job)
            self._send_by_sweep()
        return len(silent)

    def silent_segments(self) -> set[SegmentName]:
        """Those of live jobs whose worker has fallen silent."""
        return {
            segment
            for segment, row in self.segments.items()
            if self._is_silent(row) and self.jobs[segment.job].status in LIVE
        }

    def recover_segments(self, order: Sequence[SegmentName]) -> int:
        """The same for segments, in any order; one that takes the job with it leaves those
        that follow where they are."""
        recovered = 0
        for segment in order:
            if segment not in self.silent_segments():
                continue
            row, lost = self.segments[segment], Failure.of(WorkerLostError())
            if row.attempt >= self.settings.plc_segment_max_attempts:
                self._settle(row, FAILED, lost)
                self._end_failed(segment.job, lost)
            else:
                self._settle(row, QUEUED, lost)
                self._write(segment)
            self._send_by_sweep()
            recovered += 1
        return recovered

    def _resend_lost_tasks(self) -> int:
        return sum(self.resend_lost_task(segment) for segment in sorted(self.segments))

    def resend_lost_task(self, segment: SegmentName) -> int:
        row = self.segments[segment]
        waits = row.status == QUEUED and self.jobs[segment.job].status in LIVE
        return self._write_again_of_old([segment] if waits else [])

    def _wake_forgotten_jobs(self) -> int:
        return self._write_again_of_old(j for j, row in self.jobs.items() if row.status == QUEUED)

    def _write_again_of_old(self, waiting: Iterable[Work]) -> int:
        """What waits although workers are free: its message is lost."""
        forgotten = [
            each for each in waiting if self.sent_again_at(self._row(each)) <= self.clock()
        ]
        for each in forgotten:
            self._write_again(each)
        self._send_by_sweep()
        return len(forgotten)

    def sent_again_at(self, row: JobRow | SegmentRow) -> datetime:
        """After twice as long each time; attempts count like times."""
        wait = timedelta(seconds=self.settings.plc_resend_after_sec) * (
            1 << (row.attempt + row.resent)
        )
        return row.changed_at + min(wait, self.settings.fanout_lease)

    def _write_again(self, work: Work) -> None:
        self._row(work).changed_at = self.clock()
        self._row(work).resent += 1
        self._write(work)
