"""Jobs: the work on a lecture."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.alias_generators import to_camel

from functions.ingest.web.fields import (
    FROM_NUMBER,
    Language,
    ModelName,
    PresetId,
    Problem,
    Slug,
)
from functions.ingest.web.paging import PageQuery, Pagination
from functions.ingest.web.reading import Flag
from shared.models import JobType, WorkStatus
from shared.schema import Schema
from shared.settings.transcription import TranscribeProvider


class TranscribeQuery(Schema):
    model: ModelName | None = None
    """By default the worker's own."""
    language: Language | None = None
    """ISO 639-1, of the lecture; by default the one that is heard. A stretch that is surely in
    another one is still recognized in its own, unless `strict` is given."""
    strict: Flag = False
    """Recognize all of it in `language`, whatever is heard. Means nothing without one."""
    provider: TranscribeProvider | None = None
    """By default the one that is set up. Another is refused: to whom recordings are given is the
    operator's to say."""


class StageRequest(Schema):
    """Everything may be left out."""

    course_id: Slug | None = None
    """Checked against the lecture's."""
    preset_id: PresetId | None = None
    """By default the lecture's."""


def _in_camel_case(params: object) -> object:
    return (
        {to_camel(name): value for name, value in params.items()}
        if isinstance(params, dict)
        else params
    )


JobParams = Annotated[
    dict[str, str | bool | None],
    BeforeValidator(_in_camel_case),
]
"""Of a transcription `model`, `language`, `strict` and `provider`, as they were asked for; of a
generation `presetId`; of an export none, or `transcriptOnly` where it makes the files that need the
transcript alone."""


class StageResponse(Schema):
    job_id: str
    lecture_id: str
    type: JobType
    status: WorkStatus
    deduplicated: bool
    """The job was in progress already: nothing new was started."""
    params: JobParams
    """Those that the job runs with; of one that was in progress those it was started with."""


class StatusChange(Schema):
    status: WorkStatus
    at: datetime


class Cost(Schema):
    """What a language model, or a service that transcribes, was paid for."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    audio_sec: float = 0.0
    """Seconds of speech that a service was given to hear."""
    usd: float | None = 0.0
    """US dollars by Pegasus' price table; null where the price of a model is not in it."""


class JobCost(Cost):
    provider: str
    model: str


class JobResponse(Schema):
    job_id: str
    lecture_id: str
    type: JobType
    status: WorkStatus
    params: JobParams
    attempt: int
    max_attempts: int
    progress: dict[str, Any]
    result: dict[str, Any] | None
    cost: JobCost | None
    """Only for a job that has succeeded and called a paid service."""
    error: Problem | None
    """Why the last attempt ended, while the job is tried again or has failed."""
    history: tuple[StatusChange, ...]
    replayed_from: str | None
    created_at: datetime
    updated_at: datetime


class JobsResponse(Schema):
    """Newest first."""

    jobs: tuple[JobResponse, ...]
    pagination: Pagination


class LectureJobsResponse(JobsResponse):
    cost: Cost
    """Of all jobs of the lecture, on whatever page."""


class DeadLetterQuery(PageQuery):
    type: JobType | None = None


class BatchReplayRequest(Schema):
    """Which failed jobs; without `jobIds` the oldest ones."""

    job_ids: Annotated[tuple[uuid.UUID, ...], Field(max_length=200)] | None = None
    type: JobType | None = None
    limit: Annotated[int, Field(ge=1, le=200), FROM_NUMBER] = 50


class Replayed(Schema):
    job_id: str
    """The failed one."""
    new_job_id: str
    lecture_id: str
    deduplicated: bool


class BatchReplayResponse(Schema):
    replayed: tuple[Replayed, ...]
    skipped: tuple[str, ...]
    """Of the jobs that were named: those that are none of the caller's failed jobs, or that
    have been replayed before."""
