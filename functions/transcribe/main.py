"""transcribe: one decode, many segments, one transcript.

`on_transcribe` cuts the recording between its pieces of speech and queues a task for each segment;
`on_segment` runs once per segment, on as many instances as the queue allows, and the
one that finishes last merges.
"""

from flask import Request, Response

from functions.transcribe.job import transcribe_lecture
from functions.transcribe.segment import transcribe_segment
from shared.messaging.events import JobMessage, SegmentMessage
from shared.runtime import working_runtime
from shared.work.segments import QUEUE
from shared.workers.dead_letters import record_unreadable
from shared.workers.outcomes import answer_event


def on_transcribe(request: Request) -> Response:
    """A lecture's recording has arrived (topic: transcribe)."""
    return answer_event(
        request, lambda event: transcribe_lecture(working_runtime(), JobMessage.of(event))
    )


def on_segment(request: Request) -> Response:
    """A segment waits to be recognized (Cloud Tasks queue: segments)."""
    return answer_event(
        request,
        lambda event: transcribe_segment(working_runtime(), SegmentMessage.of(event)),
        # The queue drops a task that it has delivered often enough.
        record_unreadable=lambda body, error: record_unreadable(
            working_runtime(), QUEUE, body, error
        ),
    )
