"""Refusals of Google Cloud that another attempt does not change: a permission, a quota, a bill."""

import json
from typing import Literal

from google.api_core import exceptions as google_errors

from shared.errors import AccessDeniedError, PermanentError, ProviderQuotaExhaustedError
from shared.log import log
from shared.vendors.exhausted_quota import is_exhausted

Service = Literal["storage", "pubsub", "tasks"]

_RATE_LIMITS = ("ratelimitexceeded", "userratelimitexceeded")
"""Reasons with which the JSON APIs answer 403 to a rate that is too high for the moment."""


def permanent_refusal(error: Exception, service: Service) -> PermanentError | None:
    """Our error for such a refusal, which is logged for the operator; None for any other error."""
    if not isinstance(error, google_errors.GoogleAPICallError):
        return None
    status, body = int(error.code or 0), _body(error)
    found: PermanentError | None = None
    if is_exhausted(status, {}, body):
        found = ProviderQuotaExhaustedError()
    elif isinstance(error, google_errors.Forbidden) and not _is_rate_limit(body):
        found = AccessDeniedError()
    if found is not None:
        log.error("google.refused", service=service, code=found.code)
    return found


def _is_rate_limit(body: bytes) -> bool:
    said = body.decode(errors="replace").lower()
    return any(reason in said for reason in _RATE_LIMITS)


def _body(error: google_errors.GoogleAPICallError) -> bytes:
    """Of an HTTP answer; of gRPC the same facts."""
    content = getattr(error.response, "content", None)
    if isinstance(content, bytes):
        return content
    return json.dumps({"reason": error.reason or "", "message": error.message or ""}).encode()
