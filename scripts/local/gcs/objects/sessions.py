"""Resumable upload sessions as rows of the catalog."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.objects.catalog import Catalog, Transaction
from scripts.local.gcs.objects.preconditions import Preconditions
from scripts.local.gcs.objects.resources import Attributes, ObjectRecord

SESSION_LIFE = timedelta(days=7)
"""A session URI expires after one week ("Resumable uploads: session URIs")."""


class SizeLimits(BaseModel):
    """`x-goog-content-length-range`, in bytes, both ends included."""

    model_config = ConfigDict(frozen=True)

    least: int = 0
    most: int | None = None

    def check(self, size: int) -> None:
        self.check_most(size)
        if size < self.least:
            raise StorageError(
                Refusal.TOO_SMALL,
                "Your proposed upload is smaller than the minimum object size specified in your "
                "Policy Document.",
                details={"ProposedSize": str(size), "MinSizeAllowed": str(self.least)},
            )

    def check_most(self, size: int) -> None:
        if self.most is not None and size > self.most:
            raise StorageError(
                Refusal.TOO_LARGE,
                "Your proposed upload exceeds the maximum object size specified in your Policy "
                "Document.",
                details={"ProposedSize": str(size), "MaxSizeAllowed": str(self.most)},
            )


class Terms(BaseModel):
    """What the start of a session settled about the object it will make."""

    model_config = ConfigDict(frozen=True)

    bucket: str
    name: str
    attributes: Attributes
    preconditions: Preconditions
    limits: SizeLimits = SizeLimits()
    total: int | None = None
    """Bytes, if the client has announced them."""
    crc32c: str | None = None
    md5: str | None = None


class Session(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    terms: Terms
    created: datetime
    content: str
    """Name of the file the bytes gather in."""
    completed: ObjectRecord | None


class SessionTable:
    def __init__(self, catalog: Catalog, *, now: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._now = now

    def add(self, terms: Terms, content: Path) -> Session:
        session = Session(
            id=f"{uuid.uuid4().hex}{uuid.uuid4().hex}",
            terms=terms,
            created=self._now(),
            content=content.name,
            completed=None,
        )
        with self._catalog.transaction() as transaction:
            transaction.execute(
                "INSERT INTO sessions (id, terms, created, content) VALUES (?, ?, ?, ?)",
                (session.id, terms.model_dump_json(), session.created.isoformat(), content.name),
            )
        return session

    def get(self, session_id: str) -> Session:
        """Raises StorageError: 404 unknown or cancelled, 410 expired."""
        with self._catalog.transaction() as transaction:
            rows = transaction.execute("SELECT * FROM sessions WHERE id = ?", (session_id,))
        if not rows:
            raise StorageError(Refusal.NO_UPLOAD, "The requested upload was not found.")
        (row,) = rows
        completed = row["completed"]
        session = Session(
            id=session_id,
            terms=Terms.model_validate_json(row["terms"]),
            created=datetime.fromisoformat(row["created"]),
            content=row["content"],
            completed=ObjectRecord.model_validate_json(completed) if completed else None,
        )
        if self._now() - session.created > SESSION_LIFE:
            raise StorageError(Refusal.GONE, "The upload session has expired.")
        return session

    def announce_total(self, session: Session, total: int) -> Session:
        """Keep the size the client has now stated; it may not change its mind."""
        if session.terms.total == total:
            return session
        if session.terms.total is not None:
            raise StorageError(
                Refusal.INVALID,
                f"The upload was announced with {session.terms.total} byte(s), not {total}.",
            )
        terms = session.terms.model_copy(update={"total": total})
        with self._catalog.transaction() as transaction:
            transaction.execute(
                "UPDATE sessions SET terms = ? WHERE id = ?", (terms.model_dump_json(), session.id)
            )
        return session.model_copy(update={"terms": terms})

    def complete(self, transaction: Transaction, session: Session, record: ObjectRecord) -> None:
        """Together with the commit of the object, so that the answer can be repeated."""
        transaction.execute(
            "UPDATE sessions SET completed = ? WHERE id = ?",
            (record.model_dump_json(), session.id),
        )

    def remove(self, session: Session) -> None:
        with self._catalog.transaction() as transaction:
            transaction.execute("DELETE FROM sessions WHERE id = ?", (session.id,))

    def remove_expired(self) -> None:
        horizon = (self._now() - SESSION_LIFE).isoformat()
        with self._catalog.transaction() as transaction:
            transaction.execute("DELETE FROM sessions WHERE created < ?", (horizon,))
