"""Requests of an owner as a person: exports and deletions of all their data."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import JSON, Base, text_enum
from shared.models.personal_data import OWNER, PersonalData


class AccountExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    ENDED = "ended"
    """Its files are deleted, or about to be."""


class AccountExport(Base):
    """A copy of everything of an owner, made by the sweep part by part."""

    __tablename__ = "account_exports"
    __personal_data__ = PersonalData(
        why="to give a person a copy of everything that is held",
        until="`PLC_ACCOUNT_EXPORT_DAYS` after it was asked for, or the account is deleted",
        deleted_by="the sweep (`account_exports`), `DELETE /me`",
        columns={"owner": OWNER, "parts": "objects with everything of the owner"},
        other=(
            "id",
            "status",
            "error",
            "reached",
            "attempt",
            "lease_token",
            "lease_expires_at",
            "expires_at",
            "created_at",
            "updated_at",
        ),
    )
    __table_args__ = (
        # A repeated request while one is made finds that one.
        Index(
            "uq_account_exports_live",
            "owner",
            unique=True,
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
        Index(None, "expires_at"),
        CheckConstraint(
            "(status = 'running') = (lease_token IS NOT NULL AND lease_expires_at IS NOT NULL)",
            name="running_exports_hold_a_lease",
        ),
        CheckConstraint(
            "(status = 'failed') <= (error IS NOT NULL)", name="failed_exports_say_why"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner: Mapped[str]
    """Empty once it has ended."""
    status: Mapped[AccountExportStatus] = mapped_column(text_enum(AccountExportStatus, "status"))
    error: Mapped[JSON | None]
    """`{code, message}` of the last attempt that failed."""
    reached: Mapped[uuid.UUID | None]
    """The last lecture that has its part; they are taken in the order of their ids."""
    parts: Mapped[list[Any]]
    """`{name, object, generation, size, sha256}` of each part that is stored."""
    attempt: Mapped[int]
    """How often in a row it was claimed without a part being added."""
    lease_token: Mapped[uuid.UUID | None]
    lease_expires_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    """When its files are deleted; the row goes some minutes later."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AccountDeletion(Base):
    """An account that is being deleted, and the receipt for one that was."""

    __tablename__ = "account_deletions"
    __personal_data__ = PersonalData(
        why="to carry a deletion out after a crash, and to prove it later without personal data",
        until="the owner until everything is deleted, the rest for good",
        deleted_by="the deletion itself",
        columns={"owner": OWNER},
        other=("id", "requested_at", "completed_at", "courses", "lectures"),
    )
    __table_args__ = (
        Index(
            "uq_account_deletions_pending",
            "owner",
            unique=True,
            postgresql_where=text("completed_at IS NULL"),
        ),
        CheckConstraint(
            "(completed_at IS NULL) = (owner IS NOT NULL)", name="receipts_name_nobody"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """Random: who knows it may see the receipt."""
    owner: Mapped[str | None]
    requested_at: Mapped[datetime]
    """What was there then is deleted."""
    completed_at: Mapped[datetime | None]
    courses: Mapped[int]
    lectures: Mapped[int]
