"""export: study material becomes the files a student keeps. The last stage of a lecture."""

from flask import Request, Response

from functions.export.stage import export_lecture
from shared.events import JobMessage
from shared.outcomes import answer_event
from shared.runtime import working_runtime


def on_export(request: Request) -> Response:
    """A lecture has its artifacts (topic: export)."""
    return answer_event(
        request, lambda event: export_lecture(working_runtime(), JobMessage.of(event))
    )
