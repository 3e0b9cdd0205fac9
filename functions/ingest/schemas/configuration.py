"""What a client needs to know of an installation, and of its user."""

from datetime import datetime
from typing import Literal

from shared.schema import Schema
from shared.settings.transcription import TranscribeProvider


class SignIn(Schema):
    """Users sign in with Firebase or Identity Platform, and send the ID token of this project."""

    provider: Literal["identity-platform"] = "identity-platform"
    project_id: str
    api_key: str | None
    """The project's web API key, for Firebase's clients; null where the installation names none."""
    emulator_url: str | None
    """Where users sign in instead of at Google: the stand-in of a local stack."""


class UploadLimits(Schema):
    max_bytes: int
    """Of a recording that is uploaded to a signed URL."""
    max_form_bytes: int
    """Of a request that carries its recording in a form."""
    max_duration_sec: float
    content_types: tuple[str, ...]
    """Media types that can be announced. `application/octet-stream` fits every recording."""


class TranscriptionOptions(Schema):
    provider: TranscribeProvider
    model: str
    """The one that is used unless a request names another."""
    models: tuple[str, ...]
    """Those that a request may name; empty where only the service knows them."""
    languages: tuple[str, ...]
    """Codes of ISO 639 that a request may name."""


class RetentionDays(Schema):
    """From a lecture's creation, for courses without rules of their own."""

    raw_audio: int
    transcript: int
    material: int | None
    """Null where material is kept until its lecture is deleted."""


class ConfigResponse(Schema):
    api_version: str
    sign_in: SignIn | None
    """Null where requests need no token: on the local stack."""
    upload: UploadLimits
    transcription: TranscriptionOptions
    presets: tuple[str, ...]
    """Ids; `GET /presets` describes them."""
    default_preset: str
    retention_days: RetentionDays


class Usage(Schema):
    """Of the current day, in UTC."""

    lectures: int
    """Announced."""
    audio_sec: float
    """Transcribed, repetitions included."""
    resets_at: datetime


class DailyLimits(Schema):
    lectures: int
    audio_sec: float


class Holdings(Schema):
    courses: int
    lectures: int
    storage_bytes: int
    """Of recordings, study material and files."""


class MeResponse(Schema):
    operator: bool
    """May see and replay the jobs of all owners."""
    usage_today: Usage
    daily_limits: DailyLimits | None
    """Null for callers who are not limited."""
    holdings: Holdings
