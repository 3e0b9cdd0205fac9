"""Accounts: exports are made and ended, deletions that were interrupted continue."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from functions.retention.accounts.exporting import make_exports
from functions.retention.repairs.failures import mend_each
from shared.accounts.deletion import carry_out, pending_deletions
from shared.accounts.exports import ended_values
from shared.deletion import audit
from shared.fault_points import reach
from shared.models import AccountExport, AccountExportStatus, DeletionAuditEvent
from shared.runtime import Runtime

EXPORT_SEC = 60.0
"""Of one run. A part that was begun in time is made to its end."""
DELETIONS = 5
ENDS = 20
LATE_WRITERS = timedelta(minutes=15)
"""Longer than a worker that lost its lease can still be storing a part."""


def make_account_exports(rt: Runtime) -> int:
    return make_exports(rt, budget_sec=EXPORT_SEC)


def end_account_exports(rt: Runtime) -> int:
    """Delete the files of exports that are over; the rows go when no late writer is left."""

    def due(session: Session, limit: int) -> Sequence[uuid.UUID]:
        return session.scalars(
            select(AccountExport.id)
            .where(AccountExport.expires_at <= rt.clock())
            .order_by(AccountExport.expires_at)
            .limit(limit)
        ).all()

    return mend_each(rt, "account_exports", due, lambda key: _end(rt, key), limit=ENDS)


def continue_account_deletions(rt: Runtime) -> int:
    """Returns how many were completed."""

    def go_on(receipt_id: uuid.UUID) -> int:
        return int(carry_out(rt, receipt_id).completed_at is not None)

    return mend_each(rt, "account_deletions", pending_deletions, go_on, limit=DELETIONS)


def _end(rt: Runtime, export_id: uuid.UUID) -> int:
    now = rt.clock()
    with rt.transaction() as tx:
        row = tx.session.get(AccountExport, export_id, with_for_update=True)
        if row is None:
            return 0
        over = row.status == AccountExportStatus.ENDED and row.expires_at <= now - LATE_WRITERS
        if row.status != AccountExportStatus.ENDED:
            tx.session.execute(
                update(AccountExport).where(AccountExport.id == export_id).values(ended_values(now))
            )
        _intend(rt, tx.session, export_id)
        tx.commit()
    reach("account.export_ended", export_id)
    deleted = sum(
        rt.store.delete(stored.name, generation=stored.generation)
        for stored in list(rt.store.list(rt.names.folder("accounts", export_id)))
    )
    with rt.transaction() as tx:
        audit.conclude_intended(tx.session, DeletionAuditEvent.subject == _subject(export_id))
        if over:
            tx.session.execute(delete(AccountExport).where(AccountExport.id == export_id))
        tx.commit()
    return deleted


def _intend(rt: Runtime, session: Session, export_id: uuid.UUID) -> None:
    """Write, once, that the files are going to be deleted."""
    known = select(DeletionAuditEvent.id).where(DeletionAuditEvent.subject == _subject(export_id))
    if session.scalar(known.limit(1)) is None:
        audit.intend(rt, session, [audit.Entry(_subject(export_id), audit.OWNER)])


def _subject(export_id: uuid.UUID) -> str:
    return f"account-export:{export_id}"
