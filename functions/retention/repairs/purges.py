"""Objects of deleted lectures: after an interrupted deletion, and after late writes."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from shared.deletion.purging import run_purge
from shared.models import Purge
from shared.runtime import Runtime

PURGES = 20
"""Lectures whose objects one run deletes; there may be hundreds of each."""


def run_purges(rt: Runtime) -> int:
    """Carry out what is due. Returns how many objects were deleted."""

    def due(session: Session, limit: int) -> Sequence[uuid.UUID]:
        return session.scalars(
            select(Purge.lecture_id)
            .where(Purge.due_at <= rt.clock())
            .order_by(Purge.due_at)
            .limit(limit)
        ).all()

    return mend_each(
        rt,
        "purges",
        due,
        lambda lecture_id: run_purge(rt, lecture_id),
        limit=PURGES,
        # One lecture's objects may be refused while those of the others are not.
        stop_at=(),
    )
