"""The edits of a lecture's items, as the database has them."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.documents.edits import Edit
from shared.models import ItemEdit


def edits_of(session: Session, lecture_id: uuid.UUID) -> tuple[Edit, ...]:
    """Oldest first."""
    rows = session.scalars(
        select(ItemEdit)
        .where(ItemEdit.lecture_id == lecture_id)
        .order_by(ItemEdit.created_at, ItemEdit.item_id)
    )
    return tuple(map(edit_of, rows))


def edit_of(row: ItemEdit) -> Edit:
    fields = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.fields.items()
    }
    return Edit(row.item_id, row.kind, row.revision, own=row.own, hidden=row.hidden, fields=fields)
