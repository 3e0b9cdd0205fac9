"""The job protocol does what its reference says, whatever happens, in whatever order.

`MODEL_EXAMPLES=1000` tries as many histories, other ones each time; the default keeps CI
short and the same.
"""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.runtime import Runtime
from tests.model.comparison.mutants import (
    ClaimsOverOthers,
    CompletesForAnyone,
    ForgetsNewInput,
    LeavesTheJoinToNobody,
)
from tests.model.comparison.state_machine import LECTURES, JobProtocol
from tests.model.product.operations import Product
from tests.model.reference.observed_state import Repair
from tests.model.reference.sweep import SweptReference
from tests.support.clock import START, HeldClock
from tests.support.lectures.builders import changed

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "40"))
A_FEW = 12
UNTIL_FOUND = 200
"""Histories at most in which a broken product must be caught."""


def histories(
    count: int, *, steps: int = 50, same_each_time: bool = True, **others: Any
) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=steps,
        derandomize=same_each_time,
        database=None,
        # Each history goes through a real database, and a rule waits for what it needs.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        **others,
    )


def until_found(*, steps: int = 50) -> settings:
    """Finding is enough; making the history short is for people."""
    return histories(UNTIL_FOUND, steps=steps, phases=[Phase.generate], report_multiple_bugs=False)


def try_histories(
    runtime: Runtime,
    clock: HeldClock,
    how: settings,
    *,
    last_sweep: Sequence[Repair] | None = tuple(Repair),
    **broken: Any,
) -> None:
    """Few attempts, so that many histories use them up."""
    rt = changed(runtime, plc_job_max_attempts=3, plc_segment_max_attempts=2)

    class Protocol(JobProtocol):
        def __init__(self) -> None:
            clock.now = START
            product = Product(rt, lectures=LECTURES, **broken)
            super().__init__(product, SweptReference(rt.settings, clock, lectures=LECTURES), clock)

    Protocol.last_sweep = last_sweep
    run_state_machine_as_test(Protocol, settings=how)


@pytest.mark.parametrize("examples", [A_FEW, pytest.param(EXAMPLES, marks=pytest.mark.selection)])
def test_the_product_does_what_the_reference_says_and_every_job_comes_to_an_end(
    runtime: Runtime, clock: HeldClock, examples: int
) -> None:
    how = histories(examples, same_each_time="MODEL_EXAMPLES" not in os.environ)

    try_histories(runtime, clock, how)


@pytest.mark.parametrize(
    "broken",
    [
        {"jobs": CompletesForAnyone},
        {"jobs": ClaimsOverOthers},
        # These are found after many more histories.
        pytest.param({"jobs": ForgetsNewInput}, marks=pytest.mark.slow),
        pytest.param({"segments": LeavesTheJoinToNobody}, marks=pytest.mark.slow),
    ],
    ids=lambda broken: next(iter(broken.values())).__name__,
)
def test_a_product_that_is_broken_is_found_out(
    runtime: Runtime, clock: HeldClock, broken: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError, match="should"):
        try_histories(runtime, clock, until_found(), last_sweep=None, **broken)


@pytest.mark.slow
@pytest.mark.parametrize("missing", [Repair.JOBS, Repair.SEGMENTS, Repair.FORGOTTEN_JOBS])
def test_without_any_one_of_these_repairs_some_job_never_ends(
    runtime: Runtime, clock: HeldClock, missing: Repair
) -> None:
    others = [repair for repair in Repair if repair != missing]

    with pytest.raises(AssertionError, match="nothing brings"):
        try_histories(runtime, clock, until_found(steps=15), last_sweep=others)
