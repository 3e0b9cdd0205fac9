"""Runs of retention: how far one is, what it has counted, and the report it was signed off with."""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import JSON, Base
from shared.models.personal_data import PersonalData


class RetentionRun(Base):
    """One run, from its start until its report is written.

    Its worker holds a lease; the next worker continues where the last one stopped.
    """

    __tablename__ = "retention_runs"
    __personal_data__ = PersonalData(
        why="to prove what retention did",
        until="for good",
        deleted_by="nothing, by purpose",
        other=(
            "id",
            "dry_run",
            "started_at",
            "ended_at",
            "signed_off_at",
            "settings",
            "step",
            "reached",
            "counts",
            "lease_token",
            "lease_expires_at",
            "report_object",
            "report_generation",
            "report_sha256",
        ),
    )
    __table_args__ = (
        # A start while there is an unfinished run continues that run.
        Index(
            "uq_retention_runs_unfinished",
            "dry_run",
            unique=True,
            postgresql_where=text("signed_off_at IS NULL"),
        ),
        Index(None, "started_at"),
        CheckConstraint(
            "(lease_token IS NULL) = (lease_expires_at IS NULL)", name="a_lease_runs_out"
        ),
        CheckConstraint(
            "signed_off_at IS NULL OR (ended_at IS NOT NULL AND report_object IS NOT NULL "
            "AND report_generation IS NOT NULL AND report_sha256 IS NOT NULL)",
            name="signed_off_runs_have_a_report",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    dry_run: Mapped[bool]
    """Counts what would go; deletes and marks nothing."""
    started_at: Mapped[datetime]
    """What is due is due at this moment, however long the run takes."""
    ended_at: Mapped[datetime | None]
    """When nothing was left to do."""
    signed_off_at: Mapped[datetime | None]
    """When its report was in the bucket."""
    settings: Mapped[JSON]
    """As they were at the start; they hold for the whole run."""
    step: Mapped[str]
    """The policy it is at."""
    reached: Mapped[str]
    """How far that has come, in the policy's own terms; empty at its beginning."""
    counts: Mapped[JSON]
    lease_token: Mapped[uuid.UUID | None]
    lease_expires_at: Mapped[datetime | None]
    report_object: Mapped[str | None]
    report_generation: Mapped[int | None] = mapped_column(BigInteger)
    report_sha256: Mapped[str | None]
    """Of the report's bytes: a report that was changed afterwards does not fit it."""
