"""The remaining time of a lecture, estimated only from measurements.

Speech is estimated from the segments of this lecture that are done, and before there
are any from the speed of the last lectures; the other stages from how long they took.
Where that is unknown, or is used up and the work still runs, there is no estimate.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, extract, func, select

from functions.ingest.schemas.progress import StageProgress
from shared.models import Job, JobType, Lecture, LectureStatus, WorkStatus

RECENT = 20
"""Jobs from which the current duration is estimated."""


class TypicalTimes:
    """How long jobs have taken lately; asked of the database now and then."""

    KEPT = timedelta(seconds=30)

    def __init__(self) -> None:
        self._kept: dict[JobType, tuple[datetime, float | None]] = {}

    def get(self, connection: Connection, type: JobType, *, now: datetime) -> float | None:
        """Seconds, of a transcription per second of audio; None where nothing was measured."""
        at, value = self._kept.get(type, (now - self.KEPT, None))
        if now - at >= self.KEPT:
            value = _typical(connection, type)
            self._kept[type] = (now, value)
        return value


def seconds_left(
    connection: Connection,
    status: LectureStatus,
    duration_sec: float | None,
    stages: Sequence[StageProgress],
    typical: TypicalTimes,
    *,
    now: datetime,
) -> float | None:
    if status not in (LectureStatus.UPLOADED, LectureStatus.PROCESSING):
        return None
    left = 0.0
    for stage in stages:
        if stage.stage == "upload" or stage.status == "succeeded":
            continue
        needed = _stage_left(connection, duration_sec, stage, typical, now=now)
        if needed is None:
            return None
        left += needed
    return round(left, 1)


def _stage_left(
    connection: Connection,
    duration_sec: float | None,
    stage: StageProgress,
    typical: TypicalTimes,
    *,
    now: datetime,
) -> float | None:
    spent = (now - stage.started_at).total_seconds() if stage.started_at else 0.0
    if (measured := _from_segments(stage, spent)) is not None:
        return measured
    usual = typical.get(connection, JobType(stage.stage), now=now)
    if usual is None:
        return None
    needed = usual
    if stage.stage == "transcription":
        if duration_sec is None:
            return None
        needed = usual * duration_sec
    if stage.status == "running":
        needed -= spent
    return needed if needed > 0 else None


def _from_segments(stage: StageProgress, spent: float) -> float | None:
    segments = stage.segments or ()
    done = sum(s.end_sec - s.start_sec for s in segments if s.status == WorkStatus.SUCCEEDED)
    total = sum(s.end_sec - s.start_sec for s in segments)
    if stage.status != "running" or not done or not spent:
        return None
    return spent * (total - done) / done


def _typical(connection: Connection, type: JobType) -> float | None:
    """The median of the last jobs; lectures without a duration do not count."""
    sec: ColumnElement[Any] = extract("epoch", Job.updated_at - Job.created_at)
    if type is JobType.TRANSCRIPTION:
        sec = sec / Lecture.duration_sec
    recent = (
        select(sec.label("sec"))
        .select_from(Job)
        .join(Lecture, Lecture.id == Job.lecture_id)
        .where(Job.type == type, Job.status == WorkStatus.SUCCEEDED, Lecture.duration_sec > 0)
        .order_by(Job.created_at.desc())
        .limit(RECENT)
        .subquery()
    )
    return connection.scalar(select(func.percentile_cont(0.5).within_group(recent.c.sec)))
