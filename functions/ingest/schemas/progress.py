"""How far a lecture is."""

from datetime import datetime
from typing import Literal

from functions.ingest.web.fields import Percent, Problem
from shared.documents.warnings import Warnings
from shared.models import WorkStatus
from shared.schema import Schema

OverallStatus = Literal["not_started", "in_progress", "completed", "failed"]
Stage = Literal["upload", "transcription", "generation", "export"]


class SegmentProgress(Schema):
    index: int
    start_sec: float
    end_sec: float
    status: WorkStatus
    attempt: int


class StageProgress(Schema):
    stage: Stage
    status: Literal["not_started", "queued", "running", "succeeded", "failed"]
    """Of the present run: what follows a stage that was started again is `not_started`."""
    percent: Percent
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
    overall_status: OverallStatus
    percent: Percent
    """100 if and only if `overallStatus` is `completed`."""
    estimated_seconds_left: float | None
    """From the speed measured on this lecture, on the last ones, or, before there are any, in the
    benchmarks. Null where the recording's length is unknown, where the work takes longer than it
    used to, and where nothing is in progress. It does not include the time in the queue."""
    error: Problem | None
    warnings: Warnings
    """Of the current transcript."""
    files_made_at: datetime | None
    """When the newest file that `/lectures/{lectureId}/exports` lists was made: those of the
    transcript come before the study material."""
    stages: tuple[StageProgress, ...]


class ProgressSummary(Schema):
    overall_status: OverallStatus
    percent: Percent
    stage: Stage | None
    """The one that is queued, running or failed."""
    estimated_seconds_left: float | None
