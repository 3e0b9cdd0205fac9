"""The files that are made of a lecture's study material.

Beside these the export function reads what every worker reads: `host` (process and database),
`storage` (bucket), `work` (leases, attempts, topics). It calls no vendor and needs no secret.
"""

from pydantic import Field
from pydantic_settings import BaseSettings


class ExportSettings(BaseSettings):
    """Export."""

    plc_export_min_summary_sections: int = Field(1, ge=0, le=50)
    """A summary with fewer is not exported: the job fails and says so."""
