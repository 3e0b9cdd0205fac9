"""The bucket, and the URLs signed for it."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class StorageSettings(BaseSettings):
    """Storage."""

    gcs_bucket: str
    """Holds recordings, segments, transcripts, artifacts and exports."""
    gcs_prefix: str = ""
    """Folder inside the bucket that holds everything; empty for the root."""
    storage_emulator_host: str | None = None
    """URL of the local stand-in for Cloud Storage; empty means Google's."""
    plc_signing_key_file: str | None = None
    """A service account key for signing URLs on the laptop. In the cloud there is none:
    IAM signs (`signBlob`)."""
    plc_signing_account: str | None = None
    """Address of the service account whose name IAM signs in."""
    plc_max_audio_upload_mb: int = Field(200, ge=1, le=5000)
    """Millions of bytes; part of the signature of an upload URL."""
    plc_max_audio_duration_sec: float = Field(12 * 3600, ge=1, le=48 * 3600)
    """A longer recording is refused."""

    @field_validator("gcs_prefix")
    @classmethod
    def _strip_prefix(cls, value: str) -> str:
        return value.strip("/")

    # What belongs together is checked field by field, not on the whole model: that check
    # would not run, and its problems not be reported, while any one field is wrong.

    @property
    def max_audio_bytes(self) -> int:
        return self.plc_max_audio_upload_mb * 1_000_000
