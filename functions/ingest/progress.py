"""How far a lecture is: every stage from its latest job, with the segments of the long one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, load_only

from functions.ingest.estimate import TypicalTimes, seconds_left
from functions.ingest.schemas.fields import Problem
from functions.ingest.schemas.jobs import StatusChange
from functions.ingest.schemas.progress import ProgressResponse, SegmentProgress, StageProgress
from shared.models import Job, JobType, Lecture, LectureStatus, Segment, WorkStatus

WEIGHTS = {"upload": 2.0, "transcription": 78.0, "generation": 12.0, "export": 8.0}
"""Share of the whole, in percent, from runs on one machine: speech is nearly all of it."""

SHOWN = (Lecture.slug, Lecture.status, Lecture.error, Lecture.duration_sec)
"""All that is read of a lecture."""
_JOB = (
    *(Job.type, Job.status, Job.attempt, Job.error, Job.history, Job.segment_count),
    Job.created_at,
)

_Overall = Literal["not_started", "in_progress", "completed", "failed"]
_OVERALL: dict[LectureStatus, _Overall] = {
    LectureStatus.AWAITING_UPLOAD: "not_started",
    LectureStatus.UPLOADED: "in_progress",
    LectureStatus.PROCESSING: "in_progress",
    LectureStatus.COMPLETED: "completed",
    LectureStatus.FAILED: "failed",
}


def lecture_progress(
    session: Session, lecture: Lecture, typical: TypicalTimes, *, now: datetime
) -> ProgressResponse:
    latest = {
        job.type: job
        for job in session.scalars(
            select(Job)
            .options(load_only(*_JOB, raiseload=True))
            .where(Job.lecture_id == lecture.id)
            .ext(distinct_on(Job.type))
            .order_by(Job.type, Job.created_at.desc())
        )
    }
    jobs = [_stage(session, type, latest.get(type)) for type in JobType]
    stages = (_upload(lecture, accepted=jobs[0].job_id is not None), *jobs)
    return ProgressResponse(
        lecture_id=lecture.slug,
        overall_status=_OVERALL[lecture.status],
        percent=round(sum(WEIGHTS[s.stage] * s.percent / 100 for s in stages), 1),
        estimated_seconds_left=seconds_left(session, lecture, stages, typical, now=now),
        error=Problem.model_validate(lecture.error) if lecture.error else None,
        stages=stages,
    )


def _upload(lecture: Lecture, *, accepted: bool) -> StageProgress:
    if accepted:
        return StageProgress(stage="upload", status="succeeded", percent=100)
    if lecture.status == LectureStatus.FAILED:
        reason = Problem.model_validate(lecture.error)
        return StageProgress(stage="upload", status="failed", percent=0, error=reason)
    return StageProgress(stage="upload", status="not_started", percent=0)


def _stage(session: Session, type: JobType, job: Job | None) -> StageProgress:
    if job is None:
        return StageProgress(stage=type.value, status="not_started", percent=0)
    segments = _segments(session, job) if type is JobType.TRANSCRIPTION else None
    history = [StatusChange.model_validate(entry) for entry in job.history]
    return StageProgress(
        stage=type.value,
        status=job.status.value,
        percent=_percent(job, segments),
        job_id=str(job.id),
        attempt=job.attempt,
        jobs_ahead=_jobs_ahead(session, job) if job.status == WorkStatus.QUEUED else None,
        started_at=_first(history, WorkStatus.RUNNING),
        ended_at=_first(history, WorkStatus.SUCCEEDED) or _first(history, WorkStatus.FAILED),
        error=Problem.model_validate(job.error)
        if job.error and job.status == WorkStatus.FAILED
        else None,
        segments=segments,
    )


def _segments(session: Session, job: Job) -> tuple[SegmentProgress, ...]:
    rows = session.execute(
        select(Segment.index, Segment.start_sec, Segment.end_sec, Segment.status, Segment.attempt)
        .where(Segment.job_id == job.id)
        .order_by(Segment.index)
    )
    return tuple(
        SegmentProgress(
            index=row.index,
            start_sec=row.start_sec,
            end_sec=row.end_sec,
            status=row.status,
            attempt=row.attempt,
        )
        for row in rows
    )


def _percent(job: Job, segments: Sequence[SegmentProgress] | None) -> float:
    if job.status == WorkStatus.SUCCEEDED:
        return 100
    if not segments:
        return 0
    done = sum(s.end_sec - s.start_sec for s in segments if s.status == WorkStatus.SUCCEEDED)
    total = sum(s.end_sec - s.start_sec for s in segments)
    # While the lecture is still being cut, what is to come is unknown: promise less.
    share = done / total if total else 0
    return round(share * (95 if job.segment_count else 50), 1)


def _jobs_ahead(session: Session, job: Job) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                Job.type == job.type,
                Job.status == WorkStatus.QUEUED,
                Job.created_at < job.created_at,
            )
        )
        or 0
    )


def _first(history: Sequence[StatusChange], status: WorkStatus) -> datetime | None:
    return next((entry.at for entry in history if entry.status == status), None)
