"""generate: a transcript becomes study material, every item with its evidence."""

from flask import Request, Response

from functions.generate.job import generate_material
from shared.messaging.events import JobMessage
from shared.runtime import working_runtime
from shared.workers.outcomes import answer_event


def on_generate(request: Request) -> Response:
    """A lecture has its transcript (topic: generate)."""
    return answer_event(
        request, lambda event: generate_material(working_runtime(), JobMessage.of(event))
    )
