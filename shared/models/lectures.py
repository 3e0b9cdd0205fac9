"""Courses, their lectures, and rejected uploads."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import JSON, Base, text_enum
from shared.models.personal_data import LECTURE_ID, OWNER, PersonalData
from shared.models.states import LectureStatus, LegalBasis


class Course(Base):
    __tablename__ = "courses"
    __personal_data__ = PersonalData(
        why="to keep an owner's lectures apart and to apply the course's own rules",
        until="the owner deletes the course or the account",
        deleted_by="`DELETE /courses/{id}`, `DELETE /me`",
        columns={
            "owner": OWNER,
            "slug": "name that the owner's client gave",
            "title": "title that the owner gave; may name a person",
            "description": "text of the owner",
            "hold_reason": "text of the owner",
        },
        other=(
            "id",
            "retention_raw_audio_days",
            "retention_transcript_days",
            "retention_material_days",
            "held_until",
            "created_at",
            "updated_at",
        ),
    )
    __table_args__ = (
        UniqueConstraint("owner", "slug"),
        CheckConstraint(
            "retention_raw_audio_days IS NULL OR retention_raw_audio_days BETWEEN 1 AND 3650",
            name="raw_audio_days_in_range",
        ),
        CheckConstraint(
            "retention_transcript_days IS NULL OR retention_transcript_days BETWEEN 1 AND 3650",
            name="transcript_days_in_range",
        ),
        CheckConstraint(
            "retention_material_days IS NULL OR retention_material_days BETWEEN 1 AND 3650",
            name="material_days_in_range",
        ),
        CheckConstraint(
            "hold_reason IS NULL OR held_until IS NOT NULL", name="only_holds_have_reasons"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner: Mapped[str]
    slug: Mapped[str]
    """The client's name for the course, unique among its owner's."""
    title: Mapped[str | None]
    """Set only when a client gives one; never made up from the slug."""
    description: Mapped[str | None]
    retention_raw_audio_days: Mapped[int | None]
    """Instead of PLC_RETENTION_RAW_AUDIO_DAYS."""
    retention_transcript_days: Mapped[int | None]
    """Instead of PLC_RETENTION_TRANSCRIPT_DAYS."""
    retention_material_days: Mapped[int | None]
    """Instead of PLC_RETENTION_MATERIAL_DAYS."""
    held_until: Mapped[datetime | None]
    """Until then no policy deletes anything of the course."""
    hold_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Lecture(Base):
    __tablename__ = "lectures"
    __personal_data__ = PersonalData(
        why="the state of a lecture, and which objects are its own",
        until="the owner deletes the lecture, its course or the account",
        deleted_by="`DELETE /lectures/{id}`, `DELETE /courses/{id}`, `DELETE /me`",
        columns={
            "id": LECTURE_ID,
            "owner": OWNER,
            "card_namespace": "the owner's subject, and the names that the client gave at first",
            "slug": "name that the owner's client gave",
            "title": "title that the owner gave; may name a person",
            "course_id": "which course",
            "source_object": "object with the recorded voice",
            "transcript_object": "object with what was said",
            "error": "a code and a sentence; may hold a service's answer",
            "duration_sec": "length of the recording",
            "language": "spoken language",
            "warnings": "spoken languages, damage of the recording",
            "created_at": "when it was announced",
            "consent_informed": "text of the owner: who was informed of the recording; may name"
            " persons",
            "consent_at": "when they were informed",
        },
        other=(
            "consent_basis",
            "restricted_at",
            "taken_down_at",
            "preset_id",
            "status",
            "content_type",
            "expected_size",
            "expected_crc32c",
            "source_generation",
            "source_size",
            "source_crc32c",
            "upload_checked_at",
            "counted_audio_sec",
            "raw_deleted_at",
            "transcript_deleted_at",
            "material_deleted_at",
            "items_edited_at",
            "updated_at",
        ),
    )
    __table_args__ = (
        UniqueConstraint("owner", "slug"),
        CheckConstraint(
            "(status = 'failed') = (error IS NOT NULL)", name="failed_lectures_say_why"
        ),
        CheckConstraint(
            "taken_down_at IS NULL OR restricted_at IS NOT NULL", name="taken_down_is_restricted"
        ),
        Index(None, "status", "updated_at"),
        Index(None, "owner", "created_at"),
        # What retention looks through, and only as much of it as there still is.
        Index(
            "ix_lectures_with_recording",
            "created_at",
            "id",
            postgresql_where=text("source_generation IS NOT NULL AND raw_deleted_at IS NULL"),
        ),
        Index(
            "ix_lectures_with_transcript",
            "created_at",
            "id",
            postgresql_where=text("transcript_object IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    course_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), index=True
    )
    owner: Mapped[str]
    slug: Mapped[str]
    """The client's name for the lecture, unique among its owner's."""
    card_namespace: Mapped[str | None]
    """Owner, course and lecture as they were named when the lecture was created, a line each
    (shared/courses/identities.py). None for one that an instance of a release without it
    created."""
    preset_id: Mapped[str]
    title: Mapped[str | None]
    status: Mapped[LectureStatus] = mapped_column(text_enum(LectureStatus, "status"))
    error: Mapped[JSON | None]
    """`{code, message}` while the status is `failed`."""

    source_object: Mapped[str] = mapped_column(unique=True)
    """The one object name this lecture's audio may arrive under."""
    content_type: Mapped[str]
    """What the client says the recording is; once it is accepted, what its bytes say."""
    expected_size: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes, if the client said so beforehand."""
    expected_crc32c: Mapped[str | None]
    """What the client says the checksum will be, in the form of `source_crc32c`."""
    source_generation: Mapped[int | None] = mapped_column(BigInteger)
    source_size: Mapped[int | None] = mapped_column(BigInteger)
    """Of the accepted recording; of one that came with a form, once it is stored."""
    source_crc32c: Mapped[str | None]
    """Base64 of the big-endian checksum, as Cloud Storage writes it."""
    upload_checked_at: Mapped[datetime | None]
    """When the sweep last looked into the bucket for an upload it had heard nothing of."""
    duration_sec: Mapped[float | None]
    """From the container at first; from counted samples once it has been decoded."""
    counted_audio_sec: Mapped[float] = mapped_column(server_default="0")
    """Seconds of its last transcription that the daily limit has counted."""
    language: Mapped[str | None]
    transcript_object: Mapped[str | None]
    warnings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """Of the last transcription (shared/documents/warnings.py)."""
    consent_informed: Mapped[str | None]
    """Who was informed of the recording, in the owner's words. Pegasus does not check it."""
    consent_basis: Mapped[LegalBasis | None] = mapped_column(text_enum(LegalBasis, "consent_basis"))
    consent_at: Mapped[datetime | None]
    """When they were informed."""
    restricted_at: Mapped[datetime | None]
    """Since when it is kept and neither processed nor shown (`unrestricted`)."""
    taken_down_at: Mapped[datetime | None]
    """Since when an operator has it restricted (shared/deletion/takedowns.py)."""
    raw_deleted_at: Mapped[datetime | None]
    transcript_deleted_at: Mapped[datetime | None]
    material_deleted_at: Mapped[datetime | None]
    """None again once material has been generated again."""
    items_edited_at: Mapped[datetime | None]
    """When the owner last changed an item of the material or a mark, or took a change back."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    course: Mapped[Course] = relationship()


unrestricted = Lecture.restricted_at.is_(None)
"""A restricted lecture is kept, and neither processed nor shown (GDPR, article 18). It has no live
job: it is restricted under its lock, which ends the live ones, and none is created under the same
lock (shared/work/jobs.py). So workers need no condition of their own. What reads rows of several
lectures leaves out those that are restricted."""


class RejectedUpload(Base):
    """An object that arrived and could not become a lecture's audio, and why."""

    __tablename__ = "rejected_uploads"
    __personal_data__ = PersonalData(
        why="to report why an upload became no lecture",
        until="its lecture is deleted; without a lecture, 30 days after it arrived",
        deleted_by="`DELETE /lectures/{id}`, purge of the lecture, retention (rows)",
        columns={
            "object": "object with a recorded voice",
            "lecture_id": LECTURE_ID,
        },
        other=("id", "generation", "error", "created_at"),
    )
    __table_args__ = (UniqueConstraint("object", "generation"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    object: Mapped[str]
    generation: Mapped[int] = mapped_column(BigInteger)
    lecture_id: Mapped[uuid.UUID | None]
    error: Mapped[JSON]
    created_at: Mapped[datetime]


class UploadRegistration(Base):
    """The registration of an uploaded object while it is in progress or is to be tried again.

    Counted by object and generation, since the object may belong to no lecture. The row is
    deleted when the object has been accepted or rejected; that of one whose attempts are used
    up stays for some days, so that no notification begins again.
    """

    __tablename__ = "upload_registrations"
    __personal_data__ = PersonalData(
        why="to register an upload once",
        until="it is registered; one that was given up, some days",
        deleted_by="registration, retention (rows)",
        columns={
            "object": "object with a recorded voice",
        },
        other=("generation", "attempt", "lease_token", "lease_expires_at", "error", "updated_at"),
    )
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (lease_expires_at IS NULL)", name="leases_expire"),
        Index(
            "ix_upload_registrations_expiring",
            "lease_expires_at",
            postgresql_where=text("lease_expires_at IS NOT NULL"),
        ),
    )

    object: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    attempt: Mapped[int]
    """Claims so far, without those that ended because a dependency was unavailable."""
    lease_token: Mapped[uuid.UUID | None]
    lease_expires_at: Mapped[datetime | None]
    error: Mapped[JSON | None]
    """`{code, message}`: why the last attempt ended."""
    updated_at: Mapped[datetime]
