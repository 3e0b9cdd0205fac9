"""Each safeguard is needed: without it, the suite finds something.

Every run meets the faults that the missing safeguard is there for, and the first one meets
them all with nothing missing.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.plan import Plan
from tests.chaos.report import Report
from tests.chaos.run import Run

QUIET = Plan(
    seed=20,
    lectures=5,
    phones=5,
    recordings=1,
    chances={},
    machines={},
    sent_again=0,
    deleted_every=None,
    deleted_courses=0,
    patience_sec=12,
    # What is not done at once is not done before the test ends: a second net that catches
    # after minutes what the first has let through would hide that it did.
    environment={"PLC_FANOUT_LEASE_SEC": "600", "PLC_RESEND_AFTER_SEC": "600"},
)

DELETING = replace(
    QUIET, lectures=6, deleted_every=2, repeated=True, deleted_courses=1, patience_sec=90
)
"""One lecture is deleted in mid-work, one after a correction, and a course."""

SCENES: dict[str, tuple[Plan, str]] = {
    # Who is first at a segment stalls before handing its transcript in; the sweep takes that
    # for abandoned and gives it to others, who are done before the first goes on.
    "fencing": (
        replace(
            QUIET,
            phones=1,
            patience_sec=25,
            # One segment a lecture, so that one of the two workers is free for it. Work that
            # is taken away again and again is still done in the end.
            environment={
                "PLC_SEGMENT_TARGET_SEC": "60",
                "PLC_JOB_MAX_ATTEMPTS": "30",
                "PLC_SEGMENT_MAX_ATTEMPTS": "30",
            },
            chances={"point segment.stored": {"stall": 1.0}},
            machines={"clock_wrong": 1.0},
            victims=("retention-on-sweep",),
            clocks=(3,),
        ),
        "stale",
    ),
    "outbox": (replace(QUIET, chances={"point outbox.committed": {"die": 0.4}}), "stuck"),
    "lease-expiry": (replace(QUIET, chances={"point job.claimed": {"die": 0.6}}), "stuck"),
    "task-dedup": (replace(QUIET, chances={"point outbox.sent": {"die": 0.4}}), "doubled"),
    "generation-precondition": (replace(QUIET, sent_again=1.0), "differs"),
    "purges": (DELETING, "remains"),
    "repetitions": (DELETING, "remains"),
}

REST = [each for each in SCENES if each != "generation-precondition"]


def run(plan: Plan, home: Path) -> Report:
    report = Run(plan, home).run()
    print(report.as_markdown())
    assert sum(report.faults.values()) > 0
    return report


@pytest.mark.slow
def test_with_all_safeguards_these_faults_do_no_harm(tmp_path: Path) -> None:
    everything = replace(
        QUIET,
        chances={
            "point": {"wait": 0.5},
            "point outbox.committed": {"die": 0.2},
            "point job.claimed": {"die": 0.2},
            "point outbox.sent": {"die": 0.2},
            "point segment.stored": {"stall": 0.5},
        },
        machines={"clock_wrong": 3.0},
        victims=("retention-on-sweep",),
        clocks=(3,),
        sent_again=1.0,
        patience_sec=60,
        environment={"PLC_JOB_MAX_ATTEMPTS": "30", "PLC_SEGMENT_MAX_ATTEMPTS": "30"},
    )

    report = run(everything, tmp_path)

    assert list(report.wrong) == []


@pytest.mark.slow
def test_of_what_is_deleted_in_calm_weather_nothing_remains(tmp_path: Path) -> None:
    report = run(DELETING, tmp_path)

    assert list(report.wrong) == []
    assert report.deleted == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "safeguard",
    [
        "generation-precondition",
        *(pytest.param(each, marks=pytest.mark.slow) for each in REST),
    ],
)
def test_without_a_safeguard_the_suite_fails(safeguard: str, tmp_path: Path) -> None:
    plan, finding = SCENES[safeguard]

    report = run(replace(plan, without=safeguard), tmp_path)

    assert report.count(finding)
