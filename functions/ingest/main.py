"""ingest: the API, and the registration of every upload.

`api` hands out a signed URL; the phone puts the recording straight into the
bucket; the bucket's notification wakes `on_upload`, which checks what arrived and
queues its transcription.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

from flask import Request, Response, current_app, has_app_context

from functions.ingest.app import serve
from functions.ingest.uploads.registration import register_upload
from shared.messaging.events import UploadFinalized
from shared.runtime import runtime, working_runtime
from shared.workers.outcomes import answer_event


def api(request: Request) -> Response:
    """The HTTP API; every path and method."""
    return cast(Response, Response.from_app(_api, request.environ))


def _api(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return serve(runtime(), environ, start_response)


# The functions framework runs this module in the context of its own application. For the API
# that application is only passed through: it would read each body to its end before an answer
# is sent, and answer `/robots.txt`, `/favicon.ico` and paths with a line break itself.
if has_app_context() and current_app.name == api.__name__:
    current_app.wsgi_app = _api  # type: ignore[method-assign]


def on_upload(request: Request) -> Response:
    """An object was finalized under `raw/` (topic: uploads)."""
    return answer_event(
        request, lambda event: register_upload(working_runtime(), UploadFinalized.of(event))
    )
