"""The whole product in a storm of its own size: `make chaos` runs the big one."""

import os
from pathlib import Path

from tests.chaos.run import Plan, Run

LECTURES = int(os.environ.get("CHAOS_LECTURES", "12"))
SEED = int(os.environ.get("CHAOS_SEED", "20"))

FAMILIES = {"message", "task", "storage", "point", "model", "machine", "phone"}


def test_a_storm_loses_nothing_doubles_nothing_and_leaves_nothing_under_way(
    tmp_path: Path,
) -> None:
    report = Run(Plan(SEED, LECTURES, phones=LECTURES, recordings=4), tmp_path).run()

    print(report.as_markdown())
    assert list(report.wrong) == []
    assert report.accepted == report.lectures == LECTURES + 4
    assert report.completed + report.deleted + sum(report.failures.values()) == report.accepted
    assert report.failures_after_replay == {}
    # It was a storm.
    assert {kind.partition(".")[0] for kind in report.faults} == FAMILIES
    assert sum(report.faults.values()) > 10 * LECTURES
