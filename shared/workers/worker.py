"""Running claimed work: under a heartbeat, with its end recorded whatever happens."""

import uuid
from collections.abc import Callable
from typing import TypeVar

from shared.errors import LeaseLostError
from shared.fault_points import reach
from shared.log import bind, log
from shared.models import JobType, WorkStatus
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import DONE, DUPLICATE, Ending, Outcome

BEATS_PER_LEASE = 3
"""Two renewals may go astray before a working worker is taken for dead."""

L = TypeVar("L")


def run_job(
    runtime: Runtime,
    job_id: uuid.UUID,
    type: JobType,
    work: Callable[[Lease, Heartbeat], None],
) -> Outcome:
    """Claim the job a message names and do it, unless there is nothing to do.

    `work` commits its result itself, with `Jobs.complete` in the same transaction.
    """
    bind(job=str(job_id), stage=type.value)
    lease = runtime.jobs.claim(job_id, type)
    if lease is None:
        log.info("job.not_claimed")
        return DUPLICATE
    bind(lecture=str(lease.lecture_id), attempt=lease.attempt)
    log.info("job.claimed")
    reach("job.claimed", job_id)
    return work_under_lease(runtime, lease, work, renew=runtime.jobs.renew, fail=runtime.jobs.fail)


def work_under_lease(
    runtime: Runtime,
    lease: L,
    work: Callable[[L, Heartbeat], None],
    *,
    renew: Callable[[L], bool],
    fail: Callable[[L, Failure], WorkStatus],
) -> Outcome:
    """Do claimed work; an error becomes a recorded failure or another attempt."""
    try:
        with Heartbeat(
            lambda: renew(lease), interval_sec=runtime.settings.plc_lease_sec / BEATS_PER_LEASE
        ) as heartbeat:
            work(lease, heartbeat)
    except LeaseLostError:
        log.warning("lease.lost")
        return DUPLICATE
    except Exception as error:
        failure = Failure.of(error)
        log.warning(
            "work.failed",
            code=failure.code,
            permanent=failure.permanent,
            exc_info=not failure.permanent,
        )
        return _after(lease, failure, fail)
    return DONE


def _after(lease: L, failure: Failure, fail: Callable[[L, Failure], WorkStatus]) -> Outcome:
    try:
        status = fail(lease, failure)
    except LeaseLostError:
        log.warning("lease.lost")
        return DUPLICATE
    if status == WorkStatus.FAILED:
        return Outcome(Ending.FAILED, failure)
    return Outcome(Ending.RETRY, failure)
