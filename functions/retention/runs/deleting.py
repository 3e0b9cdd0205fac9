"""Deletes the objects of a page, marks their rows, and counts.

One transaction leaves the page behind and records what is going to be deleted; the objects
go; another says what came of it. Wherever a worker dies, the next one finds in the database
what it has to finish.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby

from sqlalchemy.orm import Session

from functions.retention.concurrently import OutOfTimeError, TimedPool
from functions.retention.policies.base import Found, Page, Policy
from functions.retention.runs import runs
from functions.retention.runs.planned import (
    PlannedDeletion,
    record_planned,
    unconcluded,
    write_unknown,
)
from functions.retention.runs.runs import RunLease
from shared.deletion.audit import DELETED, LEFT, Conclusion, conclude, refused
from shared.fault_points import reach
from shared.log import log
from shared.models import RetentionRun
from shared.redaction.exception_text import reason_of
from shared.runtime import Runtime

Move = Callable[[RetentionRun], None]
"""Puts a run where it continues after a page."""


def plan_deletions(
    rt: Runtime, lease: RunLease, policy: Policy, page: Page, move: Move
) -> list[PlannedDeletion]:
    """Count a page; unless it is a dry run, record what of it is going to be deleted.

    Raises LeaseLostError.
    """

    def plan(session: Session) -> list[PlannedDeletion]:
        planned = []
        run = runs.hold(rt, session, lease)
        due = policy.still_due(rt, session, lease.terms, page.found)
        there = [each for each in due if each.there]
        counts = runs.counts_of(run).of(
            policy.name,
            due=len(there),
            due_bytes=sum(each.size for each in there),
            already_gone=len(due) - len(there),
            unknown=len(page.unknown),
        )
        if not lease.dry_run:
            planned = record_planned(rt, session, lease, policy.name, due)
            write_unknown(rt, session, lease, policy.name, page.unknown)
            _forget_gone(rt, session, policy, page, {each for each in due if not each.there})
        runs.set_counts(run, counts)
        move(run)
        return planned

    planned = rt.transact(plan)
    reach("retention.intended", lease.run_id)
    return planned


def _forget_gone(
    rt: Runtime, session: Session, policy: Policy, page: Page, gone: set[Found]
) -> None:
    """Where the bucket has nothing, the rows need not wait for it."""
    waits = {each.lecture_id for each in page.found if each not in gone}
    waits |= {each.lecture_id for each in page.unknown}
    policy.forget(rt, session, {each.name for each in gone}, page.lectures - waits)


def delete(
    rt: Runtime,
    lease: RunLease,
    policies: Mapping[str, Policy],
    planned: Sequence[PlannedDeletion],
    pool: TimedPool,
) -> None:
    """Delete what was recorded, and record how that went.

    Raises OutOfTimeError once it has recorded as much as there was time for, LeaseLostError.
    """
    outcomes = pool.begun(partial(_delete_one, rt), planned)
    reach("retention.deleted", lease.run_id)
    _record(rt, lease, policies, dict(zip(planned, outcomes, strict=True)))
    if None in outcomes:
        raise OutOfTimeError


def finish(rt: Runtime, lease: RunLease, policies: Mapping[str, Policy], pool: TimedPool) -> None:
    """Conclude the entries of a dead worker, which recorded more or less than it deleted.

    Raises as `delete`, and TransientError if the bucket does not answer.
    """
    begun = unconcluded(rt, lease)
    due = set()
    for name, planned in _by_policy(begun):
        with rt.database.reading() as session:
            found = policies[name].still_due(
                rt, session, lease.terms, [each.found for each in planned]
            )
        due |= {(name, each.name, each.generation) for each in found}
    wanted = [
        each for each in begun if (each.policy, each.found.name, each.found.generation) in due
    ]
    unwanted = set(begun) - set(wanted)
    _record(rt, lease, policies, {each: _look_at(rt, each) for each in unwanted})
    delete(rt, lease, policies, wanted, pool)


def _delete_one(rt: Runtime, intent: PlannedDeletion) -> Conclusion:
    try:
        # It was there when it was recorded. If it is not now, then the answer to deleting
        # it was lost, or the worker died before it recorded the deletion.
        rt.store.delete(intent.found.name, generation=intent.found.generation)
    except Exception as error:
        log.warning("retention.refused", policy=intent.policy, reason=reason_of(error))
        return refused(reason_of(error))
    return DELETED


def _look_at(rt: Runtime, intent: PlannedDeletion) -> Conclusion:
    """What has become of an object that must not be deleted any more."""
    stored = rt.store.stat(intent.found.name)
    there = stored is not None and stored.generation == intent.found.generation
    return LEFT if there else DELETED


def _record(
    rt: Runtime,
    lease: RunLease,
    policies: Mapping[str, Policy],
    outcomes: Mapping[PlannedDeletion, Conclusion | None],
) -> None:
    """None for what was not tried."""
    if not outcomes:
        return
    untried = {each.found.lecture_id for each, outcome in outcomes.items() if outcome is None}
    known = {each: outcome for each, outcome in outcomes.items() if outcome is not None}

    def record(session: Session) -> None:
        run = runs.hold(rt, session, lease)
        counts = runs.counts_of(run)
        conclude(session, {each.id: outcome for each, outcome in known.items()})
        for name, planned in _by_policy(known):
            deleted = [each.found for each in planned if known[each] == DELETED]
            left = [each.found for each in planned if known[each] == LEFT]
            counts = counts.of(
                name,
                deleted=len(deleted),
                deleted_bytes=sum(each.size for each in deleted),
                left=len(left),
                refused=len(planned) - len(deleted) - len(left),
            )
            waits = untried | {each.lecture_id for each in left}
            done = {each.found.lecture_id for each in planned} - waits
            policies[name].forget(
                rt,
                session,
                {each.name for each in deleted},
                {each for each in done if each is not None},
            )
        runs.set_counts(run, counts)

    rt.transact(record)


def _by_policy(planned: Iterable[PlannedDeletion]) -> list[tuple[str, list[PlannedDeletion]]]:
    ordered = sorted(planned, key=lambda each: each.policy)
    return [(name, list(some)) for name, some in groupby(ordered, lambda each: each.policy)]
