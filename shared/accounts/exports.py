"""Exports of all data of an owner: requested, found, and expired.

They are made by the sweep (functions/retention/accounts), which reads every folder and needs no
message: a row that waits is found within a minute.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.errors import ContendedError, NotFoundError
from shared.models import AccountExport, AccountExportStatus
from shared.runtime import Runtime

LIVE = (AccountExportStatus.QUEUED, AccountExportStatus.RUNNING)


def request_export(rt: Runtime, owner: str) -> AccountExport:
    """A new export of the owner's, or the one that is being made."""

    def ask(session: Session) -> AccountExport:
        now = rt.clock()
        session.execute(
            insert(AccountExport)
            .values(
                id=rt.new_id(),
                owner=owner,
                status=AccountExportStatus.QUEUED,
                parts=[],
                attempt=0,
                expires_at=now + timedelta(days=rt.settings.plc_account_export_days),
                created_at=now,
                updated_at=now,
            )
            .on_conflict_do_nothing(
                index_elements=[AccountExport.owner], index_where=AccountExport.status.in_(LIVE)
            )
        )
        row = session.scalar(
            select(AccountExport).where(
                AccountExport.owner == owner, AccountExport.status.in_(LIVE)
            )
        )
        if row is None:
            raise ContendedError()  # The one that stood in the way has just ended.
        return row

    return rt.transact(ask)


def find_export(session: Session, export_id: str, owner: str | None) -> AccountExport:
    """The owner's export, or any owner's where none is named. Raises NotFoundError."""
    unknown = NotFoundError("There is no such export.")
    try:
        key = uuid.UUID(export_id)
    except ValueError:
        raise unknown from None
    row = session.scalar(
        select(AccountExport).where(
            AccountExport.id == key,
            AccountExport.status != AccountExportStatus.ENDED,
            true() if owner is None else AccountExport.owner == owner,
        )
    )
    if row is None:
        raise unknown
    return row


def end_exports(session: Session, owner: str, *, now: datetime) -> None:
    """Have all of an owner's exports deleted, in the caller's transaction."""
    session.execute(
        update(AccountExport)
        .where(AccountExport.owner == owner, AccountExport.status != AccountExportStatus.ENDED)
        .values(ended_values(now))
    )


def ended_values(now: datetime) -> dict[str, object]:
    """Columns of an export whose files are deleted from now on. A worker that is at it has lost
    its lease."""
    return {
        "owner": "",
        "status": AccountExportStatus.ENDED,
        "error": None,
        "parts": [],
        "lease_token": None,
        "lease_expires_at": None,
        "expires_at": now,
        "updated_at": now,
    }
