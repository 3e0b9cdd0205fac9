"""ingest: the API a phone speaks to, and the door every upload comes in by.

`api` hands out a signed URL; the phone puts the recording straight into the
bucket; the bucket's notification wakes `on_upload`, which checks what arrived and
queues its transcription.
"""

from flask import Request, Response

from functions.ingest.app import serve
from functions.ingest.registration import register_upload
from shared.events import UploadFinalized
from shared.outcomes import answer_event
from shared.runtime import runtime, working_runtime


def api(request: Request) -> Response:
    """The HTTP API; every path and method."""
    return serve(runtime(), request)


def on_upload(request: Request) -> Response:
    """An object was finalized under `raw/` (topic: uploads)."""
    return answer_event(
        request, lambda event: register_upload(working_runtime(), UploadFinalized.of(event))
    )
