"""Refusals of services: which mean that a quota is used up, and which pass."""

import json
from typing import Any

import pytest

from shared.vendors.exhausted_quota import is_exhausted


def openai(code: str, message: str = "You exceeded your current quota") -> Any:
    return {"error": {"message": message, "type": code, "param": None, "code": code}}


def gemini(quota: str) -> Any:
    """As ai.google.dev answers through the OpenAI-compatible address: a list of one."""
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": quota,
    }
    return [
        {
            "error": {
                "code": 429,
                "message": "You exceeded your current quota, please check your plan and billing "
                "details.",
                "status": "RESOURCE_EXHAUSTED",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                        "violations": [violation],
                    },
                    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"},
                ],
            }
        }
    ]


def said(message: str, code: object = None) -> Any:
    return {"error": {"message": message, "code": code}}


EXHAUSTED = {
    "OpenAI": (429, openai("insufficient_quota")),
    "OpenAI, hard limit": (400, openai("billing_hard_limit_reached")),
    "OpenAI, billing": (429, openai("billing_not_active", "Your account is not active")),
    "Gemini, a day's requests": (429, gemini("GenerateRequestsPerDayPerProjectPerModel-FreeTier")),
    "Gemini, prepaid": (429, said("Your prepayment credits are depleted.", 429)),
    "Gemini, cap": (429, said("Your project has exceeded its monthly spending cap.", 429)),
    "Vertex, billing": (
        403,
        {
            "error": {
                "code": 403,
                "status": "PERMISSION_DENIED",
                "details": [{"reason": "BILLING_DISABLED", "domain": "googleapis.com"}],
            }
        },
    ),
    "Azure, volume": (403, said("Out of call volume quota. It is replenished in 6 days.", "403")),
    "Azure, code": (403, said("Quota exceeded.", "QuotaExceeded")),
    "Anthropic": (400, said("Your credit balance is too low to access the API.")),
    "Groq, a day's tokens": (429, said("Limit 500000 on tokens per day (TPD)", "rate_limit")),
    "DeepSeek": (402, said("Insufficient Balance", "invalid_request_error")),
    "OpenRouter, without a body": (402, None),
}
PASSING = {
    "OpenAI, requests a minute": (429, openai("rate_limit_exceeded", "Limit 3 / min.")),
    "Gemini, a minute's requests": (429, gemini("GenerateRequestsPerMinutePerProjectPerModel")),
    "Vertex, shared capacity": (429, said("Resource exhausted. Try again later.", 429)),
    "Azure, pricing tier": (429, said("Requests have exceeded call rate limit.", "429")),
    "no JSON": (429, None),
    "a bad request": (400, said("'response_format' json_schema is unknown")),
    "a forbidden model": (403, said("You have no access to this model", "model_not_found")),
    "a failure of the server": (500, openai("insufficient_quota")),
}


def body(value: Any) -> bytes:
    return b"<html>" if value is None else json.dumps(value).encode()


@pytest.mark.parametrize(("status", "answer"), EXHAUSTED.values(), ids=EXHAUSTED)
def test_a_used_up_quota_is_recognized(status: int, answer: Any) -> None:
    assert is_exhausted(status, {}, body(answer))


@pytest.mark.parametrize(("status", "answer"), PASSING.values(), ids=PASSING)
def test_any_other_refusal_is_none(status: int, answer: Any) -> None:
    assert not is_exhausted(status, {"retry-after": "20"}, body(answer))


def test_a_rate_limit_that_outlasts_all_attempts_is_one() -> None:
    assert is_exhausted(429, {"retry-after": "86400"}, b"{}")
    assert not is_exhausted(429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"{}")


def test_a_deeply_nested_body_is_read_no_further() -> None:
    assert not is_exhausted(429, {}, b'{"a":' * 2000 + b"1" + b"}" * 2000)
