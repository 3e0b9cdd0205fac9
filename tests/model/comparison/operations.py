"""Operations that reference and product both have, and a worker's run from claim to outcome.

Every operation is one step of one process. Those by a `worker` raise LeaseLostError if
its lease does not stand any more, as far as the product's do.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from shared.errors import LeaseLostError, PegasusError
from shared.models import JobType, WorkStatus
from shared.work.retry import Failure
from shared.workers.outcomes import Ending
from tests.model.reference.observed_state import (
    JobName,
    ObservedState,
    Post,
    Repair,
    SegmentName,
    Worker,
)

SEGMENTS = 2
"""Into how many segments a worker cuts a lecture that goes its way undisturbed."""


class Operations(Protocol):
    """Those of clients and workers."""

    post: Post

    def observed_state(self) -> ObservedState: ...

    # --- callers that ask for work --------------------------------------------------

    def enqueue(
        self, lecture: int, type: JobType, *, new_input: bool, part: bool = False
    ) -> tuple[JobName, bool]:
        """The job, and whether it was there already. `part`: an export of the transcript alone."""
        ...

    def cancel(self, job: JobName) -> bool:
        """False if it is over."""
        ...

    def replay(self, job: JobName) -> tuple[JobName, bool] | None:
        """As `enqueue`; None unless the job has failed."""
        ...

    def exhaust_delivery(self, job: JobName) -> None:
        """The subscription gives the job's message up."""
        ...

    # --- a job's worker ---------------------------------------------------------

    def claim(self, job: JobName, worker: Worker) -> int | None:
        """The attempt this is, None if there is nothing to do."""
        ...

    def renew(self, worker: Worker) -> bool: ...

    def report(self, worker: Worker, done: int) -> None: ...

    def complete(self, worker: Worker) -> None:
        """End the job and queue the next stage's."""
        ...

    def fail(self, worker: Worker, failure: Failure) -> WorkStatus: ...

    # --- a lecture's cutter -----------------------------------------------------

    def adopt(self, worker: Worker) -> int | None:
        """How many segments there are, None if the lecture is yet to be cut."""
        ...

    def known(self, worker: Worker) -> set[int]: ...

    def add_segment(self, worker: Worker, index: int) -> None: ...

    def forget_from(self, worker: Worker, index: int) -> None: ...

    def hand_over(self, worker: Worker, count: int) -> bool:
        """Whether the cutter keeps its lease, to merge."""
        ...

    # --- a segment's worker -----------------------------------------------------

    def claim_segment(self, segment: SegmentName, worker: Worker) -> int | None: ...

    def renew_segment(self, worker: Worker) -> bool: ...

    def complete_segment(self, worker: Worker, joiner: Worker) -> bool:
        """True for the worker that finished last: it holds the job now, as `joiner`."""
        ...

    def fail_segment(self, worker: Worker, failure: Failure) -> WorkStatus: ...

    # --- a worker's run, as shared.workers.worker --------------------

    def run(self, job: JobName, worker: Worker, mishap: PegasusError | None) -> Ending:
        """Claim and do it; `mishap` comes in the middle of the work."""
        ...

    def run_segment(
        self, segment: SegmentName, worker: Worker, joiner: Worker, mishap: PegasusError | None
    ) -> Ending: ...


class Side(Operations, Protocol):
    """The sweep's besides."""

    def sweep(self, repair: Repair) -> int:
        """Returns how much there was to mend."""
        ...


def work(side: Operations, job: JobName, worker: Worker, mishap: PegasusError | None) -> None:
    """What a stage does with a job it has claimed."""
    if job.type == JobType.TRANSCRIPTION:
        count = side.adopt(worker)
        if count is None:
            for index in sorted(set(range(SEGMENTS)) - side.known(worker)):
                side.add_segment(worker, index)
            count = max(SEGMENTS, len(side.known(worker)))
        meet(mishap)
        if not side.hand_over(worker, count):
            return
    meet(mishap)
    side.complete(worker)


def meet(mishap: PegasusError | None) -> None:
    if mishap is not None:
        raise mishap


LEASE_LOST = "the lease is lost"

S = TypeVar("S", bound=Side)


def answer(act: Callable[[S], object], side: S) -> object:
    try:
        return act(side)
    except LeaseLostError:
        return LEASE_LOST
