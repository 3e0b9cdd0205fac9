"""Structured logs: one JSON object a line, as Cloud Logging reads them.

A line is an event with fields, `log.info("job.claimed", attempt=2)`. The fields and the form of
their values are declared in shared/redaction/log_fields.py; of an exception its types, codes and
frames are written (shared/redaction/exception_text.py). So no line holds text of a lecture, a
title, a name or a token. What is bound to the request (job, lecture, trace) is on every line of it.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from shared.config import Settings
from shared.redaction.exception_text import trace_of
from shared.redaction.library_logs import withhold_library_texts
from shared.redaction.log_fields import shown

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
_CLOUD_TRACE = re.compile(r"^([0-9a-f]{32})(?:/(\d+))?")

log: structlog.stdlib.BoundLogger = structlog.get_logger("pegasus")


def configure_logging(settings: Settings) -> None:
    def for_cloud_logging(
        _logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["severity"] = "ERROR" if method == "exception" else method.upper()
        event["message"] = event.pop("event")
        event["function"] = settings.k_service
        if trace := event.pop("trace", None):
            project = settings.google_cloud_project
            event["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}"
        if span := event.pop("span", None):
            event["logging.googleapis.com/spanId"] = span
        return event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _declared_fields,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            for_cloud_logging,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.plc_log_level]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    withhold_library_texts()


def _declared_fields(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """What may be logged of the fields, and an exception's trace in place of the exception."""
    name, failure = event.pop("event"), event.pop("exc_info", None)
    allowed = {field: shown(field, value) for field, value in event.items()}
    error = failure if isinstance(failure, BaseException) else sys.exc_info()[1]
    if failure and error is not None:
        allowed["exception"] = trace_of(error)
    return {"event": name, **allowed}


def bind_request(headers: Mapping[str, str]) -> None:
    """Start a request's context: forget the last one's, take over the caller's trace.

    Header names in lower case.
    """
    structlog.contextvars.clear_contextvars()
    if match := _TRACEPARENT.match(headers.get("traceparent", "")):
        bind(trace=match[1], span=match[2])
    elif match := _CLOUD_TRACE.match(headers.get("x-cloud-trace-context", "")):
        bind(trace=match[1], span=f"{int(match[2] or 0):016x}")


def bind(**fields: object) -> None:
    """Put fields on every further line of this request."""
    structlog.contextvars.bind_contextvars(**fields)


def traceparent() -> str | None:
    """The W3C header that carries this request's trace to the next function."""
    context = structlog.contextvars.get_contextvars()
    if "trace" not in context:
        return None
    return f"00-{context['trace']}-{context.get('span') or '0' * 15 + '1'}-01"
