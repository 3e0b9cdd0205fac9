"""How an event ends, and the one place where that becomes an HTTP answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask import Request, Response, jsonify

from shared.auth.callers import require_internal_caller
from shared.config import Settings
from shared.errors import MalformedEventError, UnauthorizedError
from shared.fault_points import reach
from shared.log import bind, bind_request, log
from shared.messaging.events import Event, parse_event
from shared.runtime import runtime
from shared.work.retry import Failure


class Ending(StrEnum):
    DONE = "done"
    DUPLICATE = "duplicate"
    """Nothing to do: it is done, or another worker holds it."""
    FAILED = "failed"
    """For good, and recorded: another delivery would change nothing."""
    RETRY = "retry"


@dataclass(frozen=True)
class Outcome:
    ending: Ending
    failure: Failure | None = None


DONE = Outcome(Ending.DONE)
DUPLICATE = Outcome(Ending.DUPLICATE)

_STATUS = {Ending.DONE: 200, Ending.DUPLICATE: 200, Ending.FAILED: 200, Ending.RETRY: 503}


def answer_event(
    request: Request,
    handle: Callable[[Event], Outcome],
    *,
    settings: Settings | None = None,
    record_unreadable: Callable[[bytes, MalformedEventError], None] | None = None,
) -> Response:
    """Authenticate the caller, handle the event, and answer whether to send it again.

    A stranger is refused with 401 before anything of the request is read.
    An event that cannot be read is refused with 400: the sender repeats it until its
    dead-letter policy makes it a visible record. A sender without such a policy would repeat it
    for nothing: with `record_unreadable` it is recorded here and acknowledged. Whatever a
    handler did not foresee is answered with 503, so that nothing is lost by it.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    bind_request(headers)
    began = time.monotonic()
    try:
        require_internal_caller(settings or runtime().settings, request.environ)
        event = parse_event(headers, request.get_data())
        if "traceparent" in event.attributes:
            bind_request(event.attributes)
        bind(event_id=event.id)
        reach("event.received", event.id)
        outcome = handle(event)
    except UnauthorizedError as error:
        cause = error.__cause__
        log.warning("event.unauthorized", reason=type(cause).__name__ if cause else "no_token")
        refusal = _answer(error.status, error.code, Failure.of(error))
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    except MalformedEventError as error:
        log.error("event.malformed", reason=error.code)
        if record_unreadable is None:
            return _answer(400, "malformed", Failure.of(error))
        return _recorded(request, error, record_unreadable)
    except Exception as error:
        failure = Failure.of(error)
        log.exception("event.error", code=failure.code)
        return _answer(503, Ending.RETRY, failure)
    log.info("event.handled", ending=outcome.ending.value, sec=round(time.monotonic() - began, 3))
    return _answer(_STATUS[outcome.ending], outcome.ending, outcome.failure)


def _recorded(
    request: Request,
    error: MalformedEventError,
    record_unreadable: Callable[[bytes, MalformedEventError], None],
) -> Response:
    try:
        record_unreadable(request.get_data(), error)
    except Exception as unrecorded:
        log.exception("event.error")
        return _answer(503, Ending.RETRY, Failure.of(unrecorded))
    return _answer(_STATUS[Ending.FAILED], Ending.FAILED, Failure.of(error))


def _answer(status: int, ending: str, failure: Failure | None) -> Response:
    response = jsonify(outcome=str(ending), error=failure.to_json() if failure else None)
    response.status_code = status
    return response
