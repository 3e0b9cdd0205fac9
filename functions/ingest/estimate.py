"""How long a lecture still takes, from what was measured: never a guess.

Speech is estimated from the segments of this lecture that are done, and before there
are any from the speed of the last lectures; the other stages from how long they took.
Where that is unknown, or is used up and the work still runs, there is no estimate.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from functions.ingest.schemas.progress import StageProgress
from shared.models import Job, JobType, Lecture, LectureStatus, WorkStatus

RECENT = 20
"""Jobs that tell how long one takes now."""


def seconds_left(
    session: Session, lecture: Lecture, stages: Sequence[StageProgress], *, now: datetime
) -> float | None:
    if lecture.status not in (LectureStatus.UPLOADED, LectureStatus.PROCESSING):
        return None
    left = 0.0
    for stage in stages:
        if stage.stage == "upload" or stage.status == "succeeded":
            continue
        needed = _stage_left(session, lecture, stage, now=now)
        if needed is None:
            return None
        left += needed
    return round(left, 1)


def _stage_left(
    session: Session, lecture: Lecture, stage: StageProgress, *, now: datetime
) -> float | None:
    spent = (now - stage.started_at).total_seconds() if stage.started_at else 0.0
    if stage.stage == "transcription":
        if (measured := _from_segments(stage, spent)) is not None:
            return measured
        speed = _typical(session, JobType.TRANSCRIPTION, per_second_of_audio=True)
        if speed is None or lecture.duration_sec is None:
            return None
        needed = speed * lecture.duration_sec
    else:
        typical = _typical(session, JobType(stage.stage))
        if typical is None:
            return None
        needed = typical
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


def _typical(session: Session, type: JobType, *, per_second_of_audio: bool = False) -> float | None:
    """The median of the last jobs, in seconds; those without a duration tell no speed."""
    wall = extract("epoch", Job.updated_at - Job.created_at)
    recent = (
        select((wall / Lecture.duration_sec if per_second_of_audio else wall).label("sec"))
        .select_from(Job)
        .join(Lecture, Lecture.id == Job.lecture_id)
        .where(Job.type == type, Job.status == WorkStatus.SUCCEEDED)
        .order_by(Job.created_at.desc())
        .limit(RECENT)
    )
    if per_second_of_audio:
        recent = recent.where(Lecture.duration_sec > 0)
    rows = recent.subquery()
    return session.scalar(select(func.percentile_cont(0.5).within_group(rows.c.sec)))
