"""The client for a service that speaks OpenAI's API, as every stage that calls one needs it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from httpx2 import ReadTimeout, SyncByteStream  # what the library is built on
from openai import DefaultHttpxClient, OpenAI

from shared.vendors.exhausted_quota import is_exhausted


def connect(
    *, api_key: str | Callable[[], str], base_url: str | None, timeout: float, max_retries: int
) -> OpenAI:
    """A client that repeats calls as the library does, except where a quota is used up.

    A used-up quota is answered with 429 as a rate limit is, and is the same after any back-off.
    `timeout` is the time for an answer's body as well, however steadily its bytes arrive: some
    gateways send white space while a model is at work.
    """
    return OpenAI(
        api_key=api_key,
        base_url=base_url,
        timeout=timeout,
        max_retries=max_retries,
        http_client=DefaultHttpxClient(
            event_hooks={"response": [_bounded, _no_retry_of_exhausted]}
        ),
    )


class _Bounded(SyncByteStream):
    """A body that must have arrived within a time from now."""

    def __init__(self, stream: SyncByteStream, seconds: float) -> None:
        self._stream = stream
        self._end = time.monotonic() + seconds

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._end:
                raise ReadTimeout("The answer's body took longer than the time limit.")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _bounded(response: Any) -> None:
    limit = response.request.extensions.get("timeout", {}).get("read")
    if limit is not None:
        response.stream = _Bounded(response.stream, limit)


def _no_retry_of_exhausted(response: Any) -> None:
    if response.is_success:
        return  # Its body may be a stream.
    if is_exhausted(response.status_code, response.headers, response.read()):
        # What OpenAI itself sends to have a call repeated or not; the library obeys it.
        response.headers["x-should-retry"] = "false"
