"""Identities of flashcards that do not follow from the card (shared/cards.py)."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class CardNamespace(Base):
    """What the GUIDs of a lecture's cards are derived from instead of its names.

    Only of lectures that were created by a release whose GUIDs followed from database keys. The
    row outlives its lecture, so that one that is uploaded again under its names updates the decks
    that students have. It holds a digest and two random keys.
    """

    __tablename__ = "card_namespaces"

    names_sha256: Mapped[str] = mapped_column(primary_key=True)
    """Of the lecture's names (`lectures.card_namespace`), in hexadecimal digits."""
    namespace: Mapped[str]


class CardIdentity(Base):
    """The identity that a card of the lecture has instead of the one that would be derived: it
    was made when the card's fact was worded otherwise."""

    __tablename__ = "card_identities"

    lecture_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lectures.id", ondelete="CASCADE"), primary_key=True
    )
    derived: Mapped[str] = mapped_column(primary_key=True)
    guid: Mapped[str]
