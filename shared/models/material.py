"""Which objects hold a lecture's current artifacts and exports, and its words to search."""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from shared.artifacts import ArtifactType
from shared.models.base import JSON, Base, text_enum


class ArtifactRow(Base):
    """Which object holds the current artifact of a kind."""

    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("lecture_id", "type"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lecture_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lectures.id", ondelete="CASCADE"))
    type: Mapped[ArtifactType] = mapped_column(text_enum(ArtifactType, "type"))
    preset_id: Mapped[str]
    version: Mapped[int]
    """1 for the first, one more with each regeneration."""
    object: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[JSON]
    job_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]


class ExportRow(Base):
    """Which object holds the current file of a kind."""

    __tablename__ = "exports"
    __table_args__ = (UniqueConstraint("lecture_id", "type"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lecture_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lectures.id", ondelete="CASCADE"))
    type: Mapped[str]
    object: Mapped[str]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    job_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]


class Passage(Base):
    """A stretch of a lecture's current transcript, as the search finds it."""

    __tablename__ = "passages"
    __table_args__ = (Index(None, "terms", postgresql_using="gin"),)

    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), primary_key=True
    )
    index: Mapped[int] = mapped_column(primary_key=True)
    """Position in the lecture, from 0."""
    start_sec: Mapped[float]
    end_sec: Mapped[float]
    text: Mapped[str]
    config: Mapped[str]
    """Postgres' text search configuration for the lecture's language."""
    terms: Mapped[str] = mapped_column(TSVECTOR)
    """`to_tsvector(config, text)`, with pairs of characters where a script has no spaces between
    words (shared/bigrams.py)."""
