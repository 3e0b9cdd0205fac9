"""The provider that the settings name."""

from functions.generate.providers.base import Provider
from functions.generate.providers.chat.endpoints import ENDPOINTS
from functions.generate.providers.chat.kept_answers import Answers, NoAnswers
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.providers.language_model.provider import LanguageModelProvider
from shared.config import Settings

SUBSTITUTE: Provider = ExtractiveProvider()
"""Makes the artifacts that the settings' provider fails to make."""


def build_provider(
    settings: Settings, answers: Answers | None = None, *, is_last_attempt: bool = False
) -> Provider:
    """`is_last_attempt`: no attempt of the job follows, in which an endpoint that is not available
    could be asked again."""
    if settings.plc_llm_provider == "extractive":
        return ExtractiveProvider()
    chat = ENDPOINTS[settings.plc_llm_provider](settings, answers or NoAnswers())
    return LanguageModelProvider(
        chat,
        context_tokens=settings.plc_llm_context_tokens,
        concurrency=settings.plc_llm_concurrency,
        verification=None
        if settings.plc_llm_verification == "off"
        else settings.plc_llm_verification,
        is_last_attempt=is_last_attempt,
    )
