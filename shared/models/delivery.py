"""Messages to be sent, and dead letters."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import JSON, Base
from shared.models.personal_data import LECTURE_ID, OWNER, PersonalData


class OutboxMessage(Base):
    """A message written in the transaction that made it necessary, sent after it."""

    __tablename__ = "outbox"
    __personal_data__ = PersonalData(
        why="to send a message after its transaction",
        until="7 days after it was sent",
        deleted_by="retention (rows)",
        columns={
            "payload": "ids of a job or names of an object",
        },
        other=("id", "destination", "attributes", "created_at", "published_at"),
    )
    __table_args__ = (
        Index("ix_outbox_unpublished", "created_at", postgresql_where=text("published_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    destination: Mapped[str]
    """A topic or a queue of the topology."""
    payload: Mapped[JSON]
    attributes: Mapped[JSON]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A write that a client may send again: its answer, or that it is in progress."""

    __tablename__ = "idempotency_keys"
    __personal_data__ = PersonalData(
        why="to answer a write that is sent again as before",
        until="`PLC_IDEMPOTENCY_TTL_SEC` after the write",
        deleted_by="retention (rows), `DELETE /me`",
        columns={
            "scope": OWNER,
            "key": "chosen by the client",
            "response": "the answer: names, who was informed of a recording, and what a correction"
            " changed",
            "accessed": "ids of rows of other owners that an operator's write reached; digests of"
            " their owners",
        },
        other=("request_hash", "claim", "expires_at"),
    )

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    claim: Mapped[uuid.UUID]
    """Whose answer counts while there is none: a request that took an abandoned key over
    must not be overwritten by the one that abandoned it."""
    response: Mapped[JSON | None]
    """`{status, body}` once the write is done."""
    accessed: Mapped[list[Any] | None]
    """The subjects of the `operator_accesses` that the write recorded."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RateLimit(Base):
    """How far each caller has used up what it may write (a generic cell rate algorithm).

    Every write updates a row of it. After a crash of the database the table is empty, which
    allows each owner a few more writes, and no write waits for a disk for it; nor is there
    an index beside the key that each update would have to keep.
    """

    __tablename__ = "rate_limits"
    __personal_data__ = PersonalData(
        why="to limit writes",
        until="the limit is free again, at most a window",
        deleted_by="retention (rows), `DELETE /me`",
        columns={
            "scope": OWNER,
            "theoretical_arrival_at": "when the owner last wrote",
        },
    )
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - the declared way

    scope: Mapped[str] = mapped_column(primary_key=True)
    theoretical_arrival_at: Mapped[datetime]
    """When the next write would come if writes came evenly; ahead of now by what is used."""


class DeadLetter(Base):
    """A message that no function could handle in any delivery."""

    __tablename__ = "dead_letters"
    __personal_data__ = PersonalData(
        why="for the operator to send a message again",
        until="its lecture is deleted, or 30 days after it was recorded",
        deleted_by="`DELETE /lectures/{id}`, `DELETE /courses/{id}`, retention (rows)",
        columns={
            "payload": "as the message came: ids, or anything a sender wrote",
            "attributes": "likewise",
            "message_id": "id by the sender",
            "lecture_id": LECTURE_ID,
        },
        other=("id", "source", "job_id", "created_at", "replayed_at"),
    )
    __table_args__ = (UniqueConstraint("source", "message_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    """The subscription that gave up."""
    message_id: Mapped[str]
    payload: Mapped[str]
    """As it came: it may be no JSON at all."""
    attributes: Mapped[JSON]
    job_id: Mapped[uuid.UUID | None]
    lecture_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    """The lecture that the message is about, if it names one; the row is deleted with it."""
    created_at: Mapped[datetime]
    replayed_at: Mapped[datetime | None]
    """When it was replayed; that is done once."""


class SweepPosition(Base):
    """How far a repair of the sweep that looks at some things in each run has come."""

    __tablename__ = "sweep_positions"
    __personal_data__ = PersonalData(
        why="to go on where a repair stopped",
        until="overwritten by the next run",
        deleted_by="the sweep",
        columns={
            "reached": "name of an object",
        },
        other=("name", "updated_at"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    """Of the repair."""
    reached: Mapped[str]
    """The last thing it has examined; empty to begin at the first one."""
    updated_at: Mapped[datetime]


class SweepFailure(Base):
    """Something that a repair of the sweep could not mend, and when it is tried again."""

    __tablename__ = "sweep_failures"
    __personal_data__ = PersonalData(
        why="to try again what could not be repaired",
        until="it is repaired",
        deleted_by="the sweep",
        columns={
            "subject": "id of a row or name of an object",
        },
        other=("repair", "failures", "error", "retry_at", "updated_at"),
    )

    repair: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    """What was to be mended, in the repair's own terms; empty for the repair as a whole."""
    failures: Mapped[int]
    """In a row."""
    error: Mapped[JSON]
    """`{code, message}` of the last one."""
    retry_at: Mapped[datetime]
    """The repair passes over it until then."""
    updated_at: Mapped[datetime]
