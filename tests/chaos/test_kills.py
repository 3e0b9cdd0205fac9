"""Functions die at random moments, over and over; no lecture is lost or doubled."""

import os
import random
import time

import pytest

from tests.support.processes.running_stack import RunningStack, running_stack
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip

KILLS = int(os.environ.get("CHAOS_KILLS", "24"))
SEED = int(os.environ.get("CHAOS_SEED", "20"))
LECTURES_AT_ONCE = 2
VICTIMS = (
    "ingest-api",
    "ingest-on-upload",
    "transcribe",
    "transcribe-on-segment",
    "transcribe-on-segment",
    "generate",
    "export",
    "retention-on-sweep",
)
"""The segment worker twice: it is at work most of the time."""

CLIPS = (("economics", 0), ("hashing-1", 40), ("hashing-2", 80), ("photosynthesis", 120))


@pytest.fixture(scope="module")
def pegasus(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    # Every kill may cost an attempt; what is at stake here is not when to give up.
    with running_stack(
        tmp_path_factory.mktemp("chaos"), PLC_JOB_MAX_ATTEMPTS="50", PLC_SEGMENT_MAX_ATTEMPTS="50"
    ) as running:
        yield running


@pytest.mark.slow
def test_no_lecture_is_lost_or_doubled_by_kills_at_random_moments(pegasus: RunningStack) -> None:
    chance = random.Random(SEED)  # noqa: S311
    undisturbed = {}
    for name, start_sec in CLIPS:
        lecture = pegasus.hand_in(
            _clip(name, start_sec), lecture=f"calm-{name}", course=f"calm-{name}"
        )
        assert pegasus.ended(lecture)["overallStatus"] == "completed"
        undisturbed[name] = _transcript(pegasus, lecture)

    handed_in: dict[str, str] = {}
    killed: list[str] = []
    while len(killed) < KILLS:
        running = [lecture for lecture in handed_in if not _over(pegasus, lecture)]
        while len(running) < LECTURES_AT_ONCE:
            name, start_sec = CLIPS[len(handed_in) % len(CLIPS)]
            lecture = f"kill-{len(handed_in)}"
            # A course of its own for each: threads of earlier ones would help the spelling.
            pegasus.hand_in(_clip(name, start_sec), lecture=lecture, course=lecture)
            handed_in[lecture] = name
            running.append(lecture)
        time.sleep(chance.uniform(0.05, 1.5))
        victim = chance.choice(VICTIMS)
        pegasus.stack.functions[victim].kill()
        killed.append(victim)

    for lecture in handed_in:
        end = pegasus.ended(lecture, timeout_sec=240)
        assert end["overallStatus"] == "completed", (lecture, end)
    wait_until(pegasus.nothing_unsent, timeout_sec=60, what="the outbox")
    for lecture, name in handed_in.items():
        pegasus.check_whole(lecture)
        assert _transcript(pegasus, lecture) == undisturbed[name]
    taken_over = sum(
        sum(job.attempt - 1 for job in pegasus.jobs(lecture))
        + sum(segment.attempt - 1 for segment in pegasus.segments(lecture))
        for lecture in handed_in
    )
    assert taken_over > 0, "no kill hit anybody at work"
    print(f"\n{taken_over} times work was taken over")
    print(f"{len(killed)} kills (seed {SEED}) over {len(handed_in)} lectures: {killed}")


def _clip(name: str, start_sec: int) -> bytes:
    return clip(name, start_sec=start_sec, seconds=45)


def _over(pegasus: RunningStack, lecture: str) -> bool:
    return pegasus.progress(lecture)["overallStatus"] in ("completed", "failed")


def _transcript(pegasus: RunningStack, lecture: str) -> object:
    return pegasus.patiently(lambda: pegasus.client.get(f"/lectures/{lecture}/transcript"))[
        "utterances"
    ]
