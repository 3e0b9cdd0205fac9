"""Repeated calls within one attempt of a job, bounded in number and time.

The client's own retries are not used: it repeats calls that timed out, and knows no deadline. A
server that did not answer within the time limit is as slow the next time, so that a call that
timed out is not repeated.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import openai

from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.model import AnswerLateError, DeadlinePassedError
from shared.vendors.openai_errors import PASSING

Result = TypeVar("Result")

MAX_RETRIES = 4
"""For a lost connection, 409, 429 and 5xx, of every endpoint; with the waits some ten seconds, or
as long as the service asks for, up to a minute. After that the job is tried again as a whole."""
SHORTEST_CALL_SEC = 1.0
"""With less time left no call begins."""
LONGEST_WAIT_SEC = 60.0
"""An endpoint that asks for a longer wait is called again by the next attempt of the job."""
FIRST_WAIT_SEC = 0.5
MOST_DOUBLINGS = 4


def calling(
    client: openai.OpenAI,
    call: Callable[[openai.OpenAI], Result],
    deadline: Deadline,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """The result of the call, repeated as often as the client says where the endpoint is busy or
    unavailable for a moment.

    Raises AnswerLateError where it takes longer than the client's time limit, DeadlinePassedError
    where the deadline leaves no time for it, and what the client raises.
    """
    limit = float(client.timeout) if isinstance(client.timeout, int | float) else float("inf")
    for repeated in range(client.max_retries + 1):
        left = deadline.left_sec
        if left < SHORTEST_CALL_SEC:
            raise DeadlinePassedError
        try:
            return call(client.with_options(max_retries=0, timeout=min(limit, left)))
        except openai.APITimeoutError as error:
            raise (AnswerLateError() if limit <= left else DeadlinePassedError()) from error
        except PASSING as error:
            wait = _wait_sec(error, repeated)
            if repeated == client.max_retries or wait is None or wait > deadline.left_sec:
                raise
        sleep(wait)
    raise AssertionError("the last call returns or raises")


def _wait_sec(error: Exception, repeated: int) -> float | None:
    """As long as the endpoint asks for, else a growing while; None where it should not be
    repeated in this attempt."""
    asked = _asked_sec(error) if isinstance(error, openai.APIStatusError) else None
    if isinstance(error, openai.APIStatusError) and _is_final(error):
        return None
    if asked is not None:
        return asked if asked <= LONGEST_WAIT_SEC else None
    # Calls of several lectures that failed together should not be repeated together.
    doubled: float = FIRST_WAIT_SEC * 2 ** min(repeated, MOST_DOUBLINGS)
    return doubled * random.uniform(0.75, 1.0)  # noqa: S311 - no secret


def _is_final(error: openai.APIStatusError) -> bool:
    """The header by which OpenAI says so, and this client for a quota that is used up."""
    return error.response.headers.get("x-should-retry") == "false"


def _asked_sec(error: openai.APIStatusError) -> float | None:
    """By `retry-after-ms` or `retry-after` in seconds; a date, which no such service sends, is
    taken for no wish."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            return max(0.0, float(error.response.headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    return None
