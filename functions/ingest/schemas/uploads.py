"""Uploading a recording."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, WithJsonSchema

from functions.ingest.schemas.consent import Consent, Informed
from functions.ingest.web.fields import (
    DEFAULT_PRESET,
    FROM_NUMBER,
    ContentType,
    Crc32c,
    Moment,
    PresetId,
    Slug,
    Title,
)
from functions.ingest.web.media_types import ANY_TYPE
from shared.models import LectureStatus, LegalBasis
from shared.schema import Schema


class IngestFields(Schema):
    course_id: Slug
    course_title: Title | None = None
    """Of a course that does not exist yet. A course is renamed by `PATCH /courses/{courseId}`."""
    lecture_id: Slug | None = None
    """Made up if left out."""
    title: Title | None = None
    preset_id: PresetId = DEFAULT_PRESET
    crc32c: Annotated[
        Crc32c | None,
        # crc32C: as an earlier version of the document had it.
        Field(
            title="crc32c",
            validation_alias=AliasChoices("crc32c", "crc32C"),
            serialization_alias="crc32c",
        ),
    ] = None
    """Of the whole file. What arrives with another is refused as damaged."""

    consent_informed: Informed | None = None
    """Who was informed of the recording. It can be recorded later too."""
    consent_basis: LegalBasis | None = None
    """The legal basis of the recording: GDPR, article 6 (1)."""
    consent_at: Moment | None = None
    """When they were informed."""

    @property
    def consent(self) -> Consent | None:
        """None if nothing of it is given."""
        given = Consent(
            informed=self.consent_informed, basis=self.consent_basis, at=self.consent_at
        )
        return None if given == Consent() else given


class IngestRequest(IngestFields):
    content_type: ContentType = ANY_TYPE
    """Media type of the file, parameters allowed; what counts in the end is the bytes."""
    size_bytes: Annotated[int, Field(ge=1), FROM_NUMBER] | None = None
    """Of the whole file; the signed URL then takes just that many."""


class FormFields(IngestFields):
    """What a form says beside its file."""

    content_type: ContentType | None = None
    """By default that of the form's file."""


class IngestForm(FormFields):
    """For small files: `audio` is the recording, and the last field of the form."""

    audio: Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]


class Upload(Schema):
    """How to send the recording: POST to `url` with these headers and no body; the answer's
    `Location` takes the bytes by PUT, in chunks if need be (a resumable upload)."""

    url: str
    method: Literal["POST"] = "POST"
    headers: dict[str, str]
    expires_at: datetime
    """Until then the upload may be started; once started it has a week."""
    max_bytes: int


class IngestResponse(Schema):
    lecture_id: str
    course_id: str
    status: LectureStatus
    audio_path: str
    upload_url: str | None = None
    upload: Upload | None = None
