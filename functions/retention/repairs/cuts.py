"""Objects that hold what was cut out of lectures: after an interrupted cut, when the recording is
silent, and after late writes."""

from functools import partial

from functions.retention.repairs.failures import mend_each
from shared.deletion.superseded import lectures_due, purge_superseded
from shared.runtime import Runtime

LECTURES = 20
"""Whose objects one run deletes."""


def purge_cuts(rt: Runtime) -> int:
    """Carry out what is due. Returns how many objects were deleted."""
    return mend_each(
        rt,
        "cuts",
        partial(lectures_due, now=rt.clock()),
        lambda lecture_id: purge_superseded(rt, lecture_id),
        limit=LECTURES,
        # One lecture's objects may be refused while those of the others are not.
        stop_at=(),
    )
