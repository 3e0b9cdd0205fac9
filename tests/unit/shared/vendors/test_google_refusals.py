"""Which refusals of Google Cloud end the work, and which pass."""

import json
from typing import Any

import pytest
import requests
from google.api_core import exceptions

from shared.errors import AccessDeniedError, PermanentError, ProviderQuotaExhaustedError
from shared.vendors.google_refusals import permanent_refusal

google_errors: Any = exceptions
"""It has no types."""


def storage(status: int, reason: str, message: str = "Refused.") -> Exception:
    """As the JSON API words it."""
    response = requests.Response()
    response.status_code = status
    errors = [{"message": message, "domain": "global", "reason": reason}]
    document = {"error": {"code": status, "message": message, "errors": errors}}
    response._content = json.dumps(document).encode()
    response.request = requests.Request("POST", "http://storage").prepare()
    made: Exception = google_errors.from_http_response(response)
    return made


BILLING = google_errors.PermissionDenied(
    "This API method requires billing to be enabled.",
    error_info=type("ErrorInfo", (), {"reason": "BILLING_DISABLED"})(),
)

REFUSALS: list[tuple[Exception, type[PermanentError] | None]] = [
    (
        storage(403, "forbidden", "fn-export@… does not have storage.objects.create"),
        AccessDeniedError,
    ),
    (storage(403, "insufficientPermissions"), AccessDeniedError),
    (
        google_errors.PermissionDenied("User not authorized to perform this action."),
        AccessDeniedError,
    ),
    (storage(403, "accountDisabled"), ProviderQuotaExhaustedError),
    (storage(403, "quotaExceeded"), ProviderQuotaExhaustedError),
    (BILLING, ProviderQuotaExhaustedError),
    (storage(403, "rateLimitExceeded"), None),
    (storage(403, "userRateLimitExceeded"), None),
    (storage(429, "rateLimitExceeded"), None),
    (google_errors.ResourceExhausted("Quota exceeded for requests per minute."), None),
    (storage(401, "required"), None),
    (storage(404, "notFound"), None),
    (storage(503, "backendError"), None),
    (google_errors.ServiceUnavailable("connection reset"), None),
    (google_errors.RetryError("Deadline of 120 s exceeded", None), None),
    (ConnectionError("reset"), None),
]


@pytest.mark.parametrize(("error", "expected"), REFUSALS, ids=[str(each[0]) for each in REFUSALS])
def test_what_another_attempt_does_not_change_is_permanent(
    error: Exception, expected: type[PermanentError] | None
) -> None:
    found = permanent_refusal(error, "storage")

    assert (type(found) if found else None) is expected


def test_an_operator_finds_it_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    permanent_refusal(google_errors.PermissionDenied("no"), "pubsub")
    permanent_refusal(google_errors.ServiceUnavailable("away"), "pubsub")

    told = capsys.readouterr().out
    assert told.count("google.refused") == 1
    assert "access_denied" in told
