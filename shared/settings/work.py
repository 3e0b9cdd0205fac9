"""Messages, and the jobs that they start."""

from datetime import timedelta
from functools import cached_property

from pydantic import Field
from pydantic_settings import BaseSettings


class MessageSettings(BaseSettings):
    """Messages."""

    pubsub_emulator_host: str | None = None
    """host:port of the local stand-in for Pub/Sub; empty means Google's."""
    plc_tasks_emulator_host: str | None = None
    """host:port of the local stand-in for Cloud Tasks; empty means Google's."""
    plc_segment_url: str | None = None
    """Where Cloud Tasks delivers a segment: the URL of transcribe:on_segment."""
    plc_tasks_service_account: str | None = None
    """Whose OIDC token a task carries."""


class JobSettings(BaseSettings):
    """Jobs."""

    plc_job_max_attempts: int = Field(5, ge=1, le=50)
    """Claims of one job, or of one upload's registration, crashes included, before it fails."""
    plc_segment_max_attempts: int = Field(5, ge=1, le=50)
    """The same for one segment."""
    plc_lease_sec: float = Field(60, ge=1, le=600)
    """How long a worker may be silent before its work is given to another. The
    heartbeat renews at a third of it."""
    plc_fanout_lease_sec: float = Field(900, ge=1, le=7200)
    """How long a transcription may go without a finished segment before the sweep repairs it."""
    plc_resend_after_sec: float = Field(60, ge=1, le=7200)
    """How long a queued job or segment may wait while workers are free before the sweep sends
    its message again; twice as long each time, up to `PLC_FANOUT_LEASE_SEC`."""
    plc_outbox_grace_sec: float = Field(15, ge=0, le=600)
    """Age at which the sweep publishes a message its writer has not."""

    @cached_property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.plc_lease_sec)

    @cached_property
    def fanout_lease(self) -> timedelta:
        return timedelta(seconds=self.plc_fanout_lease_sec)
