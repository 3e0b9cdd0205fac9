"""How far a lecture is: every stage from its latest job, with the segments of the long one."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import aliased

from functions.ingest.progress.estimate import TypicalTimes, seconds_left
from functions.ingest.schemas.jobs import StatusChange
from functions.ingest.schemas.progress import (
    OverallStatus,
    ProgressResponse,
    ProgressSummary,
    SegmentProgress,
    StageProgress,
)
from functions.ingest.web.fields import Problem
from shared.documents.warnings import read
from shared.models import (
    ExportRow,
    Job,
    JobType,
    Lecture,
    LectureStatus,
    Segment,
    WorkStatus,
    unrestricted,
)
from shared.work.stages import is_transcript_only

WEIGHTS = {"upload": 2.0, "transcription": 78.0, "generation": 12.0, "export": 8.0}
"""Share of the whole, in percent, from runs on one machine: speech is nearly all of it."""

_Row = Row[*tuple[Any, ...]]
_OVERALL: dict[LectureStatus, OverallStatus] = {
    LectureStatus.AWAITING_UPLOAD: "not_started",
    LectureStatus.UPLOADED: "in_progress",
    LectureStatus.PROCESSING: "in_progress",
    LectureStatus.COMPLETED: "completed",
    LectureStatus.FAILED: "failed",
}


def _statement(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Lectures with the latest job of each type, a row each: one statement, so that all of it was
    true at one moment."""
    ahead = aliased(Job)
    jobs_ahead = select(func.count()).where(
        ahead.type == Job.type,
        ahead.status == WorkStatus.QUEUED,
        ahead.created_at < Job.created_at,
    )
    files_made_at = (
        select(func.max(ExportRow.created_at))
        .where(ExportRow.lecture_id == Lecture.id)
        .correlate(Lecture)
        .scalar_subquery()
    )
    segments = select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    *(Segment.index, Segment.start_sec, Segment.end_sec),
                    *(Segment.status, Segment.attempt),
                ),
                Segment.index,
            )
        )
    ).where(Segment.job_id == Job.id)
    return (
        select(
            *(Lecture.id, Lecture.slug, Lecture.status, Lecture.error, Lecture.duration_sec),
            *(Lecture.warnings, files_made_at.label("files_made_at")),
            *(Job.id.label("job_id"), Job.type, Job.status.label("job_status"), Job.attempt),
            *(Job.error.label("job_error"), Job.history, Job.segment_count, Job.created_at),
            case(
                (Job.status == WorkStatus.QUEUED, jobs_ahead.correlate(Job).scalar_subquery())
            ).label("jobs_ahead"),
            case(
                (Job.type == JobType.TRANSCRIPTION, segments.correlate(Job).scalar_subquery())
            ).label("segments"),
        )
        .select_from(Lecture)
        # The files of the transcript are none of the stages: the export is still to come.
        .outerjoin(Job, and_(Job.lecture_id == Lecture.id, ~is_transcript_only))
        .where(which, unrestricted)
        .ext(distinct_on(Lecture.id, Job.type))
        .order_by(Lecture.id, Job.type, Job.created_at.desc())
    )


_BY_NAME = _statement(and_(Lecture.owner == bindparam("owner"), Lecture.slug == bindparam("slug")))
_BY_ID = _statement(Lecture.id == bindparam("id"))
_BY_IDS = _statement(Lecture.id.in_(bindparam("ids", expanding=True)))


def progress_of(
    connection: Connection, owner: str, slug: str, typical: TypicalTimes, *, now: datetime
) -> ProgressResponse | None:
    """Of the owner's lecture of this name; None if there is none, or it is restricted."""
    return _progress(connection, _BY_NAME, {"owner": owner, "slug": slug}, typical, now)


def progress_of_id(
    connection: Connection, lecture_id: uuid.UUID, typical: TypicalTimes, *, now: datetime
) -> ProgressResponse | None:
    return _progress(connection, _BY_ID, {"id": lecture_id}, typical, now)


def _progress(
    connection: Connection,
    statement: Select[*tuple[Any, ...]],
    which: Mapping[str, object],
    typical: TypicalTimes,
    now: datetime,
) -> ProgressResponse | None:
    rows = connection.execute(statement, which).all()
    return _response(connection, rows, typical, now) if rows else None


def _response(
    connection: Connection, rows: Sequence[_Row], typical: TypicalTimes, now: datetime
) -> ProgressResponse:
    """Of one lecture's rows."""
    lecture, stages = rows[0], _stages(rows)
    return ProgressResponse(
        lecture_id=lecture.slug,
        overall_status=_OVERALL[lecture.status],
        percent=_overall_percent(lecture.status, stages),
        estimated_seconds_left=seconds_left(
            connection, lecture.status, lecture.duration_sec, stages, typical, now=now
        ),
        error=Problem.model_validate(lecture.error) if lecture.error else None,
        warnings=read(lecture.warnings),
        files_made_at=lecture.files_made_at,
        stages=stages,
    )


