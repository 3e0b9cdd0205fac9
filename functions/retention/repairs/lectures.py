"""Lectures that are stuck between two stages.

Each stage ends its job and creates the next one in one transaction, so there should be
none. If there is one, rows were changed by hand or the code has a fault: it is logged as
an error, and the lecture still continues.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from shared.database.locks import lock_lecture
from shared.log import log
from shared.models import Job, Lecture, LectureStatus, WorkStatus, unrestricted
from shared.runtime import Runtime
from shared.work.lectures import under_way_of
from shared.work.retry import Failure
from shared.work.stages import FIRST, STAGES, is_transcript_only

STILL_FOR = timedelta(minutes=5)
"""A lecture that moves changes its row, or has a live job, much sooner."""

UNDER_WAY = (LectureStatus.UPLOADED, LectureStatus.PROCESSING)


def move_stuck_lectures(rt: Runtime) -> int:
    """Move lectures that are in progress but have no live job."""

    def stuck(session: Session, limit: int) -> Sequence[uuid.UUID]:
        return session.scalars(
            select(Lecture.id)
            .where(
                Lecture.status.in_(UNDER_WAY),
                Lecture.updated_at <= rt.clock() - STILL_FOR,
                ~under_way_of(Lecture.id),
                unrestricted,
            )
            .order_by(Lecture.updated_at)
            .limit(limit)
        ).all()

    return mend_each(
        rt,
        "stuck_lectures",
        stuck,
        lambda each: rt.transact(partial(_move, rt, lecture_id=each)),
    )


def _move(rt: Runtime, session: Session, *, lecture_id: uuid.UUID) -> bool:
    # Locked first and examined by another statement, which sees jobs queued meanwhile.
    lock_lecture(session, lecture_id)
    lecture = session.scalar(
        select(Lecture).where(
            *(Lecture.id == lecture_id, Lecture.status.in_(UNDER_WAY)),
            *(~under_way_of(Lecture.id), unrestricted),
        )
    )
    if lecture is None:
        return False
    last = session.scalar(
        select(Job)
        .where(Job.lecture_id == lecture_id, ~is_transcript_only)
        # Of two that changed in the same moment, the later stage came after the earlier.
        .order_by(
            Job.updated_at.desc(),
            case({type: place for place, type in enumerate(STAGES)}, value=Job.type).desc(),
        )
        .limit(1)
        .with_for_update()
    )
    if last is not None and last.status == WorkStatus.FAILED:
        _fail(rt, session, lecture, last)
        moved_to = "end_of_last_job"
    elif last is not None and STAGES[last.type].then is None:
        rt.lectures.complete(session, lecture.id)
        moved_to = LectureStatus.COMPLETED.value
    else:
        type = (STAGES[last.type].then if last else None) or FIRST
        params = STAGES[type].params.defaults(lecture)
        rt.jobs.enqueue(session, lecture_id=lecture.id, params=params)
        moved_to = type.value
    log.error("sweep.lecture_stuck", lecture=str(lecture.id), moved_to=moved_to)
    return True


def _fail(rt: Runtime, session: Session, lecture: Lecture, job: Job) -> None:
    error = job.error or {}
    failure = Failure(error.get("code", ""), error.get("message", ""), permanent=True)
    rt.lectures.end_failed(session, lecture.id, failure)
