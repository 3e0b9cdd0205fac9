"""A language model at an endpoint that speaks OpenAI's protocol, with the settings of all."""

from collections.abc import Callable
from typing import Any

from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.chat.retrying import MAX_RETRIES
from shared.config import Settings
from shared.vendors.openai_client import connect

OPENAI = "api.openai.com"
"""And its regional addresses, such as eu.api.openai.com. It may store chat completions for its
dashboard unless it is asked not to. Other endpoints need not know the field."""


def model_at(
    base_url: str | None,
    settings: Settings,
    answers: Answers,
    *,
    api_key: str | Callable[[], str],
    **model: Any,
) -> OpenAICompatible:
    """`base_url` None is OpenAI's own; `model`: parameters of OpenAICompatible that differ."""
    client = connect(
        api_key=api_key,
        base_url=base_url,
        timeout=settings.plc_llm_timeout_sec,
        max_retries=MAX_RETRIES,
    )
    return OpenAICompatible(
        client,
        answers=answers,
        held_by=settings.plc_llm_answers,
        deadline=Deadline(settings.plc_llm_attempt_sec),
        unkept=f".{client.base_url.host}".endswith(f".{OPENAI}"),
        **model,
    )
