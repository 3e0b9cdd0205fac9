"""Study material: who makes it, and what it may cost."""

from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import Secret


class GenerationSettings(BaseSettings):
    """Generation."""

    plc_llm_provider: Literal["openai", "gemini", "vertex", "extractive"] = "extractive"
    """`extractive` needs no model and no key: everything is drawn from what was said."""
    openai_base_url: str | None = None
    """Any endpoint that speaks OpenAI's protocol (Ollama, vLLM, a gateway); empty means
    OpenAI's own."""
    openai_api_key: Secret = Field(None, validate_default=True)
    """For `openai`. Other endpoints may not need it."""
    openai_model: str = "gpt-6-luna"
    gemini_api_key: Secret = Field(None, validate_default=True)
    """For `gemini`: the Gemini API with a key."""
    gemini_model: str = "gemini-3.5-flash-lite"
    vertex_location: str | None = None
    """For `vertex`, which is Vertex AI in `GOOGLE_CLOUD_PROJECT`, as the function's own service
    account: the region that processes the transcript; empty means `PLC_REGION`. `global` is any
    region of the world."""
    vertex_model: str = "google/gemini-3.5-flash-lite"
    plc_llm_answers: Literal["schema", "json", "text"] = "schema"
    """How an endpoint is held to the form of its answers: by a JSON Schema it keeps to, by its
    JSON mode, or by words alone. One that refuses a schema is sent one without the lengths of
    texts, and in JSON mode if it refuses that as well."""
    plc_llm_timeout_sec: float = Field(120, ge=1, le=600)
    """For one call. One that takes longer is not repeated."""
    plc_llm_attempt_sec: float = Field(480, ge=1, le=540)
    """For all calls of one attempt of a job: less than the function's own limit of 600 s, so that
    what the model wrote in time is stored. The next attempt asks only for what is missing."""
    plc_llm_context_tokens: int = Field(64_000, ge=2_000, le=2_000_000)
    """The model's input and output together, in one call. A lecture that does not fit is read
    in parts, and the material is written from notes."""
    plc_llm_concurrency: int = Field(3, ge=1, le=32)
    """Concurrent calls for one lecture. With 3 a lecture is done in two rounds without
    exhausting a small account's tokens per minute."""

    plc_llm_verification: Literal["batched", "single", "off"] = "batched"
    """Whether, and how, the model is asked if each item follows from what it quotes. Items that do
    not are written again or left out. `batched`: ten items a question, for an hour's lecture about
    a tenth of the tokens again. `single`: a question for each, decided by the probability of a yes,
    for small models whose endpoint gives probabilities."""

    @field_validator("openai_api_key")
    @classmethod
    def _has_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        own = info.data.get("openai_base_url")
        if value is None and info.data.get("plc_llm_provider") == "openai" and not own:
            raise ValueError("PLC_LLM_PROVIDER=openai needs it, or OPENAI_BASE_URL")
        return value

    @field_validator("gemini_api_key")
    @classmethod
    def _has_gemini_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("plc_llm_provider") == "gemini":
            raise ValueError("PLC_LLM_PROVIDER=gemini needs it")
        return value
