"""Deletion by age, and its report.

A run goes through its steps one after the other, page by page: the policies, then the rows
that are past their use. A run that died, or whose time was up, is continued by the next
worker, until its report is written. A dry run takes the same steps without deleting.
"""

from dataclasses import dataclass
from functools import partial

from functions.retention.concurrently import OutOfTimeError, TimedPool, timed_pool
from functions.retention.policies.base import Policy
from functions.retention.policies.expired_rows import BATCH as ROWS
from functions.retention.policies.expired_rows import USED, count_used, drop_used
from functions.retention.policies.material import MATERIAL
from functions.retention.policies.recordings import RECORDINGS
from functions.retention.policies.segments import SEGMENTS
from functions.retention.policies.transcripts import TRANSCRIPTS
from functions.retention.policies.unreferenced_objects import LEFTOVERS
from functions.retention.runs import runs
from functions.retention.runs.deleting import Move, delete, finish, plan_deletions
from functions.retention.runs.reports import RetentionReport, sign_off
from functions.retention.runs.runs import RunLease
from shared.errors import LeaseLostError, PegasusError
from shared.log import log
from shared.models import RetentionRun
from shared.redaction.exception_text import reason_of
from shared.runtime import Runtime
from shared.workers.outcomes import DONE, DUPLICATE, Outcome

TIME_BUDGET_SEC = 1500.0
"""Below the schedule's attempt deadline, so that an attempt ends in time to answer."""
SWEEP_BUDGET_SEC = 45.0
"""Of a sweep, which has other things to mend every minute."""

POLICIES: dict[str, Policy] = {
    policy.name: policy for policy in (RECORDINGS, TRANSCRIPTS, MATERIAL, SEGMENTS, *LEFTOVERS)
}
STEPS = (*POLICIES, *USED)
END = ""
"""The step of a run that has nothing left to do."""
FOLLOWING = dict(zip(STEPS, (*STEPS[1:], END), strict=True))


def expire(rt: Runtime, *, dry_run: bool = False, budget_sec: float = TIME_BUDGET_SEC) -> Outcome:
    """Begin a run, or continue with an unfinished one, until it is done or the time is up.

    The sweeps that follow do the rest. DUPLICATE if another worker holds the run.
    """
    _begin(rt, dry_run=dry_run)
    attempt = _go_on(rt, dry_run=dry_run, budget_sec=budget_sec)
    return DUPLICATE if attempt is None else DONE


def run_through(rt: Runtime, *, dry_run: bool = False) -> RetentionReport | None:
    """The same, until the run is done, without a time limit. None if another worker holds it."""
    _begin(rt, dry_run=dry_run)
    while attempt := _go_on(rt, dry_run=dry_run, budget_sec=TIME_BUDGET_SEC):
        if attempt.report is not None:
            return attempt.report
    return None


def continue_unfinished(rt: Runtime) -> int:
    """Continue for a while with what was left unfinished; how many runs that were."""
    attempts = [
        _go_on(rt, dry_run=dry_run, budget_sec=SWEEP_BUDGET_SEC) for dry_run in (False, True)
    ]
    return sum(attempt is not None for attempt in attempts)


@dataclass(frozen=True)
class Attempt:
    report: RetentionReport | None
    """None if there is more to do."""


def _begin(rt: Runtime, *, dry_run: bool) -> None:
    runs.begin(rt, dry_run=dry_run, first_step=STEPS[0])


def _go_on(rt: Runtime, *, dry_run: bool, budget_sec: float) -> Attempt | None:
    """Work on the unfinished run of this kind; None if there is none, or it is held."""
    lease = runs.take(rt, dry_run=dry_run)
    if lease is None:
        return None
    try:
        with timed_pool(budget_sec) as many:
            finish(rt, lease, POLICIES, many)
            while (place := runs.place(rt, lease)).step != END and not many.over:
                _do(rt, lease, place, many)
        if place.step == END:
            _end(rt, lease)
            return Attempt(sign_off(rt, lease))
    except OutOfTimeError:
        pass
    except LeaseLostError:
        log.warning("retention.taken_over", run=str(lease.run_id))
        return None
    except Exception:
        runs.let_go(rt, lease)
        raise
    log.info("retention.out_of_time", run=str(lease.run_id))
    runs.let_go(rt, lease)
    return Attempt(None)


def _do(rt: Runtime, lease: RunLease, place: runs.Place, pool: TimedPool) -> None:
    if place.step in USED:
        _drop_rows(rt, lease, place)
        return
    policy = POLICIES[place.step]
    try:
        page = policy.find(rt, lease.terms, place.reached, pool)
    except (LeaseLostError, OutOfTimeError):
        raise
    except Exception as error:
        # The other policies can do without it, and the report names it.
        if not isinstance(error, PegasusError):
            log.exception("retention.policy_failed", policy=policy.name)
        _skip(rt, lease, policy, reason_of(error))
        return
    move = _after(policy.name) if page.reached is None else partial(_move, reached=page.reached)
    planned = plan_deletions(rt, lease, policy, page, move)
    if planned:
        delete(rt, lease, POLICIES, planned, pool)


def _skip(rt: Runtime, lease: RunLease, policy: Policy, reason: str) -> None:
    log.error("retention.not_listed", policy=policy.name, reason=reason)
    with rt.transaction() as tx:
        run = runs.hold(rt, tx.session, lease)
        runs.set_counts(run, runs.counts_of(run).without(policy.name, reason))
        _after(policy.name)(run)
        tx.commit()


def _drop_rows(rt: Runtime, lease: RunLease, place: runs.Place) -> None:
    table = USED[place.step]
    with rt.transaction() as tx:
        run = runs.hold(rt, tx.session, lease)
        work = count_used if lease.dry_run else drop_used
        count = work(tx.session, table, lease.terms.as_of)
        runs.set_counts(run, runs.counts_of(run).with_rows(table.__tablename__, count))
        if lease.dry_run or count < ROWS:
            _after(place.step)(run)
        tx.commit()


def _end(rt: Runtime, lease: RunLease) -> None:
    """Count what had to stay."""
    with rt.transaction() as tx:
        run = runs.hold(rt, tx.session, lease)
        if run.ended_at is not None:
            return
        counts = runs.counts_of(run)
        for name, policy in POLICIES.items():
            if left := policy.left(tx.session, lease.terms):
                counts = counts.of(name, lectures_held=left.held, lectures_busy=left.busy)
        runs.set_counts(run, counts)
        run.ended_at = rt.clock()
        tx.commit()


def _move(run: RetentionRun, *, reached: str) -> None:
    run.reached = reached


def _after(step: str) -> Move:
    def move(run: RetentionRun) -> None:
        run.step = FOLLOWING[step]
        run.reached = ""

    return move
