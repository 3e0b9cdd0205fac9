"""The provider that the settings name."""

import openai

from functions.generate.chat.kept_answers import Answers
from functions.generate.chat.openai_compatible import OpenAICompatible
from functions.generate.extractive.provider import ExtractiveProvider
from functions.generate.language_model.provider import LanguageModelProvider
from functions.generate.provider import Provider
from shared.config import Settings

MAX_RETRIES = 4
"""Of one call, by the client, for 408, 409, 429 and 5xx: with its back-off some ten seconds,
or as long as the service asks for. After that the job is tried again as a whole."""


def build_provider(settings: Settings, answers: Answers | None = None) -> Provider:
    if settings.plc_llm_provider == "extractive":
        return ExtractiveProvider()
    key = settings.openai_api_key
    client = openai.OpenAI(
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        timeout=settings.plc_llm_timeout_sec,
        max_retries=MAX_RETRIES,
    )
    chat = OpenAICompatible(client, model=settings.openai_model, answers=answers)
    return LanguageModelProvider(chat)
