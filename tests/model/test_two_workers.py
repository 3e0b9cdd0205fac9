"""Whatever processes do to one job at the same moment, it is as if they had taken turns.

`MODEL_EXAMPLES=1000` tries as many crowds, and every pair; the default keeps CI short.
"""

import os
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.models import LIVE
from shared.runtime import Runtime
from tests.model.comparison.concurrency import Answers, all_at_once, one_after_the_other, queued_up
from tests.model.comparison.mutants import LooksBeforeItWrites
from tests.model.comparison.scenarios import SCENES, Act, Scene, World
from tests.model.product.operations import Product
from tests.model.reference.observed_state import ObservedState
from tests.model.reference.sweep import SweptReference
from tests.support.clock import START, HeldClock
from tests.support.lectures.builders import changed

CROWDS = int(os.environ.get("MODEL_EXAMPLES", "40"))
PAIRS = 6 if "MODEL_EXAMPLES" not in os.environ else None
"""About as many of each scene; None for all of them."""

KNOWN = [
    (SCENES["a_worker_is_replaced"], ["A completes", "B completes"]),
    (SCENES["a_worker_is_replaced"], ["A completes", "B gives up"]),
    (SCENES["a_worker_is_replaced"], ["A gives up", "B gives up"]),
    (SCENES["a_worker_is_silent"], ["A completes", "C claims"]),
    (SCENES["a_worker_is_silent"], ["A completes", "the sweep recovers"]),
    (SCENES["a_worker_is_silent"], ["A completes", "the owner cancels"]),
    (SCENES["a_worker_is_silent"], ["the sweep recovers", "another sweep recovers"]),
    (SCENES["the_last_attempt_is_silent"], ["A completes", "the sweep recovers"]),
    (SCENES["a_lecture_is_being_cut"], ["the cutter hands over", "A completes"]),
    (SCENES["all_stages_are_at_work"], ["the cutter completes", "G completes", "E completes"]),
    (SCENES["all_stages_are_at_work"], ["the cutter completes", "G gives up", "E gives up"]),
    (SCENES["a_part_is_at_work"], ["A completes", "G completes"]),
    (SCENES["a_part_is_at_work"], ["A gives up", "G completes", "a correction comes"]),
    (SCENES["two_segments_are_left"], ["A completes", "B completes"]),
    (SCENES["two_segments_are_silent"], ["A completes", "B completes", "the sweep recovers"]),
]
"""Those that one thinks of first; the rest is left to chance."""


def race(
    runtime: Runtime,
    clock: HeldClock,
    scene: Scene,
    acts: Sequence[Act],
    *,
    queue: bool,
    **broken: Any,
) -> tuple[Answers, ObservedState]:
    """Have it happen, and require that it could have happened in turn."""
    rt = changed(runtime, plc_job_max_attempts=3, plc_segment_max_attempts=2)
    clock.now = START
    product = Product(rt, lectures=1, **broken)
    world = World(product, SweptReference(rt.settings, clock, lectures=1), clock)
    scene.prepare(world)

    heard = queued_up(product, scene.job, acts) if queue else all_at_once(product, acts)

    seen = product.observed_state()
    assert any(each == (heard, seen) for each in one_after_the_other(world.reference, acts)), (
        f"no order of turns leads to {heard} and {seen.jobs}, {seen.segments}"
    )
    return heard, seen


def check_one_winner(heard: Answers, seen: ObservedState) -> None:
    """Said once more, without the reference."""
    for job in seen.jobs.values():
        assert job.endings == ([] if job.status in LIVE else [job.status])
    ended = [_worker(who) for who, each in heard.items() if _worker(who) and each is None]
    results = [job.result_of for job in seen.jobs.values() if job.result_of is not None]
    assert sorted(results) == sorted(ended)
    merges = [who for who, each in heard.items() if _worker(who) and each is True]
    assert len(merges) <= 1


def _worker(who: str) -> str:
    """A worker that completes its work; of a segment it learns whether to merge."""
    return who.removesuffix(" completes") if who.endswith(" completes") else ""


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Scene, list[Act]]:
    scene = draw(st.sampled_from(list(SCENES.values())))
    acts = st.lists(st.sampled_from(scene.acts), min_size=3, max_size=4, unique_by=_who)
    return scene, draw(acts)


def _who(act: Act) -> str:
    return act.who


@pytest.mark.slow
@settings(
    max_examples=CROWDS,
    derandomize="MODEL_EXAMPLES" not in os.environ,
    database=None,
    # The database is emptied for each.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(crowd=crowds(), queue=st.booleans())
def test_what_is_done_at_once_could_have_been_done_in_turn(
    runtime: Runtime, clock: HeldClock, crowd: tuple[Scene, list[Act]], queue: bool
) -> None:
    scene, acts = crowd
    check_one_winner(*race(runtime, clock, scene, acts, queue=queue))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("scene", SCENES.values(), ids=str)
def test_of_any_two_the_second_finds_what_the_first_has_done(
    runtime: Runtime, clock: HeldClock, scene: Scene
) -> None:
    pairs = list(permutations(scene.acts, 2))
    some = pairs if PAIRS is None else pairs[:: len(pairs) // PAIRS]

    for pair in some:
        check_one_winner(*race(runtime, clock, scene, pair, queue=True))


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("scene", "who"), KNOWN, ids=str)
def test_one_wins(runtime: Runtime, clock: HeldClock, scene: Scene, who: list[str]) -> None:
    acts = [scene.act(each) for each in who]

    for order in (acts, acts[::-1]):
        for queue in (True, False, False):
            check_one_winner(*race(runtime, clock, scene, order, queue=queue))


@pytest.mark.parametrize("rival", ["the owner cancels", "C claims"])
def test_a_worker_that_looks_before_it_writes_is_found_out(
    runtime: Runtime, clock: HeldClock, rival: str
) -> None:
    scene = SCENES["a_worker_is_silent"]
    completes = scene.act("A completes")
    race(runtime, clock, scene, [completes], queue=True, jobs=LooksBeforeItWrites)

    with pytest.raises(AssertionError, match="no order of turns"):
        race(
            runtime,
            clock,
            scene,
            [scene.act(rival), completes],
            queue=True,
            jobs=LooksBeforeItWrites,
        )
