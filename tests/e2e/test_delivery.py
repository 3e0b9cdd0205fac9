"""Messages come twice, late, out of order, and their answers get lost; the lecture does not."""

import pytest

from scripts.local.delivery.faults import (
    Always,
    Delay,
    DeliveryFaults,
    DropResponse,
    Duplicate,
    ReverseOrder,
    When,
)
from tests.support.processes.running_stack import RunningStack
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip
from tests.support.tiers import slow_but

FAULTS: dict[str, DeliveryFaults] = {
    "twice-at-once": Always(Duplicate()),
    "again-much-later": Always(Duplicate(after_seconds=4)),
    "late": When(lambda delivery: delivery.attempt == 1, Delay(1.5)),
    "reversed": ReverseOrder(batch=2, at_most_seconds=1),
    "answer-lost": When(lambda delivery: delivery.attempt == 1, DropResponse()),
}


QUICK = {"twice-at-once", "answer-lost"}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", slow_but(QUICK, FAULTS))
def test_every_stage_bears_messages_that_come(pegasus: RunningStack, name: str) -> None:
    pegasus.faults.policy = FAULTS[name]

    lecture = pegasus.hand_in(clip("economics", seconds=50), lecture=f"economics-{name}")
    end = pegasus.ended(lecture)

    assert end["overallStatus"] == "completed", end
    # Duplicates that are still on their way must find nothing to do either.
    pegasus.faults.policy = None
    wait_until(pegasus.nothing_unsent, timeout_sec=20, what="the outbox")
    pegasus.check_whole(lecture)
    assert {job.attempt for job in pegasus.jobs(lecture)} == {1}
    assert {segment.attempt for segment in pegasus.segments(lecture)} == {1}


def test_a_lost_notification_is_made_up_for_by_the_sweep(pegasus: RunningStack) -> None:
    # The bucket's word never reaches the function: it hangs until long after the test.
    pegasus.faults.policy = When(
        lambda delivery: (
            delivery.channel == "uploads-push" and "notificationConfig" in delivery.attributes
        ),
        Delay(3600),
    )

    lecture = pegasus.hand_in(clip("economics", seconds=20), lecture="unnoticed")

    assert pegasus.ended(lecture)["overallStatus"] == "completed"
    pegasus.check_whole(lecture)