def summaries(
    connection: Connection, ids: Sequence[uuid.UUID], typical: TypicalTimes, *, now: datetime
) -> dict[uuid.UUID, ProgressSummary]:
    """How far lectures are, by their ids. Those that are gone or restricted are left out."""
    rows = connection.execute(_BY_IDS, {"ids": ids}).all() if ids else ()
    return {
        id: summary_of(_response(connection, own, typical, now))
        for id, own in ((id, list(own)) for id, own in groupby(rows, key=lambda row: row.id))
    }


def summary_of(progress: ProgressResponse) -> ProgressSummary:
    active = (each for each in progress.stages if each.status in {"queued", "running", "failed"})
    current = next(active, None)
    return ProgressSummary(
        overall_status=progress.overall_status,
        percent=progress.percent,
        stage=current.stage if current else None,
        estimated_seconds_left=progress.estimated_seconds_left,
    )


def _stages(rows: Sequence[_Row]) -> tuple[StageProgress, ...]:
    """Of one lecture's rows."""
    lecture = rows[0]
    # A lecture without jobs has one row, of no type.
    latest = {row.type: row for row in rows if row.type is not None}
    jobs = latest if lecture.status == LectureStatus.COMPLETED else _current(latest)
    return (
        _upload(lecture, accepted=bool(latest)),
        *(_stage(type, jobs.get(type)) for type in JobType),
    )


def _current(latest: Mapping[JobType, _Row]) -> dict[JobType, _Row]:
    """The jobs of the run in progress: a stage that was started again has its followers to come,
    whatever they did in an earlier run."""
    current: dict[JobType, _Row] = {}
    began: datetime | None = None
    for type in JobType:
        job = latest.get(type)
        if job is None or (began is not None and job.created_at < began):
            break
        current[type], began = job, job.created_at
    return current


def _overall_percent(status: LectureStatus, stages: Sequence[StageProgress]) -> float:
    # A stage that failed when it was done again takes nothing from a completed lecture.
    if status == LectureStatus.COMPLETED:
        return 100
    return round(sum(WEIGHTS[stage.stage] * stage.percent / 100 for stage in stages), 1)


def _upload(lecture: _Row, *, accepted: bool) -> StageProgress:
    if accepted:
        return StageProgress(stage="upload", status="succeeded", percent=100)
    if lecture.status == LectureStatus.FAILED:
        reason = Problem.model_validate(lecture.error)
        return StageProgress(stage="upload", status="failed", percent=0, error=reason)
    return StageProgress(stage="upload", status="not_started", percent=0)


def _stage(type: JobType, job: _Row | None) -> StageProgress:
    if job is None:
        return StageProgress(stage=type.value, status="not_started", percent=0)
    segments = None
    if type is JobType.TRANSCRIPTION:
        segments = tuple(map(_segment, job.segments or ()))
    history = [StatusChange.model_validate(entry) for entry in job.history]
    return StageProgress(
        stage=type.value,
        status=job.job_status.value,
        percent=_percent(job, segments),
        job_id=str(job.job_id),
        attempt=job.attempt,
        jobs_ahead=job.jobs_ahead,
        started_at=_first(history, WorkStatus.RUNNING),
        ended_at=_first(history, WorkStatus.SUCCEEDED) or _first(history, WorkStatus.FAILED),
        error=Problem.model_validate(job.job_error)
        if job.job_error and job.job_status == WorkStatus.FAILED
        else None,
        segments=segments,
    )


def _segment(values: Sequence[Any]) -> SegmentProgress:
    index, start_sec, end_sec, status, attempt = values
    return SegmentProgress(
        index=index,
        start_sec=start_sec,
        end_sec=end_sec,
        status=WorkStatus(status),
        attempt=attempt,
    )


def _percent(job: _Row, segments: Sequence[SegmentProgress] | None) -> float:
    if job.job_status == WorkStatus.SUCCEEDED:
        return 100
    if not segments:
        return 0
    done = sum(s.end_sec - s.start_sec for s in segments if s.status == WorkStatus.SUCCEEDED)
    total = sum(s.end_sec - s.start_sec for s in segments)
    # While the lecture is still being cut, what is to come is unknown: promise less.
    share = done / total if total else 0
    return round(share * (95 if job.segment_count else 50), 1)


def _first(history: Sequence[StatusChange], status: WorkStatus) -> datetime | None:
    return next((entry.at for entry in history if entry.status == status), None)
