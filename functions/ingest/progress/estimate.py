"""The remaining time of a lecture, estimated only from measurements.

Speech is estimated from the segments of this lecture that are done, and before there
are any from the speed of the last lectures; the other stages from how long they took.
Before the first lecture of an installation the figures are those of the benchmarks. Where
the time is used up and the work still runs, there is no estimate.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, extract, func, select

from functions.ingest.schemas.progress import StageProgress
from shared.models import Job, JobType, Lecture, LectureStatus, WorkStatus
from shared.work.stages import is_silencing, is_transcript_only

RECENT = 20
"""Jobs from which the current duration is estimated."""
SEED: Mapping[JobType, float] = {
    JobType.TRANSCRIPTION: 0.071,
    JobType.GENERATION: 3.0,
    JobType.EXPORT: 3.0,
}
"""Until a job of the type has succeeded here: seconds, of a transcription per second of audio.
From scripts/cost/measured.json: cutting and recognizing by one worker, (11.9 + 243) / 3600; of
the other two stages a start of 1.7 s and the work on one hour of speech, rounded up."""


class TypicalTimes:
    """How long jobs have taken lately; asked of the database now and then."""

    KEPT = timedelta(seconds=30)

    def __init__(self) -> None:
        self._kept: dict[JobType, tuple[datetime, float]] = {}

    def get(self, connection: Connection, type: JobType, *, now: datetime) -> float:
        """Seconds, of a transcription per second of audio."""
        at, value = self._kept.get(type, (now - self.KEPT, 0.0))
        if now - at >= self.KEPT:
            measured = _typical(connection, type)
            value = SEED[type] if measured is None else measured
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
        .where(
            *(Job.type == type, Job.status == WorkStatus.SUCCEEDED),
            *(~is_silencing, ~is_transcript_only),
            Lecture.duration_sec > 0,
        )
        .order_by(Job.created_at.desc())
        .limit(RECENT)
        .subquery()
    )
    return connection.scalar(select(func.percentile_cont(0.5).within_group(recent.c.sec)))
