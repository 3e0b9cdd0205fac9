"""OpenAI's own endpoint, or any at a configured address."""

from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.chat.retrying import MAX_RETRIES
from shared.config import Settings
from shared.vendors.openai_client import connect as connect_client

OPENAI = "api.openai.com"
"""And its regional addresses, such as eu.api.openai.com. It may store chat completions for its
dashboard unless it is asked not to. Other endpoints need not know the field."""


def connect(settings: Settings, answers: Answers) -> OpenAICompatible:
    key = settings.openai_api_key
    client = connect_client(
        # The client insists on one; an endpoint that needs none does not look at it.
        api_key=key.get_secret_value() if key else "none",
        base_url=settings.openai_base_url,
        timeout=settings.plc_llm_timeout_sec,
        max_retries=MAX_RETRIES,
    )
    return OpenAICompatible(
        client,
        model=settings.openai_model,
        answers=answers,
        held_by=settings.plc_llm_answers,
        deadline=Deadline(settings.plc_llm_attempt_sec),
        unkept=f".{client.base_url.host}".endswith(f".{OPENAI}"),
    )
