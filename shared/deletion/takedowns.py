"""Takedowns: a person who was recorded, and is not the owner, objects to a lecture.

An operator restricts the lecture; from then on its owner may delete it, and not lift the
restriction. The operator then lifts the takedown or deletes the lecture. The audit has each of
these steps with the operator's case reference; who objected is not stored.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from shared.deletion import audit
from shared.deletion.lectures import Deleted, delete_lecture
from shared.deletion.restricting import hold, lift, restrict
from shared.errors import ConflictError
from shared.log import log
from shared.models import DeletionOutcome, Lecture
from shared.runtime import Runtime

OPERATOR = "operator:takedown"
"""The actor. Which operator it was is in `operator_accesses`."""


def take_down(rt: Runtime, lecture: Lecture, reference: str) -> Lecture:
    """Restrict a lecture until the takedown is lifted or the lecture is deleted; the lecture as it
    is then. One that is taken down already stays as it is. Raises NotFoundError."""

    def record(session: Session) -> Lecture:
        row = hold(session, lecture)
        if row.taken_down_at is None:
            by_owner = row.restricted_at is not None
            since = restrict(rt, session, row)
            # Later than the restriction, where that is the owner's: `lift_takedown` compares.
            row.taken_down_at = rt.clock() if by_owner else since
            row.updated_at = rt.clock()
            taken_down = audit.Conclusion(DeletionOutcome.TAKEN_DOWN, reference)
            audit.record(rt, session, [(_entry(row), taken_down)])
            session.flush()
        session.expunge(row)
        return row

    row = rt.transact(record)
    log.info("lecture.taken_down", lecture=str(lecture.id))
    return row


def lift_takedown(rt: Runtime, lecture: Lecture) -> Lecture:
    """End a takedown; the lecture as it is then. A restriction that the owner had made before
    stays. Raises NotFoundError."""

    def record(session: Session) -> Lecture:
        row = hold(session, lecture)
        if row.taken_down_at is not None:
            by_owner = row.restricted_at is not None and row.restricted_at < row.taken_down_at
            row.taken_down_at, row.updated_at = None, rt.clock()
            audit.record(rt, session, [(_entry(row), _LIFTED)])
            session.flush()
            if not by_owner:
                lift(rt, session, row)
        session.expunge(row)
        return row

    row = rt.transact(record)
    log.info("lecture.takedown_lifted", lecture=str(lecture.id))
    return row


def delete_taken_down(rt: Runtime, lecture: Lecture) -> Deleted:
    """Delete a lecture that is taken down, as its owner could. Raises NotFoundError,
    ConflictError if it is not taken down."""

    def require_takedown(session: Session, lectures: Sequence[Lecture]) -> None:
        for row in lectures:
            if row.taken_down_at is None:
                raise ConflictError("The lecture is not taken down.")
            audit.record(rt, session, [(_entry(row), audit.DELETED)])

    return delete_lecture(rt, lecture, before=require_takedown)


def _entry(lecture: Lecture) -> audit.Entry:
    return audit.Entry(f"takedown:{lecture.id}", OPERATOR, lecture_id=lecture.id)


_LIFTED = audit.Conclusion(DeletionOutcome.TAKEDOWN_LIFTED)
