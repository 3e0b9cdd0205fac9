"""A lecture as the API shows it."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from functions.ingest.lectures import retention_dates
from functions.ingest.lectures.lookup import no_lecture
from functions.ingest.lectures.silencing import is_withheld
from functions.ingest.schemas.consent import Consent
from functions.ingest.schemas.lectures import Available, LectureResponse
from functions.ingest.web.fields import Problem
from shared.documents.warnings import read
from shared.models import ArtifactRow, Course, ExportRow, Lecture, LectureStatus
from shared.runtime import Runtime

COLUMNS = (
    select(
        *(Lecture.id, Lecture.slug, Course.slug.label("course_slug"), Lecture.title),
        *(Lecture.preset_id, Lecture.status, Lecture.error),
        *(Lecture.source_object, Lecture.source_size, Lecture.content_type),
        *(Lecture.consent_informed, Lecture.consent_basis, Lecture.consent_at),
        *(Lecture.duration_sec, Lecture.language, Lecture.warnings, Lecture.updated_at),
        is_withheld.label("withheld"),
        exists().where(ArtifactRow.lecture_id == Lecture.id).label("has_artifacts"),
        exists().where(ExportRow.lecture_id == Lecture.id).label("has_exports"),
        *retention_dates.COLUMNS,
    )
    .join(Lecture.course)
    .where(Lecture.owner == bindparam("owner"))
)
"""Of an owner's lectures, which `owner` names: what `lecture_response` reads."""
_ONE = COLUMNS.where(Lecture.slug == bindparam("slug"))


def lecture_of(rt: Runtime, connection: Connection, owner: str, slug: str) -> LectureResponse:
    """Raises NotFoundError."""
    row = connection.execute(_ONE, {"owner": owner, "slug": slug}).first()
    if row is None:
        raise no_lecture(slug)
    return lecture_response(rt, row)


def lecture_response(rt: Runtime, row: Row[*tuple[Any, ...]]) -> LectureResponse:
    kept = retention_dates.retention_dates_of(rt.settings, row)
    return LectureResponse(
        lecture_id=row.slug,
        lecture_key=str(row.id),
        course_id=row.course_slug,
        title=row.title,
        preset_id=row.preset_id,
        status=row.status,
        error=Problem.model_validate(row.error) if row.error else None,
        audio_path=rt.store.uri(row.source_object),
        audio_bytes=row.source_size,
        content_type=row.content_type,
        duration_sec=row.duration_sec,
        language=row.language,
        warnings=read(row.warnings),
        available=Available(
            recording=has_recording(row) and not row.withheld,
            transcript=row.transcript_object is not None,
            artifacts=row.has_artifacts,
            exports=row.has_exports,
        ),
        consent=Consent(informed=row.consent_informed, basis=row.consent_basis, at=row.consent_at),
        restricted_at=row.restricted_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        recording_deletes_at=kept.recording.deletes_at,
        transcript_deletes_at=kept.transcript.deletes_at,
        material_deletes_at=kept.material.deletes_at,
        recording_deleted_at=kept.recording.deleted_at,
        transcript_deleted_at=kept.transcript.deleted_at,
        material_deleted_at=kept.material.deleted_at,
    )


def has_recording(lecture: Lecture | Row[*tuple[Any, ...]]) -> bool:
    arrived = lecture.source_size is not None
    waits = lecture.status is LectureStatus.AWAITING_UPLOAD
    return arrived and not waits and lecture.raw_deleted_at is None
