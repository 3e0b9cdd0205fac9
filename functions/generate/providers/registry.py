"""The provider that the settings name."""

from functions.generate.providers.base import Provider
from functions.generate.providers.chat.endpoints import ENDPOINTS
from functions.generate.providers.chat.kept_answers import Answers, NoAnswers
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.providers.language_model.provider import LanguageModelProvider
from shared.config import Settings


def build_provider(settings: Settings, answers: Answers | None = None) -> Provider:
    if settings.plc_llm_provider == "extractive":
        return ExtractiveProvider()
    chat = ENDPOINTS[settings.plc_llm_provider](settings, answers or NoAnswers())
    return LanguageModelProvider(
        chat,
        context_tokens=settings.plc_llm_context_tokens,
        concurrency=settings.plc_llm_concurrency,
    )
