"""What outlives what it tells of."""

import uuid
from datetime import datetime

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
