"""Concepts that run through a course."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, text_enum
from shared.models.personal_data import DELETING_MATERIAL, LECTURE_ID, WITH_MATERIAL, PersonalData
from shared.models.states import ThreadChange


class Thread(Base):
    """A concept that runs through a course.

    Title, description, complexity and aliases follow from what the lectures say of it
    (shared/courses/threads.py).
    """

    __tablename__ = "threads"
    __personal_data__ = PersonalData(
        why="a concept that runs through a course",
        until="no lecture of the course speaks of it any more, or the course is deleted",
        deleted_by="the deletion of lectures and courses",
        columns={
            "course_id": "which course",
            "title": "words of lectures",
            "aliases": "words of lectures",
            "description": "words of lectures",
            "key": "words of lectures",
        },
        other=("id", "complexity", "created_at", "updated_at"),
    )
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint("complexity BETWEEN 1 AND 5", name="complexity_is_1_to_5"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    key: Mapped[str]
    """Normalised name that it was begun under; stays when its title changes."""
    title: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """Other names that lectures use."""
    description: Mapped[str]
    complexity: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ThreadAccount(Base):
    """What one lecture says of the thread, in its own words."""

    __tablename__ = "thread_accounts"
    __personal_data__ = PersonalData(
        why="what one lecture says of a concept",
        until=WITH_MATERIAL,
        deleted_by=DELETING_MATERIAL,
        columns={
            "lecture_id": LECTURE_ID,
            "title": "words of the lecture",
            "aliases": "words of the lecture",
            "description": "words of the lecture",
            "summary": "words of the lecture",
        },
        other=("thread_id", "complexity", "change"),
    )
    __table_args__ = (
        CheckConstraint("complexity BETWEEN 1 AND 5", name="complexity_is_1_to_5"),
        CheckConstraint("(change IS NULL) = (summary IS NULL)", name="changes_are_told"),
    )

    thread_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("threads.id", ondelete="CASCADE"), primary_key=True
    )
    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    title: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str]
    complexity: Mapped[int]
    change: Mapped[ThreadChange | None] = mapped_column(text_enum(ThreadChange, "change"))
    summary: Mapped[str | None]
    """Both are what its provider took it to change; they count, as a ThreadUpdate, once a
    lecture before it is known to speak of the thread."""


class ThreadOccurrence(Base):
    """One lecture speaks of the thread, at this second, in these words."""

    __tablename__ = "thread_occurrences"
    __personal_data__ = PersonalData(
        why="where a lecture speaks of a concept",
        until=WITH_MATERIAL,
        deleted_by=DELETING_MATERIAL,
        columns={
            "lecture_id": LECTURE_ID,
            "quote": "what was said",
        },
        other=("id", "thread_id", "start_sec", "end_sec"),
    )
    __table_args__ = (UniqueConstraint("thread_id", "lecture_id", "start_sec"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    thread_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), index=True
    )
    quote: Mapped[str]
    start_sec: Mapped[float]
    end_sec: Mapped[float]


class ThreadUpdate(Base):
    """How one lecture changed what the course says of the thread."""

    __tablename__ = "thread_updates"
    __personal_data__ = PersonalData(
        why="how a lecture changed a concept",
        until=WITH_MATERIAL,
        deleted_by=DELETING_MATERIAL,
        columns={
            "lecture_id": LECTURE_ID,
            "summary": "words of the lecture",
        },
        other=("id", "thread_id", "change", "created_at"),
    )
    __table_args__ = (UniqueConstraint("thread_id", "lecture_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    thread_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), index=True
    )
    change: Mapped[ThreadChange] = mapped_column(text_enum(ThreadChange, "change"))
    summary: Mapped[str]
    created_at: Mapped[datetime]
