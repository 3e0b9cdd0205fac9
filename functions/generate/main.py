"""generate: a transcript becomes study material, every item with its evidence."""

from flask import Request, Response

from functions.generate.stage import generate_material
from shared.events import JobMessage
from shared.outcomes import answer_event
from shared.runtime import working_runtime


def on_generate(request: Request) -> Response:
    """A lecture has its transcript (topic: generate)."""
    return answer_event(
        request, lambda event: generate_material(working_runtime(), JobMessage.of(event))
    )
