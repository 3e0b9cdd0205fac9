"""Answers: JSON, with ETags and conditional requests."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from flask import Request, Response

from shared.errors import ConditionMissingError
from shared.schema import Schema

# A proxy that compresses makes a weak one of it, which is no less the same words.
ETAG_PATTERN = r'(?:W/)?"([0-9a-f]{32})"'
_ONE_ETAG = re.compile(ETAG_PATTERN)


def json_model(model: Schema, *, status: int = 200) -> Response:
    return json_bytes(model.to_json(), status=status)


def json_bytes(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/json")


def deprecation(since: date) -> str:
    """The header's value: a moment as RFC 9745 writes it."""
    return f"@{int(datetime.combine(since, time.min, UTC).timestamp())}"


def etag_of(version: str) -> str:
    """Without quotes."""
    return hashlib.sha256(version.encode()).hexdigest()[:32]


def matched(request: Request) -> str:
    """The ETag of `If-Match`, without quotes. Raises ConditionMissingError.

    `*` is not accepted: it would overwrite a version that the client has not read.
    """
    given = _ONE_ETAG.fullmatch(request.headers.get("If-Match", "").strip())
    if given is None:
        raise ConditionMissingError()
    return given[1]


def unless_known(request: Request, version: str, read: Callable[[], bytes]) -> Response:
    """JSON that changes only with `version`: 304 and nothing read if the client has it.

    `version` may be anything that names the content, such as an object that is written once.
    """
    etag = etag_of(version)
    known = request.if_none_match.contains_weak(etag)
    response = Response(status=304) if known else json_bytes(read())
    response.set_etag(etag)
    return response
