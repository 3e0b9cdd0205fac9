"""Restricting a lecture, and lifting the restriction.

What other lectures repeat of a restricted one goes as if it were deleted, and comes back when the
restriction is lifted.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.courses.threads import restate
from shared.database.locks import lock_with_course
from shared.deletion import audit
from shared.deletion.siblings import renew_sharing, withdraw_repetitions
from shared.errors import NotFoundError, TakenDownError
from shared.log import log
from shared.models import LIVE, DeletionOutcome, Job, Lecture
from shared.runtime import Runtime


def restrict_lecture(rt: Runtime, lecture: Lecture) -> datetime:
    """Keep a lecture, and neither process nor show it. Returns since when that is so.

    Its live jobs are cancelled. The files of other lectures that repeat it are withdrawn, and made
    again without it; the threads of the course say what the other lectures say of them. Raises
    NotFoundError.
    """

    since = rt.transact(lambda session: restrict(rt, session, hold(session, lecture)))
    log.info("lecture.restricted", lecture=str(lecture.id))
    return since


def lift_restriction(rt: Runtime, lecture: Lecture) -> None:
    """Process and show a lecture again. Cancelled jobs may be replayed. Raises NotFoundError,
    TakenDownError."""

    def lift_own(session: Session) -> None:
        row = hold(session, lecture)
        if row.taken_down_at is not None:
            raise TakenDownError()
        lift(rt, session, row)

    rt.transact(lift_own)
    log.info("lecture.restriction_lifted", lecture=str(lecture.id))


def restrict(rt: Runtime, session: Session, row: Lecture) -> datetime:
    """Restrict a lecture that is held. Returns since when it is restricted."""
    if row.restricted_at is not None:
        return row.restricted_at
    live = select(Job).where(Job.lecture_id == row.id, Job.status.in_(LIVE))
    for job in session.scalars(live.order_by(Job.id).with_for_update()).all():
        rt.jobs.cancel(session, job)
    now = row.restricted_at = row.updated_at = rt.clock()
    session.flush()
    withdraw_repetitions(rt, session, row.course_id, [row.id])
    restate(session, row.course_id)
    _audit(rt, session, row.id, DeletionOutcome.RESTRICTED)
    return now


def lift(rt: Runtime, session: Session, row: Lecture) -> None:
    """Lift the restriction of a lecture that is held."""
    if row.restricted_at is None:
        return
    row.restricted_at, row.updated_at = None, rt.clock()
    session.flush()
    restate(session, row.course_id)
    renew_sharing(rt, session, row.course_id, row.id)
    _audit(rt, session, row.id, DeletionOutcome.UNRESTRICTED)


def hold(session: Session, lecture: Lecture) -> Lecture:
    """The lecture's row, locked with its course and all lectures of it. Raises NotFoundError, and
    ContendedError if it is being moved."""
    row = lock_with_course(session, lecture.id)
    if row is None:
        raise NotFoundError(f"There is no lecture {lecture.slug!r}.")
    return row


def _audit(rt: Runtime, session: Session, lecture_id: uuid.UUID, outcome: DeletionOutcome) -> None:
    entry = audit.Entry(f"lecture:{lecture_id}", audit.OWNER, lecture_id=lecture_id)
    audit.record(rt, session, [(entry, audit.Conclusion(outcome))])
