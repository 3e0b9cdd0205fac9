"""Export objects that are called after their course and lecture get names of ids.

For files that earlier versions made. Each is copied, the copy is compared, the row switches to it,
and the old object, to which no row refers any more, is deleted by retention (`old_exports`) with
an entry in the audit, a day later at the earliest: addresses that were signed for it still work
until they run out. A crash at any point leaves the row with an object that is there. To be removed
with the release after the one in which it has come, like `titled` in `subject_of`
(shared/deletion/audit.py).
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from functions.retention.repairs import positions
from functions.retention.repairs.failures import mend_each
from shared.database.locks import lock_lecture
from shared.errors import PreconditionFailedError
from shared.fault_points import reach
from shared.models import ExportRow
from shared.runtime import Runtime

ROWS = 500
"""Looked at in one run."""
AGAIN_AFTER = timedelta(days=1)
"""When all have been examined they are examined once more, as functions of the version before
may have run beside the sweep, and failures are tried again."""
OLD_COPY = timedelta(hours=12)
"""Half the age at which retention may have taken an unreferred object for a leftover."""

_NAME = "export_names"


def move_export_names(rt: Runtime, *, rows: int = ROWS) -> int:
    """Returns how many objects got another name."""
    page = _next_page(rt, rows)
    if page is None:
        return 0
    misnamed = [key for key, type, name in page if not rt.names.is_export_of(name, type)]

    def find(_session: Session, limit: int) -> Sequence[uuid.UUID]:
        return misnamed[:limit]

    moved = mend_each(rt, _NAME, find, lambda key: _move(rt, key), limit=rows)
    positions.go_on_from(rt, _NAME, str(page[-1][0]) if len(page) == rows else positions.END)
    return moved


def _move(rt: Runtime, row_id: uuid.UUID) -> int:
    with rt.database.reading() as session:
        row = session.get(ExportRow, row_id)
    if row is None or rt.names.is_export_of(row.object, row.type):
        return 0
    source = rt.store.stat(row.object)
    if source is None:
        return 0  # The check of integrity finds it.
    name = rt.names.renamed_export(row.object, row.type)
    earlier = rt.store.stat(name)
    if earlier is not None and earlier.created_at <= rt.clock() - OLD_COPY:
        # Of an attempt that died: retention may be about to delete this generation.
        rt.store.delete(name, generation=earlier.generation)
    data = rt.store.read(source.name, generation=source.generation)
    copied = rt.store.create(name, data, source.content_type)
    reach("export_name.copied", row_id)
    if (copied.crc32c, copied.size) != (source.crc32c, source.size):
        raise PreconditionFailedError("The copy of an export differs from it.")

    def switch(session: Session) -> bool:
        lock_lecture(session, row.lecture_id)
        switched = session.scalar(
            update(ExportRow)
            .where(ExportRow.id == row_id, ExportRow.object == row.object)
            .values(object=name)
            .returning(ExportRow.id)
        )
        return switched is not None

    switched = rt.transact(switch)
    reach("export_name.switched", row_id)
    return int(switched)


def _next_page(rt: Runtime, rows: int) -> Sequence[tuple[uuid.UUID, str, str]] | None:
    """The next rows; None where all have been examined lately."""
    reached = positions.reached(rt, _NAME, again_after=AGAIN_AFTER)
    if reached is None:
        return None
    query = select(ExportRow.id, ExportRow.type, ExportRow.object)
    if reached:
        query = query.where(ExportRow.id > uuid.UUID(reached))
    with rt.database.reading() as session:
        page = session.execute(query.order_by(ExportRow.id).limit(rows)).all()
    if not page:
        positions.go_on_from(rt, _NAME, positions.END)
        return None
    return [(row.id, row.type, row.object) for row in page]
