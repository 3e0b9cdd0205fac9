"""The Gemini API through its OpenAI-compatible address, with a key."""

from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.chat.retrying import MAX_RETRIES
from shared.config import Settings
from shared.vendors.openai_client import connect as connect_client

BASE_URL = "https://generativelanguage.googleapis.com/v1beta/openai/"
"""https://ai.google.dev/gemini-api/docs/openai"""


def connect(settings: Settings, answers: Answers, *, base_url: str = BASE_URL) -> OpenAICompatible:
    key = settings.gemini_api_key
    client = connect_client(
        api_key=key.get_secret_value() if key else "",
        base_url=base_url,
        timeout=settings.plc_llm_timeout_sec,
        max_retries=MAX_RETRIES,
    )
    return OpenAICompatible(
        client,
        model=settings.gemini_model,
        name="gemini",
        answers=answers,
        held_by=settings.plc_llm_answers,
        deadline=Deadline(settings.plc_llm_attempt_sec),
    )
