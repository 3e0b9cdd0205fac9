"""Which errors of OpenAI's library mean what, for every stage that calls such a service."""

import json

import openai
from pydantic import ValidationError

from shared.errors import ProviderQuotaExhaustedError
from shared.vendors.exhausted_quota import is_exhausted

PASSING = (
    openai.APIConnectionError,
    openai.RateLimitError,
    openai.InternalServerError,
    openai.ConflictError,
)
"""The service is unavailable, busy or slow, after the library's own retries."""

UNREADABLE = (
    openai.APIResponseValidationError,
    ValidationError,
    # The library trips over a body that is no answer (a proxy's page, say) without an error of
    # its own. Nothing but its call may run where these are caught.
    json.JSONDecodeError,
    AttributeError,
    TypeError,
)


def raise_if_exhausted(error: Exception) -> None:
    """Raises ProviderQuotaExhaustedError for the refusal of a service whose quota is used up."""
    if isinstance(error, openai.APIStatusError) and is_exhausted(
        error.status_code, error.response.headers, error.response.content
    ):
        raise ProviderQuotaExhaustedError() from error


def in_brief(error: openai.APIStatusError) -> str:
    """Status and code. The service's own words may quote the key."""
    return f"{error.status_code} ({error.code or type(error).__name__})"
