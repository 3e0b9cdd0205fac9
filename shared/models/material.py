"""Which objects hold a lecture's current artifacts and exports, and its words to search."""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from shared.documents.artifacts import ArtifactType
from shared.models.base import JSON, Base, text_enum
from shared.models.personal_data import DELETING_MATERIAL, LECTURE_ID, WITH_MATERIAL, PersonalData

TRANSCRIPT_FILES = frozenset({"srt", "txt", "vtt"})
"""Kinds of files that are made of the transcript alone, before there is any material."""
REPEATS_TRANSCRIPT = TRANSCRIPT_FILES | {"json", "zip"}
"""Kinds of files that hold the whole transcript, and the archive of all. A file made after the
transcript was deleted does not."""
EXPORT_TYPES = REPEATS_TRANSCRIPT | {"anki", "anki-csv", "docx", "markdown", "pdf"}
"""All kinds of files (functions/export/formats/registry.py makes them)."""


class ArtifactRow(Base):
    """Which object holds the current artifact of a kind."""

    __tablename__ = "artifacts"
    __personal_data__ = PersonalData(
        why="which object holds the current study material",
        until=WITH_MATERIAL,
        deleted_by=DELETING_MATERIAL,
        columns={
            "lecture_id": LECTURE_ID,
            "object": "object with material that quotes what was said",
        },
        other=("id", "type", "preset_id", "version", "size", "counts", "job_id", "created_at"),
    )
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
    __personal_data__ = PersonalData(
        why="which object holds the current file",
        until=f"{WITH_MATERIAL}; files with the whole transcript, with the transcript; files that"
        " repeat another lecture, with that",
        deleted_by=f"{DELETING_MATERIAL}, (`transcript`); the deletion of the other lecture",
        columns={
            "lecture_id": LECTURE_ID,
            "sources": "other lectures that the file repeats",
            "object": "object with a file that quotes what was said",
            "file_name": "made from the titles of course and lecture",
        },
        other=("id", "type", "content_type", "size", "sha256", "job_id", "created_at"),
    )
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
    sources: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))
    """Other lectures of the course whose words or titles the file repeats. None if that was not
    recorded: the file is then treated as one that repeats all of them."""
    created_at: Mapped[datetime]


class Passage(Base):
    """A stretch of a lecture's current transcript, as the search finds it."""

    __tablename__ = "passages"
    __personal_data__ = PersonalData(
        why="search",
        until="the transcript is deleted by retention, or the lecture by its owner",
        deleted_by="retention (`transcript`), the row's lecture",
        columns={
            "lecture_id": LECTURE_ID,
            "text": "what was said",
            "terms": "its words",
        },
        other=("index", "start_sec", "end_sec", "config", "utterances"),
    )
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
    words (shared/search/bigrams.py)."""
    utterances: Mapped[list[list[float]] | None] = mapped_column(JSONB)
    """For each utterance in the text its first character's place, its id and its start in seconds.
    None in rows of earlier versions."""
