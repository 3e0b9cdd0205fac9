"""A person's own rights: a copy of everything, and the deletion of everything."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.schema import Schema
from shared.text import SHOWN


class SubjectRequest(Schema):
    """Whose account it is, for an operator."""

    subject: Annotated[str, StringConstraints(max_length=128), *SHOWN]
    """The subject (`sub`) of the user's ID token."""


class AccountExportPart(Schema):
    """A complete zip archive: rows as JSON, objects, a manifest."""

    name: str
    size_bytes: int
    sha256: str
    url: str
    """Valid for some minutes. Ask again for another."""


class AccountExportResponse(Schema):
    export_id: str
    status: Literal["queued", "running", "ready", "failed"]
    created_at: datetime
    expires_at: datetime
    """When its files are deleted."""
    parts: tuple[AccountExportPart, ...]
    """One for the account and one for each lecture, once the status is `ready`."""


class AccountDeletionResponse(Schema):
    """The receipt. It names no person; its id is enough to read it."""

    receipt_id: str
    status: Literal["pending", "completed"]
    """`pending`: what is left is deleted in the next minutes."""
    requested_at: datetime
    completed_at: datetime | None
    courses: int
    """There when the deletion was requested."""
    lectures: int


class VocabularyResponse(Schema):
    """Words and names that corrections put right, the latest first."""

    course_id: str
    terms: tuple[str, ...]


class VocabularyDeletedResponse(Schema):
    course_id: str
    terms_deleted: int
