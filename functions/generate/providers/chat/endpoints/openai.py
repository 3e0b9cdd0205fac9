"""OpenAI's own endpoint, or any at a configured address."""

from functions.generate.providers.chat.endpoints.connecting import model_at
from functions.generate.providers.chat.kept_answers import Answers
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from shared.config import Settings


def connect(settings: Settings, answers: Answers) -> OpenAICompatible:
    key = settings.openai_api_key
    return model_at(
        settings.openai_base_url,
        settings,
        answers,
        # The client insists on one; an endpoint that needs none does not look at it.
        api_key=key.get_secret_value() if key else "none",
        model=settings.openai_model,
    )
