"""What retention has deleted of a lecture, and when it deletes the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from shared.config import Settings
from shared.errors import DeletedByRetentionError, NotFoundError
from shared.models import EXPORT_TYPES, REPEATS_TRANSCRIPT, Course, Lecture

COLUMNS: Sequence[Any] = (
    *(Lecture.created_at, Lecture.transcript_object),
    *(Lecture.raw_deleted_at, Lecture.transcript_deleted_at, Lecture.material_deleted_at),
    *(Course.retention_raw_audio_days, Course.retention_transcript_days),
    *(Course.retention_material_days, Course.held_until, Lecture.restricted_at),
)
"""What `kept_until` reads."""


@dataclass(frozen=True)
class Dates:
    """A time of deletion is None where no policy is in force, the lecture is restricted, or the
    thing is deleted already."""

    deletes_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True)
class Keeping:
    recording: Dates
    transcript: Dates
    material: Dates


def retention_dates_of(settings: Settings, row: Row[*tuple[Any, ...]]) -> Keeping:
    """Of a row with COLUMNS. Retention runs once a day, so it deletes within a day of the time."""

    def dates(own_days: int | None, usual_days: int | None, deleted_at: datetime | None) -> Dates:
        days = own_days or usual_days
        if deleted_at is not None or days is None or row.restricted_at is not None:
            return Dates(None, deleted_at)
        due = row.created_at + timedelta(days=days)
        return Dates(max(due, row.held_until) if row.held_until else due, None)

    # A lecture that was transcribed again has a transcript that is not deleted yet.
    transcript_deleted_at = None if row.transcript_object else row.transcript_deleted_at
    return Keeping(
        recording=dates(
            row.retention_raw_audio_days, settings.plc_retention_raw_audio_days, row.raw_deleted_at
        ),
        transcript=dates(
            row.retention_transcript_days,
            settings.plc_retention_transcript_days,
            transcript_deleted_at,
        ),
        material=dates(
            row.retention_material_days,
            settings.plc_retention_material_days,
            row.material_deleted_at,
        ),
    )


def no_transcript(lecture: Lecture) -> NotFoundError | DeletedByRetentionError:
    """The answer to a request for a transcript that is not there."""
    if lecture.transcript_deleted_at is not None:
        return DeletedByRetentionError("The transcript has been deleted as retention promises.")
    return NotFoundError("There is no transcript of this lecture.")


def no_artifact(lecture: Lecture, kind: str, *, known: bool) -> Exception:
    if known and lecture.material_deleted_at is not None:
        return DeletedByRetentionError("The material has been deleted as retention promises.")
    return NotFoundError(f"This lecture has no {kind!r}.")


def no_export(lecture: Lecture, kind: str) -> Exception:
    if kind in EXPORT_TYPES and lecture.material_deleted_at is not None:
        return DeletedByRetentionError("The files have been deleted as retention promises.")
    gone = lecture.transcript_object is None and lecture.transcript_deleted_at is not None
    if kind in REPEATS_TRANSCRIPT and gone:
        return DeletedByRetentionError(
            "The file has been deleted with the transcript, as retention promises."
        )
    return NotFoundError(f"This lecture has no export {kind!r}.")
