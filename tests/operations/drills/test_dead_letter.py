"""docs/runbooks/dead-letter-queue.md: a message that no function takes, and its work done again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.local.cloud import create_subscriptions
from shared.models import JobType, WorkStatus
from shared.topology import Topology
from tests.operations.drill_stack import DrillStack
from tests.support.sound.speech import clip

ATTEMPTS = 5
"""As few as Pub/Sub allows."""


@contextmanager
def generation_delivered_to_the_wrong_function(drilled: DrillStack) -> Iterator[None]:
    """As after an apply that was cut short."""
    options = drilled.running.stack.options
    create_subscriptions(options.ports, _misled(options.topology))
    try:
        yield
    finally:
        create_subscriptions(options.ports, options.topology)


def _misled(topology: Topology) -> Topology:
    generate = topology.subscriptions["generate-push"].model_copy(
        update={"function": "ingest-api", "max_delivery_attempts": ATTEMPTS}
    )
    subscriptions = {**topology.subscriptions, "generate-push": generate}
    return topology.model_copy(update={"subscriptions": subscriptions})


@pytest.mark.selection
def test_what_no_function_took_is_listed_and_replayed_once_the_cause_is_mended(
    drilled: DrillStack,
) -> None:
    pegasus = drilled.running
    with generation_delivered_to_the_wrong_function(drilled):
        pegasus.hand_in(clip("economics", start_sec=10, seconds=10), lecture="undelivered")
        ended = pegasus.ended("undelivered")
    assert ended["overallStatus"] == "failed"
    transcription, generation = pegasus.stage_jobs("undelivered")
    assert generation.error is not None
    assert generation.error["code"] == "delivery_exhausted"

    listed = drilled.run("python", "-m", "scripts.replay", "list").stdout.splitlines()
    [line] = [each for each in listed if str(generation.id) in each]
    assert line.split()[1:] == ["generation", "undelivered", "delivery_exhausted"]
    drilled.run("python", "-m", "scripts.replay", "messages")
    drilled.run("python", "-m", "scripts.replay", "job", str(generation.id))

    assert pegasus.ended("undelivered")["overallStatus"] == "completed"
    after = pegasus.stage_jobs("undelivered")
    assert [job.type for job in after] == [
        JobType.TRANSCRIPTION,
        JobType.GENERATION,
        JobType.GENERATION,
        JobType.EXPORT,
    ]
    assert after[0].attempt == transcription.attempt, "what was heard is not transcribed again"
    assert after[2].replayed_from == generation.id
    assert after[3].status == WorkStatus.SUCCEEDED
    assert str(generation.id) not in drilled.run("python", "-m", "scripts.replay", "list").stdout
    again = drilled.run("python", "-m", "scripts.replay", "job", str(generation.id), expect=1)
    assert "0 replayed, 1 skipped" in again.stdout
