"""Lectures, courses, and lists of them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from functions.ingest.schemas.consent import Consent
from functions.ingest.web.fields import PresetId, Problem, Slug, Title
from functions.ingest.web.paging import PageQuery, Pagination
from functions.ingest.web.reading import Flag
from shared.documents.warnings import Warnings
from shared.models import LectureStatus, ThreadChange
from shared.schema import Schema
from shared.text import SHOWN

CourseDescription = Annotated[str, StringConstraints(max_length=2000), *SHOWN]


class LecturesQuery(PageQuery):
    restricted: Flag = False
    """Those that are restricted, instead of those that are not."""


class Available(Schema):
    """What can be read now, whatever became of the last run."""

    recording: bool
    transcript: bool
    artifacts: bool
    exports: bool


class LectureResponse(Schema):
    lecture_id: str
    lecture_key: str
    """Never another lecture's, also where `lectureId` is given again after a deletion."""
    course_id: str
    title: str | None
    preset_id: str
    status: LectureStatus
    error: Problem | None
    audio_path: str
    audio_bytes: int | None
    content_type: str
    """What the client said; once the recording is accepted, what its bytes say."""
    duration_sec: float | None
    language: str | None
    warnings: Warnings
    """Of the current transcript."""
    available: Available
    consent: Consent
    """Who was informed of the recording, on what basis, and when."""
    restricted_at: datetime | None
    """Since when the lecture is kept and neither processed nor shown."""
    created_at: datetime
    updated_at: datetime
    recording_deletes_at: datetime | None
    """From then on the daily run of retention deletes the recording. None if it is deleted."""
    transcript_deletes_at: datetime | None
    material_deletes_at: datetime | None
    """None also where material is kept until its lecture is deleted."""
    recording_deleted_at: datetime | None
    """When retention deleted it."""
    transcript_deleted_at: datetime | None
    material_deleted_at: datetime | None


class LecturesResponse(Schema):
    """Newest first."""

    lectures: tuple[LectureResponse, ...]
    pagination: Pagination


class LectureChanges(Schema):
    """What is left out stays as it is."""

    title: Title | None = None
    """With null the lecture has none, and is shown under the name that `lectureId` gives."""
    course_id: Slug | None = None
    """Of another course of yours, to which the lecture is moved."""
    preset_id: PresetId | None = None
    """For material that is made from now on; what is there stays."""


class CourseRequest(Schema):
    course_id: Slug
    title: Title | None = None
    description: CourseDescription | None = None


class CourseChanges(Schema):
    """What is left out stays as it is; with null the course has none."""

    title: Title | None = None
    description: CourseDescription | None = None


class CourseResponse(Schema):
    course_id: str
    title: str | None
    description: str | None
    created_at: datetime


class CoursesResponse(Schema):
    """Newest first."""

    courses: tuple[CourseResponse, ...]
    pagination: Pagination


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
    """When it was found, which may be long after the lecture."""


class ThreadResponse(Schema):
    """`occurrences` and `updates` are in the order of the lectures."""

    thread_id: str
    course_id: str
    title: str
    aliases: tuple[str, ...]
    """Other names that lectures of the course use."""
    description: str
    complexity: int
    """1 to 5."""
    occurrences: tuple[Occurrence, ...]
    updates: tuple[Update, ...]


class ThreadsResponse(Schema):
    """Ordered by title."""

    course_id: str
    threads: tuple[ThreadResponse, ...]
    pagination: Pagination


class DeletionResponse(Schema):
    lectures: int
    """How many are gone."""
    jobs_cancelled: int
    storage: Literal["purged", "pending", "kept"]
    """`pending`: storage did not answer; the objects go as soon as it does, without being
    asked for again. `kept`: as an operator asked, until `keepUntil`."""
    objects_deleted: int | None
    kept: tuple[str, ...]
    """The folders whose objects are kept."""


class RestrictionResponse(Schema):
    lecture_id: str
    restricted_at: datetime | None
    """Since when the lecture is kept and neither processed nor shown; null if it is not."""
