"""The sweep: everything a crash at the wrong moment can leave undone is done here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from functions.retention.expiry import continue_unfinished
from functions.retention.repairs.jobs import recover_jobs, wake_forgotten_jobs
from functions.retention.repairs.lectures import move_stuck_lectures
from functions.retention.repairs.purges import run_purges
from functions.retention.repairs.segments import recover_segments, resend_lost_tasks
from functions.retention.repairs.stray_uploads import find_stray_uploads
from functions.retention.repairs.uploads import find_missed_uploads
from shared.log import log
from shared.outcomes import DONE, Ending, Outcome
from shared.retry import Failure
from shared.runtime import Runtime


@dataclass(frozen=True)
class Repair:
    name: str
    run: Callable[[Runtime], int]
    """Returns how much there was to mend."""


def sweep(rt: Runtime) -> Outcome:
    """Run every repair; one that fails does not stop the others."""
    failed = None
    for repair in REPAIRS:
        try:
            mended = repair.run(rt)
        except Exception as error:
            failed = Failure.of(error)
            log.exception("sweep.repair_failed", repair=repair.name)
            continue
        if mended:
            log.warning("sweep.repaired", repair=repair.name, count=mended)
    return Outcome(Ending.RETRY, failed) if failed else DONE


def publish_unsent(rt: Runtime) -> int:
    """Messages whose writer died, or could not send, after its commit."""
    return rt.outbox.sweep(older_than=timedelta(seconds=rt.settings.plc_outbox_grace_sec))


REPAIRS = (
    Repair("outbox", publish_unsent),
    Repair("jobs", recover_jobs),
    Repair("segments", recover_segments),
    Repair("lost_tasks", resend_lost_tasks),
    Repair("forgotten_jobs", wake_forgotten_jobs),
    Repair("stuck_lectures", move_stuck_lectures),
    Repair("missed_uploads", find_missed_uploads),
    Repair("stray_uploads", find_stray_uploads),
    Repair("purges", run_purges),
    Repair("retention", continue_unfinished),
)
