"""What Terraform has made, and how its database is connected to."""

import os
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from scripts.programs import Programs
from shared.config import Settings


class Database(BaseModel):
    instance_connection_name: str
    name: str
    migrator: str | None


class Installation(BaseModel):
    """The outputs of terraform/outputs.tf that a deployment needs."""

    api_url: str
    bucket: str
    callers: Mapping[str, str]
    """Accounts that may call the internal functions, by function."""
    database: Database
    function_urls: Mapping[str, str]
    region: str
    secrets: Mapping[str, bool]
    """Whether a function is given it."""
    weights: str | None
    """Where the speech model's weights are copied to, if they are."""

    @property
    def internal_urls(self) -> Mapping[str, str]:
        return {name: self.function_urls[name] for name in self.callers}


SHOWN = Installation(
    api_url="API_URL",
    bucket="BUCKET",
    callers={},
    database=Database(
        instance_connection_name="INSTANCE_CONNECTION_NAME", name="DB_NAME", migrator="DB_USER"
    ),
    function_urls={},
    region="REGION",
    secrets={"write-api-token": True},
    weights=None,
)
"""In a dry run, where nothing is known."""


def parse_outputs(outputs: Mapping[str, Any]) -> Installation | None:
    """None before the first apply, and after one that has not come as far as the API."""
    values = {name: output["value"] for name, output in outputs.items()}
    if not values.keys() >= Installation.model_fields.keys():
        return None
    return Installation.model_validate(values)


def settings_of_migrations(installation: Installation, project: str) -> dict[str, str]:
    """The environment in which scripts/migrate finds this database and no other.

    Variables of the operator's shell for another one, such as the local stack's DATABASE_URL,
    must not win. How it is reached (PLC_DB_IP_TYPE) may come from there.
    """
    foreign = {name.upper() for name in Settings.model_fields} - {"PLC_DB_IP_TYPE"}
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    return inherited | {
        "GOOGLE_CLOUD_PROJECT": project,
        "GCS_BUCKET": installation.bucket,
        "INSTANCE_CONNECTION_NAME": installation.database.instance_connection_name,
        "DB_NAME": installation.database.name,
        "DB_USER": installation.database.migrator or "",
    }


def static_token(programs: Programs, project: str) -> str | None:
    """PLC_API_TOKEN, or the one in Secret Manager. Raises ProgramError."""
    if given := os.environ.get("PLC_API_TOKEN"):
        return given
    return programs.read(
        *("gcloud", "secrets", "versions", "access", "latest"),
        *("--secret=write-api-token", f"--project={project}"),
    ).strip()
