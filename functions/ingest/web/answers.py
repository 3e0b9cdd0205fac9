"""What goes back: JSON, and whether the client has it already."""

import hashlib
from collections.abc import Callable

from flask import Request, Response

from shared.schema import Schema


def json_model(model: Schema, *, status: int = 200) -> Response:
    return json_bytes(model.to_json(), status=status)


def json_bytes(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/json")


def unless_known(request: Request, version: str, read: Callable[[], bytes]) -> Response:
    """JSON that changes only with `version`: 304 and nothing read if the client has it.

    `version` may be anything that names the content, such as an object that is written once.
    """
    etag = hashlib.sha256(version.encode()).hexdigest()[:32]
    known = request.if_none_match.contains_weak(etag)
    response = Response(status=304) if known else json_bytes(read())
    response.set_etag(etag)
    # Kept by the client that asked and by nobody between, and asked about each time.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
