"""Jobs, and the segments a transcription falls into."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import JSON, Base, text_enum
from shared.models.lectures import Lecture
from shared.models.personal_data import DELETING_LECTURE, LECTURE_ID, WITH_LECTURE, PersonalData
from shared.models.states import LIVE, JobType, WorkStatus, one_of


class Job(Base):
    __tablename__ = "jobs"
    __personal_data__ = PersonalData(
        why="the state of a stage's work",
        until=WITH_LECTURE,
        deleted_by=DELETING_LECTURE,
        columns={
            "lecture_id": LECTURE_ID,
            "error": "a code and a sentence; may hold a service's answer",
            "spoken_language": "spoken language",
            "warnings": "spoken languages, damage of the recording",
        },
        other=(
            "id",
            "type",
            "status",
            "params",
            "result",
            "attempt",
            "max_attempts",
            "resent",
            "lease_token",
            "lease_expires_at",
            "run_again",
            "segment_count",
            "language_segment",
            "progress",
            "cost",
            "history",
            "replayed_from",
            "created_at",
            "updated_at",
        ),
    )
    __table_args__ = (
        # One live job per lecture and type: a repeated request finds the existing one.
        Index(
            "uq_jobs_live",
            "lecture_id",
            "type",
            unique=True,
            postgresql_where=text(one_of("status", LIVE)),
        ),
        Index(None, "lecture_id", "created_at"),
        # How long jobs of a kind have taken lately; what a deletion has to let go of.
        Index(None, "type", "created_at"),
        Index(None, "replayed_from"),
        Index("ix_jobs_expiring", "lease_expires_at", postgresql_where=text("status = 'running'")),
        CheckConstraint(
            "(status = 'running') = (lease_token IS NOT NULL AND lease_expires_at IS NOT NULL)",
            name="running_jobs_hold_a_lease",
        ),
        CheckConstraint("(status = 'failed') <= (error IS NOT NULL)", name="failed_jobs_say_why"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lecture_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lectures.id", ondelete="CASCADE"))
    type: Mapped[JobType] = mapped_column(text_enum(JobType, "type"))
    status: Mapped[WorkStatus] = mapped_column(text_enum(WorkStatus, "status"))
    params: Mapped[JSON]
    result: Mapped[JSON | None]
    error: Mapped[JSON | None]
    """`{code, message}`: why the last attempt ended, kept while it is retried."""
    attempt: Mapped[int]
    """How often the job was claimed."""
    max_attempts: Mapped[int]
    resent: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """How often the sweep has sent its message again since it was last claimed or requeued."""
    lease_token: Mapped[uuid.UUID | None]
    lease_expires_at: Mapped[datetime | None]
    run_again: Mapped[bool]
    """Its input changed while it ran: when it ends, the work is queued once more."""
    segment_count: Mapped[int | None]
    """Transcription only: set once the whole lecture is cut, before that unknown."""
    language_segment: Mapped[int | None]
    """Transcription only: the segment in which the lecture's language is detected."""
    spoken_language: Mapped[str | None]
    """ISO 639-1: the language detected there. Never changes once it is set."""
    warnings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """Transcription only: found while the recording was decoded (shared/documents/warnings.py)."""
    progress: Mapped[JSON]
    cost: Mapped[JSON]
    history: Mapped[list[Any]]
    """`[{status, at}]`, oldest first."""
    replayed_from: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    lecture: Mapped[Lecture] = relationship()


class Segment(Base):
    __tablename__ = "segments"
    __personal_data__ = PersonalData(
        why="the state of a part of a transcription",
        until=WITH_LECTURE,
        deleted_by=DELETING_LECTURE,
        columns={
            "audio_object": "object with the recorded voice",
            "transcript_object": "object with what was said",
        },
        other=(
            "job_id",
            "index",
            "start_sec",
            "end_sec",
            "status",
            "error",
            "attempt",
            "resent",
            "lease_token",
            "lease_expires_at",
            "updated_at",
        ),
    )
    __table_args__ = (
        CheckConstraint(
            "(status = 'running') = (lease_token IS NOT NULL AND lease_expires_at IS NOT NULL)",
            name="running_segments_hold_a_lease",
        ),
        CheckConstraint(
            "(status = 'succeeded') <= (transcript_object IS NOT NULL)",
            name="done_segments_have_a_transcript",
        ),
    )

    job_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )
    index: Mapped[int] = mapped_column(primary_key=True)
    start_sec: Mapped[float]
    end_sec: Mapped[float]
    audio_object: Mapped[str]
    transcript_object: Mapped[str | None]
    status: Mapped[WorkStatus] = mapped_column(text_enum(WorkStatus, "status"))
    error: Mapped[JSON | None]
    attempt: Mapped[int]
    resent: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """As of a job."""
    lease_token: Mapped[uuid.UUID | None]
    lease_expires_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
