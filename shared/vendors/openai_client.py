"""The client for a service that speaks OpenAI's API, as every stage that calls one needs it."""

from collections.abc import Callable
from typing import Any

from openai import DefaultHttpxClient, OpenAI

from shared.vendors.exhausted_quota import is_exhausted


def connect(
    *, api_key: str | Callable[[], str], base_url: str | None, timeout: float, max_retries: int
) -> OpenAI:
    """A client that repeats calls as the library does, except where a quota is used up.

    A used-up quota is answered with 429 as a rate limit is, and is the same after any back-off.
    """
    return OpenAI(
        api_key=api_key,
        base_url=base_url,
        timeout=timeout,
        max_retries=max_retries,
        http_client=DefaultHttpxClient(event_hooks={"response": [_no_retry_of_exhausted]}),
    )


def _no_retry_of_exhausted(response: Any) -> None:
    if response.is_success:
        return  # Its body may be a stream.
    if is_exhausted(response.status_code, response.headers, response.read()):
        # What OpenAI itself sends to have a call repeated or not; the library obeys it.
        response.headers["x-should-retry"] = "false"
