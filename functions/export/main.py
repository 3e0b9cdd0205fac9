"""export: study material becomes the files a student keeps. The last stage of a lecture."""

from flask import Request, Response

from functions.export.job import export_lecture
from shared.messaging.events import JobMessage
from shared.runtime import working_runtime
from shared.workers.outcomes import answer_event


def on_export(request: Request) -> Response:
    """A lecture has its artifacts (topic: export)."""
    return answer_event(
        request, lambda event: export_lecture(working_runtime(), JobMessage.of(event))
    )
