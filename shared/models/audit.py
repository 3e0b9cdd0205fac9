"""Records that outlive what they describe."""

import hashlib
import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Index,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base
from shared.models.personal_data import OWNER, PersonalData


class DeletionOutcome(StrEnum):
    """How a deletion went. An entry's `outcome` is one of these, with a detail for some."""

    INTENDED = "intended"
    """An object is about to be deleted: written before, so that a crash hides no deletion."""
    DELETED = "deleted"
    ALREADY_GONE = "already_gone"
    LEFT = "left"
    """Taken up, held or referred to since it was found, and not deleted."""
    REFUSED = "refused"
    """The bucket did not delete it. The detail is the reason."""
    OBJECTS_KEPT = "deleted, objects kept"
    """A lecture whose objects its owner wanted to keep."""
    FOUND_MISSING = "found_missing"
    """Gone without a deletion by Pegasus."""
    RESTRICTED = "restricted"
    """Nothing was deleted: a lecture is kept, and neither processed nor shown."""
    UNRESTRICTED = "restriction lifted"
    TAKEN_DOWN = "taken down"
    """Nothing was deleted: an operator restricted a lecture. The detail is the case's reference."""
    TAKEDOWN_LIFTED = "takedown lifted"
    CUT = "cut"
    """A span of time was taken out of a lecture. The detail has its seconds."""
    RULES = "rules"
    """Nothing was deleted: how long a course is kept was changed. The detail has the rules."""


class DeletionAuditEvent(Base):
    """What was deleted, by whom or which policy, and how that went. Outlives its subject."""

    __tablename__ = "deletion_audit_events"
    __personal_data__ = PersonalData(
        why="to prove what was deleted",
        until="for good: it outlives what it describes",
        deleted_by="nothing, by purpose",
        columns={
            "subject": "id or object name, which is made of ids; no title",
            "lecture_id": "id of a lecture that is gone",
        },
        other=("id", "generation", "actor", "outcome", "run_id", "size", "created_at"),
    )
    __table_args__ = (
        Index(None, "run_id", "generation", postgresql_where=text("run_id IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    subject: Mapped[str]
    generation: Mapped[int | None] = mapped_column(BigInteger)
    lecture_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor: Mapped[str]
    """A principal, or `policy:<name>`."""
    outcome: Mapped[str]
    """A `DeletionOutcome`; where it has a detail, followed by a colon and the detail."""
    run_id: Mapped[uuid.UUID | None]
    """The run of retention that did it."""
    size: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes, where a run of retention looked the object up."""
    created_at: Mapped[datetime]


class OperatorAccess(Base):
    """An operator's access to rows of other owners: who, by which route, to what, when."""

    __tablename__ = "operator_accesses"
    __personal_data__ = PersonalData(
        why="to answer which operator had access to a person's data",
        until="365 days after the access",
        deleted_by="retention (rows)",
        columns={
            "operator": "e-mail address or subject of the operator, as in `PLC_OPERATORS`",
            "subjects": "ids of jobs, lectures, messages and account exports; digests of their"
            " owners",
        },
        other=("id", "method", "route", "accessed_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operator: Mapped[str]
    method: Mapped[str]
    route: Mapped[str]
    """The pattern of the path, without its values."""
    subjects: Mapped[list[Any]]
    """`<kind>:<id>` of each row, and `account:<SHA-256>` of its owner. The record
    outlives both; only a known owner can be looked up in it."""
    accessed_at: Mapped[datetime] = mapped_column(index=True)


def account_subject(owner: str) -> str:
    """An owner in `OperatorAccess.subjects`, by a digest: the record outlives the account."""
    return f"account:{hashlib.sha256(owner.encode()).hexdigest()}"


class Purge(Base):
    """The objects of a deleted lecture, until they are surely gone.

    Written in the transaction that deletes the lecture. Run immediately, again when every
    worker that was still writing has ended, and a last time when no upload session of
    the lecture can be alive any more; then the row goes.
    """

    __tablename__ = "purges"
    __personal_data__ = PersonalData(
        why="to delete a lecture's objects three times in eight days",
        until="eight days after the deletion",
        deleted_by="the sweep (`purges`)",
        columns={
            "lecture_id": "id of a lecture that is gone",
            "owner": OWNER,
            "folders": "folders of the lecture",
        },
        other=("runs", "due_at", "created_at"),
    )

    lecture_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner: Mapped[str]
    folders: Mapped[list[Any]]
    """Prefixes in the bucket under which everything goes."""
    runs: Mapped[int]
    """How often everything was deleted; a run that failed half-way does not count."""
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
