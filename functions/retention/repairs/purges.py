"""Objects of deleted lectures: where the deletion was cut short, and for late writers."""

from sqlalchemy import select

from shared.log import log
from shared.models import Purge
from shared.purging import run_purge
from shared.runtime import Runtime

PURGES = 20
"""Lectures whose objects one run deletes; there may be hundreds of each."""


def run_purges(rt: Runtime) -> int:
    """Carry out what is due. Returns how many objects were deleted."""
    with rt.database.unit_of_work() as session:
        due = session.scalars(
            select(Purge.lecture_id)
            .where(Purge.due_at <= rt.clock())
            .order_by(Purge.due_at)
            .limit(PURGES)
        ).all()
    deleted = 0
    failed = None
    for lecture_id in due:
        try:
            deleted += run_purge(rt, lecture_id)
        except Exception as error:
            failed = error
            log.warning("purge.failed", lecture=str(lecture_id), reason=type(error).__name__)
    if failed is not None:
        raise failed
    return deleted
