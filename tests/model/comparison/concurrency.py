"""Acts at the same moment: let go together, or one behind the other at the row's lock."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import select, text

from shared.database.connections import Database
from shared.models import Job
from tests.model.comparison.operations import answer
from tests.model.comparison.scenarios import Act
from tests.model.product.operations import Product
from tests.model.reference.observed_state import JobName, ObservedState
from tests.model.reference.sweep import SweptReference
from tests.support.processes.threads import PATIENCE_SEC, at_once
from tests.support.processes.waiting import wait_until

Answers = Mapping[str, object]
"""What each heard, by who they are."""


def all_at_once(product: Product, acts: Sequence[Act]) -> Answers:
    heard = at_once(lambda act: answer(act.do, product), acts)
    return {act.who: each for act, each in zip(acts, heard, strict=True)}


def queued_up(product: Product, job: JobName, acts: Sequence[Act]) -> Answers:
    """All have begun, and wait for the job's row in this order, before the first may have it.

    A transaction that needs no lock of that row ends before.
    """
    database = product.rt.database
    futures: list[Future[object]] = []

    def next_in_line() -> bool:
        under_way = [future for future in futures if not future.done()]
        return _waiting(database) == len(under_way)

    with ThreadPoolExecutor(len(acts)) as pool, database.unit_of_work() as session:
        session.execute(select(Job.id).where(Job.id == product.id(job)).with_for_update())
        for act in acts:
            futures.append(pool.submit(answer, act.do, product))
            wait_until(next_in_line, timeout_sec=PATIENCE_SEC, what=f"{act.who} at the lock")
        session.commit()
        heard = [future.result(PATIENCE_SEC) for future in futures]
    return {act.who: each for act, each in zip(acts, heard, strict=True)}


def one_after_the_other(
    reference: SweptReference, acts: Sequence[Act]
) -> Iterator[tuple[Answers, ObservedState]]:
    """What may be heard and be seen afterwards, in each order in which they can come."""
    for passed_over in _subsets([act for act in acts if act.may_pass_over]):
        steps = [step for act in acts if act not in passed_over for step in _steps(act)]
        for order in itertools.permutations(steps):
            world = reference.twin()
            told: dict[str, list[Any]] = {act.who: [] for act in acts}
            for who, step in order:
                told[who].append(step(world))
            yield {act.who: _said(act, told[act.who]) for act in acts}, world.observed_state()


def _steps(act: Act) -> list[tuple[str, Callable[[SweptReference], object]]]:
    """Transactions, between which others may come."""
    if act.parts:
        return [(act.who, part) for part in act.parts]
    return [(act.who, lambda world: answer(act.do, world))]


def _said(act: Act, told: Sequence[Any]) -> object:
    """What is passed over, or consists of parts, is counted."""
    return told[0] if told and not act.parts else sum(told)


def _subsets(acts: Sequence[Act]) -> Iterator[tuple[Act, ...]]:
    return itertools.chain.from_iterable(
        itertools.combinations(acts, size) for size in range(len(acts) + 1)
    )


def _waiting(database: Database) -> int:
    """How many connections to this database wait for a row that another one holds."""
    with database.engine.connect() as connection:
        waiting: int = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        ).scalar_one()
    return waiting
