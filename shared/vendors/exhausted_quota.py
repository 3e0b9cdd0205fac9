"""Whether a service's refusal means that a quota or the credit of the account is used up.

Many services answer that with 429, as they answer a rate limit. A rate limit passes within the
retries of a call or a job; a used-up quota stays until the operator pays or a day is over.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

PAYMENT_REQUIRED = 402
"""DeepSeek and OpenRouter: no credit left."""
_REFUSALS = frozenset({400, 403, 429})
LONGEST_WAIT_SEC = 3600.0
"""A `Retry-After` beyond it is no rate limit: all attempts of a job take less."""

_CODES = frozenset(
    {
        # OpenAI: https://platform.openai.com/docs/guides/error-codes
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        # Azure: Cognitive Services answers 403 when a tier's volume is used up.
        "quotaexceeded",
        "quota_exceeded",
        # Google: google.rpc.ErrorInfo.reason of a project without an active billing account.
        "billing_disabled",
        # Cloud Storage: the account that pays for the bucket is closed, or a quota used up.
        "accountdisabled",
        "userprojectaccountproblem",
    }
)
_QUOTAS = ("perday", "permonth")
"""In `quotaId` of google.rpc.QuotaFailure, as GenerateRequestsPerDayPerProjectPerModel; those that
pass are PerMinute."""
_WORDS = (
    "exceeded your current quota, please check your plan and billing",
    "out of call volume quota",
    "insufficient balance",
    "credits are depleted",
    "credit balance is too low",
    "spending cap",
    "tokens per day",
    "requests per day",
)
"""Where a service has no code for it: Azure, DeepSeek, Gemini, Anthropic, Groq."""


def is_exhausted(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Of an answer's status, headers (any case as the mapping finds them), and body."""
    if status == PAYMENT_REQUIRED:
        return True
    if status not in _REFUSALS:
        return False
    told = list(_told(_json(body)))
    quotas = [value for name, value in told if name == "quotaid"]
    if quotas:
        # Gemini words both kinds of limit alike; the violated quota distinguishes them.
        return any(part in quota for quota in quotas for part in _QUOTAS)
    if any(name in {"code", "type", "reason"} and value in _CODES for name, value in told):
        return True
    if any(words in value for name, value in told if name == "message" for words in _WORDS):
        return True
    return status == 429 and _retry_after(headers) > LONGEST_WAIT_SEC


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _told(value: Any, *, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in the document with its name, in lower case."""
    if depth > 8:
        return
    if isinstance(value, list):
        for each in value:
            yield from _told(each, depth=depth + 1)
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str):
                yield str(name).lower(), each.lower()
            else:
                yield from _told(each, depth=depth + 1)


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return float(headers.get("retry-after", "0"))
    except ValueError:
        return 0.0
