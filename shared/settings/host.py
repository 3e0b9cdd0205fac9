"""The process: where it runs, and its database."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from shared.settings.values import Secret


class HostSettings(BaseSettings):
    """Where it runs."""

    plc_environment: Literal["cloud", "local"] = "cloud"
    """`local` is the stack on one machine: no auth, plain connections to the stand-ins."""
    google_cloud_project: str = Field("", validate_default=True)
    """Always needed."""
    plc_region: str = "europe-west1"
    """Where the Cloud Tasks queue is."""
    k_service: str = "pegasus"
    """Name of the running function; Cloud Run sets it."""
    k_revision: str | None = None
    """Its revision; Cloud Run sets it, and nothing else does."""
    plc_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("google_cloud_project")
    @classmethod
    def _has_project(cls, value: str) -> str:
        if not value:
            raise ValueError("is always needed")
        return value


class DatabaseSettings(BaseSettings):
    """Database: one URL, or a Cloud SQL instance."""

    database_url: Secret = None
    """`postgresql://user:password@host:port/name`; wins over the three below."""
    instance_connection_name: str | None = None
    """Cloud SQL `project:region:instance`."""
    db_user: str | None = None
    """With IAM login: the service account's address without `.gserviceaccount.com`."""
    db_name: str | None = Field(None, validate_default=True)
    plc_db_ip_type: Literal["PUBLIC", "PRIVATE"] = "PUBLIC"
    plc_db_pool_size: int = Field(2, ge=1, le=20)
    """Connections per instance. Small Cloud SQL tiers allow 25 in all."""

    @field_validator("db_name")
    @classmethod
    def _has_database(cls, value: str | None, info: ValidationInfo) -> str | None:
        cloud_sql = (info.data.get("instance_connection_name"), info.data.get("db_user"), value)
        if info.data.get("database_url", "wrong") is None and not all(cloud_sql):
            raise ValueError(
                "set DATABASE_URL, or all of INSTANCE_CONNECTION_NAME, DB_USER and DB_NAME"
            )
        return value
