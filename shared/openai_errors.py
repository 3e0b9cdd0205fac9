"""Which errors of OpenAI's library mean what, for every stage that calls such a service."""

import json

import openai
from pydantic import ValidationError

PASSING = (
    openai.APIConnectionError,
    openai.RateLimitError,
    openai.InternalServerError,
    openai.ConflictError,
)
"""The service is away, busy or slow, after the library's own retries."""

UNREADABLE = (
    openai.APIResponseValidationError,
    ValidationError,
    # The library trips over a body that is no answer (a proxy's page, say) without an error of
    # its own. Nothing but its call may run where these are caught.
    json.JSONDecodeError,
    AttributeError,
    TypeError,
)


def in_brief(error: openai.APIStatusError) -> str:
    """Status and code. The service's own words may quote the key."""
    return f"{error.status_code} ({error.code or type(error).__name__})"
