"""What a student changed of the study material, and moments that a student marked."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.documents.items import ItemKind
from shared.models.base import JSON, Base, text_enum
from shared.models.personal_data import (
    DELETING_LECTURE,
    DELETING_MATERIAL,
    LECTURE_ID,
    WITH_LECTURE,
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


class LectureMark(Base):
    """A moment of a lecture that its owner marked, while recording it or later.

    It names a second of the recording, so it is kept through transcriptions and generations.
    """

    __tablename__ = "lecture_marks"
    __personal_data__ = PersonalData(
        why="moments that the owner wants to find again",
        until=f"the owner removes it; {WITH_LECTURE}; or retention has deleted recording,"
        " transcript and material, the last of which ends it",
        deleted_by=f"`DELETE /lectures/{{id}}/marks/{{mark}}`; {DELETING_LECTURE}; retention"
        " (rows)",
        columns={
            "lecture_id": LECTURE_ID,
            "label": "text of the owner",
        },
        other=("id", "at_sec", "created_at", "updated_at"),
    )
    __table_args__ = (
        UniqueConstraint("lecture_id", "at_sec"),
        CheckConstraint("at_sec >= 0", name="times_begin_at_0"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    lecture_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lectures.id", ondelete="CASCADE"))
    at_sec: Mapped[float]
    """Second of the recording, in thousandths."""
    label: Mapped[str | None]
    """What the owner calls it."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
