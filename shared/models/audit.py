"""What outlives what it tells of."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class DeletionAuditEvent(Base):
    """What was deleted, by whom or which policy, and how that went. Outlives its subject."""

    __tablename__ = "deletion_audit_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    subject: Mapped[str]
    generation: Mapped[int | None] = mapped_column(BigInteger)
    lecture_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor: Mapped[str]
    """A principal, or `policy:<name>`."""
    outcome: Mapped[str]
    created_at: Mapped[datetime]


class Purge(Base):
    """The objects of a deleted lecture, until they are surely gone.

    Written in the transaction that deletes the lecture. Run at once, again when every
    worker that was still writing has ended, and a last time when no upload session of
    the lecture can be alive any more; then the row goes.
    """

    __tablename__ = "purges"

    lecture_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner: Mapped[str]
    folders: Mapped[list[Any]]
    """Prefixes in the bucket under which everything goes."""
    runs: Mapped[int]
    """How often everything was deleted; a run that failed half-way does not count."""
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
