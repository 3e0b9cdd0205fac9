"""The whole product in two small storms: `make chaos` runs the big one."""

import os
from pathlib import Path

import pytest

from tests.chaos.plan import Plan
from tests.chaos.run import Run

LECTURES = int(os.environ.get("CHAOS_LECTURES", "12"))
SEED = int(os.environ.get("CHAOS_SEED", "20"))

FAMILIES = {"message", "task", "storage", "point", "model", "machine", "phone"}

STORM = Plan(SEED, LECTURES, phones=LECTURES, recordings=4, deleted_every=4)
GUST = Plan(
    SEED,
    lectures=4,
    phones=4,
    recordings=1,
    machines={"killed": 4.0, "database_crashed": 15.0},
    sent_again=0.5,
    deleted_every=None,
    deleted_courses=0,
)


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(GUST, id="short", marks=pytest.mark.slow),
        pytest.param(STORM, id="long", marks=pytest.mark.selection),
    ],
)
def test_a_storm_loses_nothing_doubles_nothing_and_leaves_nothing_under_way(
    plan: Plan, tmp_path: Path
) -> None:
    report = Run(plan, tmp_path).run()

    print(report.as_markdown())
    assert list(report.wrong) == []
    assert report.accepted == report.lectures == plan.lectures + plan.recordings
    assert report.completed + report.deleted + sum(report.failures.values()) == report.accepted
    assert report.failures_after_replay == {}
    # It was a storm.
    assert {kind.partition(".")[0] for kind in report.faults} == FAMILIES
    assert sum(report.faults.values()) > 10 * plan.lectures
