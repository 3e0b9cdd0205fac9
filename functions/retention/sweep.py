"""The sweep: completes everything that a crash can leave unfinished."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from functions.retention.repairs.accounts import (
    continue_account_deletions,
    end_account_exports,
    make_account_exports,
)
from functions.retention.repairs.cuts import purge_cuts
from functions.retention.repairs.export_names import move_export_names
from functions.retention.repairs.failures import (
    AS_A_WHOLE,
    RowsFailedError,
    clear,
    note,
    repairs_that_failed,
)
from functions.retention.repairs.jobs import recover_jobs, wake_forgotten_jobs
from functions.retention.repairs.kept_objects import end_kept_objects
from functions.retention.repairs.lectures import move_stuck_lectures
from functions.retention.repairs.purges import run_purges
from functions.retention.repairs.registrations import recover_registrations
from functions.retention.repairs.segments import recover_segments, resend_lost_tasks
from functions.retention.repairs.unregistered_uploads import find_unregistered_uploads
from functions.retention.repairs.uploads import find_missed_uploads
from functions.retention.runs.expiry import continue_unfinished
from shared.errors import TransientError
from shared.log import log
from shared.redaction.exception_text import reason_of
from shared.runtime import Runtime
from shared.work.retry import Failure
from shared.workers.outcomes import DONE, Ending, Outcome


@dataclass(frozen=True)
class Repair:
    name: str
    run: Callable[[Runtime], int]
    """Returns how much there was to mend."""


def sweep(rt: Runtime) -> Outcome:
    """Run every repair; one that fails does not stop the others.

    One that fails in run after run is recorded as a dead letter.
    """
    failed = None
    failing = repairs_that_failed(rt)
    for repair in REPAIRS:
        try:
            mended = repair.run(rt)
        except (RowsFailedError, TransientError) as error:
            # The rows have been recorded; what is unavailable will be back.
            failed = Failure.of(error)
            log.warning("sweep.repair_failed", repair=repair.name, reason=reason_of(error))
            continue
        except Exception as error:
            failed = Failure.of(error)
            log.exception("sweep.repair_failed", repair=repair.name)
            _note(rt, repair, error)
            continue
        if repair.name in failing:
            clear(rt, repair.name, AS_A_WHOLE)
        if mended:
            log.warning("sweep.repaired", repair=repair.name, count=mended)
    return Outcome(Ending.RETRY, failed) if failed else DONE


def _note(rt: Runtime, repair: Repair, error: Exception) -> None:
    try:
        note(rt, repair.name, AS_A_WHOLE, error)
    except Exception:
        # The repairs that follow need not be unable to do anything.
        log.exception("sweep.failure_not_recorded", repair=repair.name)


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
    Repair("registrations", recover_registrations),
    Repair("missed_uploads", find_missed_uploads),
    Repair("unregistered_uploads", find_unregistered_uploads),
    Repair("purges", run_purges),
    Repair("cuts", purge_cuts),
    Repair("account_deletions", continue_account_deletions),
    Repair("account_exports", end_account_exports),
    Repair("export_names", move_export_names),
    Repair("kept_objects", end_kept_objects),
    Repair("retention", continue_unfinished),
    # Last, as it may take longest.
    Repair("account_parts", make_account_exports),
)
