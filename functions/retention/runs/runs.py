"""A run's row: taken with a lease, moved on page by page, released when the time is up.

The lease's token distinguishes the worker on a run from the one that takes it over; what the
former writes after the takeover is rolled back.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.retention.policies.base import Terms
from functions.retention.runs.counts import RunCounts
from shared.errors import LeaseLostError
from shared.models import RetentionRun
from shared.runtime import Runtime

LEASE = timedelta(minutes=10)
"""How long a worker may be silent before another takes over; renewed with every page."""


@dataclass(frozen=True)
class RunLease:
    """The right to work on a run."""

    token: uuid.UUID
    dry_run: bool
    terms: Terms

    @property
    def run_id(self) -> uuid.UUID:
        return self.terms.run_id


@dataclass(frozen=True)
class Place:
    """Where a run continues."""

    step: str
    reached: str


def begin(rt: Runtime, *, dry_run: bool, first_step: str) -> None:
    """Make a run, unless there is an unfinished one of its kind."""
    settings = rt.settings
    with rt.transaction() as tx:
        tx.session.execute(
            insert(RetentionRun)
            .values(
                id=rt.new_id(),
                dry_run=dry_run,
                started_at=rt.clock(),
                settings={
                    "rawAudioDays": settings.plc_retention_raw_audio_days,
                    "transcriptDays": settings.plc_retention_transcript_days,
                    "materialDays": settings.plc_retention_material_days,
                    "bucketSoftDeleteDays": settings.plc_bucket_soft_delete_days,
                    "databaseBackupDays": settings.plc_database_backup_days,
                },
                step=first_step,
                reached="",
                counts=RunCounts().model_dump(mode="json", by_alias=True),
            )
            .on_conflict_do_nothing(
                index_elements=[RetentionRun.dry_run],
                index_where=RetentionRun.signed_off_at.is_(None),
            )
        )
        tx.commit()


def take(rt: Runtime, *, dry_run: bool) -> RunLease | None:
    """The unfinished run of this kind; None if there is none, or another worker holds it."""
    now = rt.clock()
    with rt.transaction() as tx:
        run = tx.session.scalar(
            update(RetentionRun)
            .where(
                RetentionRun.dry_run == dry_run,
                RetentionRun.signed_off_at.is_(None),
                or_(RetentionRun.lease_token.is_(None), RetentionRun.lease_expires_at <= now),
            )
            .values(lease_token=rt.new_id(), lease_expires_at=now + LEASE)
            .returning(RetentionRun)
        )
        tx.commit()
    if run is None or run.lease_token is None:
        return None
    terms = Terms(
        run_id=run.id,
        as_of=run.started_at,
        raw_audio_days=run.settings["rawAudioDays"],
        transcript_days=run.settings["transcriptDays"],
        # A run that an earlier release has begun has none.
        material_days=run.settings.get("materialDays"),
    )
    return RunLease(run.lease_token, run.dry_run, terms)


def place(rt: Runtime, lease: RunLease) -> Place:
    with rt.database.reading() as session:
        row = session.execute(
            select(RetentionRun.step, RetentionRun.reached).where(RetentionRun.id == lease.run_id)
        ).one()
    return Place(row.step, row.reached)


def hold(rt: Runtime, session: Session, lease: RunLease) -> RetentionRun:
    """The run's row, locked for the rest of the transaction; its lease begins again.

    Raises LeaseLostError if another has taken over.
    """
    run = session.scalar(
        select(RetentionRun)
        .where(RetentionRun.id == lease.run_id, RetentionRun.lease_token == lease.token)
        .with_for_update()
    )
    if run is None:
        raise LeaseLostError()
    run.lease_expires_at = rt.clock() + LEASE
    return run


def let_go(rt: Runtime, lease: RunLease) -> None:
    """Release the lease, so that the next worker need not wait. No effect after a takeover."""
    with rt.transaction() as tx:
        tx.session.execute(
            update(RetentionRun)
            .where(RetentionRun.id == lease.run_id, RetentionRun.lease_token == lease.token)
            .values(lease_token=None, lease_expires_at=None)
        )
        tx.commit()


def counts_of(run: RetentionRun) -> RunCounts:
    return RunCounts.model_validate(run.counts)


def set_counts(run: RetentionRun, counts: RunCounts) -> None:
    run.counts = counts.model_dump(mode="json", by_alias=True)
