"""Requests and responses of the HTTP API. JSON is camelCase; snake_case is read as well."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.artifacts import ArtifactType
from shared.models import JobType, LectureStatus, ThreadChange, WorkStatus
from shared.schema import Schema

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def _printable(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("must not hold control characters")
    return value


Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""A client's name for a lecture or course."""
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_printable),
]


class IngestRequest(Schema):
    course_id: Slug
    course_title: Title | None = None
    lecture_id: Slug | None = None
    """Made up if left out."""
    title: Title | None = None
    preset_id: str = "exam"
    content_type: Annotated[str, StringConstraints(max_length=127)] = "application/octet-stream"
    """Media type of the file, parameters allowed; what counts in the end is the bytes."""


class Upload(Schema):
    """How to send the recording: POST to `url` with these headers and no body; the answer's
    `Location` takes the bytes by PUT, in chunks if need be (a resumable upload)."""

    url: str
    method: Literal["POST"] = "POST"
    headers: dict[str, str]
    expires_at: datetime
    max_bytes: int


class IngestResponse(Schema):
    lecture_id: str
    course_id: str
    status: LectureStatus
    audio_path: str
    upload_url: str | None = None
    upload: Upload | None = None


class StageRequest(Schema):
    """Body of `/generate` and `/export`; everything may be left out."""

    course_id: Slug | None = None
    preset_id: str | None = None


class StageResponse(Schema):
    job_id: str
    lecture_id: str
    type: JobType
    status: WorkStatus
    deduplicated: bool


class Problem(Schema):
    code: str
    message: str


class StatusChange(Schema):
    status: WorkStatus
    at: datetime


class JobResponse(Schema):
    job_id: str
    lecture_id: str
    type: JobType
    status: WorkStatus
    attempt: int
    max_attempts: int
    progress: dict[str, Any]
    result: dict[str, Any] | None
    error: Problem | None
    history: tuple[StatusChange, ...]
    replayed_from: str | None
    created_at: datetime
    updated_at: datetime


class LectureResponse(Schema):
    lecture_id: str
    course_id: str
    title: str | None
    preset_id: str
    status: LectureStatus
    error: Problem | None
    audio_path: str
    audio_bytes: int | None
    duration_sec: float | None
    language: str | None
    created_at: datetime
    updated_at: datetime


class SegmentProgress(Schema):
    index: int
    start_sec: float
    end_sec: float
    status: WorkStatus
    attempt: int


Stage = Literal["upload", "transcription", "generation", "export"]


class StageProgress(Schema):
    stage: Stage
    status: Literal["not_started", "queued", "running", "succeeded", "failed"]
    percent: float
    job_id: str | None = None
    attempt: int | None = None
    jobs_ahead: int | None = None
    """While queued: how many jobs of the same kind were queued before this one."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: Problem | None = None
    segments: tuple[SegmentProgress, ...] | None = None


class ProgressResponse(Schema):
    lecture_id: str
    overall_status: Literal["not_started", "in_progress", "completed", "failed"]
    percent: float
    error: Problem | None
    stages: tuple[StageProgress, ...]


class ArtifactRecord(Schema):
    type: ArtifactType
    path: str
    preset_id: str
    version: int
    size_bytes: int
    counts: dict[str, int]
    created_at: datetime


class ArtifactsResponse(Schema):
    lecture_id: str
    artifacts: tuple[ArtifactRecord, ...]


class ExportRecord(Schema):
    type: str
    path: str
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime


class ExportsResponse(Schema):
    lecture_id: str
    exports: tuple[ExportRecord, ...]


class CourseResponse(Schema):
    course_id: str
    title: str | None
    description: str | None
    created_at: datetime


class Occurrence(Schema):
    lecture_id: str
    quote: str
    start_sec: float
    end_sec: float


class Update(Schema):
    lecture_id: str
    change: ThreadChange
    summary: str
    at: datetime


class ThreadResponse(Schema):
    thread_id: str
    title: str
    description: str
    complexity: int
    occurrences: tuple[Occurrence, ...]
    updates: tuple[Update, ...]


class ThreadsResponse(Schema):
    course_id: str
    threads: tuple[ThreadResponse, ...]
    total: int = Field(ge=0)
