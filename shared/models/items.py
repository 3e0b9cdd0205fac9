"""What a student changed of the study material."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.documents.items import ItemKind
from shared.models.base import JSON, Base, text_enum
from shared.models.personal_data import (
    DELETING_MATERIAL,
    LECTURE_ID,
    WITH_MATERIAL,
    PersonalData,
)


class ItemEdit(Base):
    """An item that the student changed, hid or added (shared/documents/edits.py).

    It names the item by its identity and has no copy of it, so it is kept through a generation,
    also where the item is not made again.
    """

    __tablename__ = "item_edits"
    __personal_data__ = PersonalData(
        why="the study material as its owner wants it",
        until=f"its owner takes it back; {WITH_MATERIAL}",
        deleted_by=f"`DELETE /lectures/{{id}}/items/{{item}}`; {DELETING_MATERIAL}",
        columns={
            "lecture_id": LECTURE_ID,
            "fields": "text of the owner",
        },
        other=("item_id", "kind", "own", "hidden", "revision", "created_at", "updated_at"),
    )

    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ItemKind] = mapped_column(text_enum(ItemKind, "kind"))
    own: Mapped[bool]
    """The owner added the item."""
    hidden: Mapped[bool]
    fields: Mapped[JSON]
    """Each field of the item that reads otherwise than it was made; of an own one all."""
    revision: Mapped[uuid.UUID]
    """Another with each change: part of the artifact's ETag."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
