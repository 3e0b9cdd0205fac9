"""Recognizers: Whisper here, or a service."""

from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import Secret

TranscribeProvider = Literal["whisper", "openai"]
WITHOUT_WORD_TIMES = "gpt-"
"""Prefixes of the names of OpenAI's transcription models without word timestamps."""


class TranscriptionSettings(BaseSettings):
    """Transcription."""

    plc_transcribe_provider: TranscribeProvider = "whisper"
    """`whisper` runs here; `openai` is a service that hears one segment after the other."""
    plc_whisper_model: str = "base"
    """A model's name, a directory, or a `gs://` prefix."""
    plc_model_cache_dir: str = "/tmp/pegasus-models"  # noqa: S108 - the only writable place there
    """Where weights from the hub, a bucket or a package are kept."""
    plc_whisper_device: Literal["cpu", "cuda", "auto"] = "cpu"
    """Where the model runs."""
    plc_whisper_compute_type: str = "int8"
    """A quantization of CTranslate2: int8 on processors, float16 on graphics cards."""
    plc_whisper_threads: int = Field(1, ge=1, le=64)
    """Per instance; measured, more instances with one thread each beat one with more."""
    plc_segment_target_sec: float = Field(300, ge=10, le=1500)
    """The longest a segment should be. It is less where a lecture can then be divided evenly
    among the workers, down to 150 s: each segment has its fixed costs."""
    plc_segment_workers: int = Field(20, ge=1, le=1000)
    """How many segments are recognized at a time: what the queue and the instances allow."""


class HostedTranscriptionSettings(BaseSettings):
    """Transcription by a service."""

    openai_transcribe_base_url: str | None = None
    """Any service that speaks OpenAI's transcription API; empty means OpenAI's own."""
    openai_transcribe_api_key: Secret = Field(None, validate_default=True)
    """For a service at another address, if it needs one. OpenAI's own takes
    `OPENAI_API_KEY` too."""
    openai_transcribe_model: str = "whisper-1"
    """A model that returns word timestamps."""
    plc_transcribe_timeout_sec: float = Field(300, ge=1, le=600)
    """For one call, which is up to 12 minutes of speech."""

    @field_validator("openai_transcribe_api_key")
    @classmethod
    def _has_transcription_key(
        cls, value: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        told = (value, info.data.get("openai_transcribe_base_url"), info.data.get("openai_api_key"))
        if info.data.get("plc_transcribe_provider") == "openai" and not any(told):
            raise ValueError(
                "PLC_TRANSCRIBE_PROVIDER=openai needs it, OPENAI_API_KEY or"
                " OPENAI_TRANSCRIBE_BASE_URL"
            )
        return value

    @field_validator("openai_transcribe_model")
    @classmethod
    def _tells_word_times(cls, value: str) -> str:
        if value.startswith(WITHOUT_WORD_TIMES):
            raise ValueError(f"{value} does not tell when each word was said; whisper-1 does")
        return value
