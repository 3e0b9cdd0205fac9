"""Corrections: a transcript's revisions, what was cut, and the terms of a course."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base
from shared.models.personal_data import (
    DELETING_LECTURE,
    LECTURE_ID,
    WITH_LECTURE,
    PersonalData,
)


class TranscriptRevision(Base):
    """A transcript that was corrected, or that a correction made.

    An uncorrected transcript has none. The current one is named in
    `lectures.transcript_object`.
    """

    __tablename__ = "transcript_revisions"
    __personal_data__ = PersonalData(
        why="to show and restore earlier transcripts",
        until="the transcript is deleted by retention, or the lecture by its owner",
        deleted_by="retention (`transcript`), the row's lecture",
        columns={
            "lecture_id": LECTURE_ID,
            "object": "object with what was said",
        },
        other=("number", "corrected", "created_at"),
    )
    __table_args__ = (
        CheckConstraint("number >= 1", name="numbers_begin_at_1"),
        CheckConstraint("corrected >= 0", name="corrected_is_a_count"),
    )

    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(unique=True)
    corrected: Mapped[int]
    """Utterances that a person changed in the one before; 0 for what was recognized."""
    created_at: Mapped[datetime]


class Cut(Base):
    """A span of time that was cut out of a lecture (docs/decisions/041-cuts.md).

    The recording is withheld while the lecture has one that is not silenced. It is also the order
    to delete the objects that still hold the span (shared/deletion/superseded.py).
    """

    __tablename__ = "cuts"
    __personal_data__ = PersonalData(
        why="to keep what was cut out of the recording and of later transcripts",
        until=WITH_LECTURE,
        deleted_by=DELETING_LECTURE,
        columns={
            "lecture_id": LECTURE_ID,
            "folders": "folders and objects of the lecture, and of others that repeated it",
        },
        other=(
            "id",
            "start_sec",
            "end_sec",
            "created_at",
            "silenced_at",
            "purge_due_at",
            "purges",
        ),
    )
    __table_args__ = (
        CheckConstraint("0 <= start_sec AND start_sec < end_sec", name="spans_have_a_length"),
        Index(
            "ix_cuts_purge_due",
            "purge_due_at",
            postgresql_where=text("purge_due_at IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), index=True
    )
    start_sec: Mapped[float]
    end_sec: Mapped[float]
    created_at: Mapped[datetime]
    silenced_at: Mapped[datetime | None]
    """When the recording of the lecture was silent there, or the lecture had none any more."""
    folders: Mapped[list[Any]]
    """Prefixes in the bucket under which everything goes that no row refers to."""
    purge_due_at: Mapped[datetime | None]
    """When the objects are deleted next; None once they are surely gone."""
    purges: Mapped[int]
    """How often they were, since the cut or since it was silenced."""


class CourseTerm(Base):
    """A word or phrase that a person put in place of what was recognized.

    No foreign key: checking it would lock the course after the lecture, against the order of
    shared/database/locks.py. A correction locks a lecture of the course, and the deletion of a
    course locks all of them before it deletes its terms.
    """

    __tablename__ = "course_terms"
    __personal_data__ = PersonalData(
        why="to recognize names and terms in the next lectures of the course",
        until="the owner deletes them, the lectures they come from, the course or the account; the"
        " last 300 are kept",
        deleted_by="deletion of the last of these lectures, `DELETE /courses/{id}/vocabulary`,"
        " `DELETE /courses/{id}`, `DELETE /me`",
        columns={
            "course_id": "which course",
            "term": "a word or name that the owner put right",
            "lectures": "lectures that it comes from",
        },
        other=("corrected_at",),
    )
    __table_args__ = (Index(None, "course_id", "corrected_at"),)

    course_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(primary_key=True)
    corrected_at: Mapped[datetime]
    """The last time."""
    lectures: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))
    """Those whose corrections put it in; it is deleted with the last of them. None if that was not
    recorded: it is then deleted with any lecture of the course."""
