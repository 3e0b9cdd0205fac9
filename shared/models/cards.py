"""Identities of items that do not follow from the item (shared/courses/identities.py). The tables
are named for flashcards, which were the first to have one."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base
from shared.models.personal_data import (
    DELETING_LECTURE,
    LECTURE_ID,
    OWNER,
    WITH_LECTURE,
    PersonalData,
)


class CardNamespace(Base):
    """What the identities of a lecture's items are derived from instead of its names.

    Only of lectures that were created by a release whose GUIDs followed from database keys. The
    row outlives its lecture, so that one that is uploaded again under its names updates the decks
    that students have, and goes with the owner's account.
    """

    __tablename__ = "card_namespaces"
    __personal_data__ = PersonalData(
        why="a lecture that is uploaded again updates the decks that were exported before",
        until="the owner deletes the account",
        deleted_by="`DELETE /me`",
        columns={
            "owner": OWNER,
            "names_sha256": "digest of the names of a lecture, which may be gone",
            "namespace": "database keys of that lecture and its course",
        },
    )

    names_sha256: Mapped[str] = mapped_column(primary_key=True)
    """Of the lecture's names (`lectures.card_namespace`), in hexadecimal digits."""
    owner: Mapped[str] = mapped_column(index=True)
    namespace: Mapped[str]


class CardIdentity(Base):
    """The identity that an item of the lecture has instead of the one that would be derived: it
    was made when the item was worded otherwise."""

    __tablename__ = "card_identities"
    __personal_data__ = PersonalData(
        why="an item that is made again keeps its identity",
        until=WITH_LECTURE,
        deleted_by=DELETING_LECTURE,
        columns={"lecture_id": LECTURE_ID},
        other=("derived", "guid"),
    )

    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), primary_key=True
    )
    derived: Mapped[str] = mapped_column(primary_key=True)
    guid: Mapped[str]
