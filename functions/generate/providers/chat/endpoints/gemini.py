"""The Gemini API through its OpenAI-compatible address, with a key."""

from functions.generate.providers.chat.endpoints.connecting import model_at
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from shared.config import Settings

BASE_URL = "https://generativelanguage.googleapis.com/v1beta/openai/"
"""https://ai.google.dev/gemini-api/docs/openai"""


def connect(settings: Settings, answers: Answers, *, base_url: str = BASE_URL) -> OpenAICompatible:
    key = settings.gemini_api_key
    return model_at(
        base_url,
        settings,
        answers,
        api_key=key.get_secret_value() if key else "",
        model=settings.gemini_model,
        name="gemini",
    )
