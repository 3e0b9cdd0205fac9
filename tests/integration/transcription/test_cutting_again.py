"""The cutting worker runs again after it died: what fits is kept, what does not is cut anew."""

from itertools import pairwise

import pytest

from functions.transcribe.job import transcribe_lecture
from shared.messaging.events import JobMessage
from shared.models import Job, Lecture, Segment
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_segments,
    changed,
    enqueue,
    get_lecture,
    get_segments,
    recorded,
    running,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.sound.speech import clip

SECONDS = 45


@pytest.fixture
def quick(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_segment_target_sec=10)


def _recorded(rt: Runtime) -> Lecture:
    return recorded(rt, clip("economics", seconds=SECONDS))


def _assert_tiled(rt: Runtime, segments: list[Segment]) -> None:
    assert len(segments) > 2
    assert [segment.index for segment in segments] == list(range(len(segments)))
    assert segments[0].start_sec == 0
    assert segments[-1].end_sec == pytest.approx(SECONDS)
    assert all(left.end_sec == right.start_sec for left, right in pairwise(segments))
    assert all(rt.store.stat(segment.audio_object) for segment in segments)


@pytest.mark.slow
def test_a_second_attempt_sends_no_task_for_what_the_first_recorded(
    quick: Runtime, clock: HeldClock, messages: RecordingMessages
) -> None:
    message = JobMessage(job_id=enqueue(quick, _recorded(quick)))
    transcribe_lecture(quick, message)
    first = get_segments(quick, message.job_id)
    sent = len(messages.to("segments"))
    with quick.database.unit_of_work() as session:
        # As if it had died before the last two were recorded.
        for segment in first[-2:]:
            session.delete(session.merge(segment))
        session.commit()
    _die(quick, message, clock)

    transcribe_lecture(quick, message)

    again = get_segments(quick, message.job_id)
    _assert_tiled(quick, again)
    assert [s.audio_object for s in again] == [s.audio_object for s in first]
    assert [task["index"] for task in messages.to("segments")[sent:]] == [
        segment.index for segment in first[-2:]
    ]


def test_what_an_earlier_attempt_cut_otherwise_is_cut_anew(
    quick: Runtime, clock: HeldClock
) -> None:
    lecture = _recorded(quick)
    lease = running(quick, lecture)
    add_segments(quick, lease, range(9))  # ten seconds each: more, and in other places
    clock.advance(quick.settings.plc_lease_sec + 1)

    transcribe_lecture(quick, JobMessage(job_id=lease.job_id))

    segments = get_segments(quick, lease.job_id)
    _assert_tiled(quick, segments)
    assert get_lecture(quick, lecture).duration_sec == pytest.approx(SECONDS)


def _die(rt: Runtime, message: JobMessage, clock: HeldClock) -> None:
    """Make the finished cutting look like one that died half-way."""
    with rt.database.unit_of_work() as session:
        session.get_one(Job, message.job_id).segment_count = None
        session.commit()
    clock.advance(rt.settings.plc_fanout_lease_sec + 1)
