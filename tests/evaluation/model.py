"""The language model that the environment names, for an evaluation that may cost money."""

import os

from functions.generate.providers.base import Provider
from functions.generate.providers.registry import build_provider
from shared.config import load_settings

NOT_USED = {
    "GOOGLE_CLOUD_PROJECT": "evaluation",
    "GCS_BUCKET": "evaluation",
    "DATABASE_URL": "postgresql://evaluation@127.0.0.1/evaluation",
}
"""Settings ask for these; an evaluation has neither bucket nor database."""


def language_model() -> Provider | None:
    """None if PLC_LLM_PROVIDER names none. Raises ConfigurationError if its key is missing."""
    settings = load_settings({**NOT_USED, **os.environ})
    return None if settings.plc_llm_provider == "extractive" else build_provider(settings)
