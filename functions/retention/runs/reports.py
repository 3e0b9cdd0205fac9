"""The report of a run, and its signature, which can be verified afterwards.

A run is over when its report is in the bucket and the run's row keeps the report's digest.
The report in turn holds a digest of the run's rows in the audit, so that neither can be
changed later without a mismatch with the other.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.retention.runs import runs
from functions.retention.runs.counts import PolicyCounts
from functions.retention.runs.runs import RunLease
from shared.errors import ObjectMissingError
from shared.log import log
from shared.models import DeletionAuditEvent, RetentionRun
from shared.runtime import Runtime
from shared.schema import Schema


class Terms(Schema):
    """Settings of the run. A course may have days of its own."""

    raw_audio_days: int
    transcript_days: int
    material_days: int | None = None
    """None if study material is kept until its lecture is deleted."""
    bucket_soft_delete_days: int
    database_backup_days: int


class StillHeld(Schema):
    """Deleted objects are not gone for good immediately."""

    bucket_until: datetime | None
    """Until then an administrator of the bucket can restore the objects: its soft delete
    keeps them. None if it keeps nothing."""
    database_backups_until: datetime | None
    """Until then backups and logs of the database hold the rows. None if there are none."""
    statement: str


class Audit(Schema):
    events: int
    sha256: str
    """Of the run's rows of `deletion_audit_events`, a line of JSON each, ordered by id."""


class RetentionReport(Schema):
    schema_version: Literal[1] = 1
    run_id: uuid.UUID
    dry_run: bool
    started_at: datetime
    """What was due was due at this moment."""
    ended_at: datetime
    terms: Terms
    policies: dict[str, PolicyCounts]
    rows: dict[str, int]
    """Rows past their use that were deleted, by table."""
    not_listed: dict[str, str]
    """Policies that could not continue, and why; the rest of theirs is left for the next run."""
    total: PolicyCounts
    still_held: StillHeld
    audit: Audit

    @property
    def complete(self) -> bool:
        """Whether everything that was due is gone."""
        return not (self.total.refused or self.total.unknown or self.not_listed)


def sign_off(rt: Runtime, lease: RunLease) -> RetentionReport:
    """Write the report of a run that has ended.

    It has the same bytes each time, so that the worker that continues after a crash in here
    writes it again and changes nothing. Raises LeaseLostError, TransientError.
    """
    with rt.transaction() as tx:
        report = report_of(tx.session, tx.session.get_one(RetentionRun, lease.run_id))
    data = report.to_json()
    name = rt.names.retention_report(report.started_at, report.run_id)
    stored = rt.store.create(name, data, "application/json")
    with rt.transaction() as tx:
        run = runs.hold(rt, tx.session, lease)
        run.report_object = name
        run.report_generation = stored.generation
        run.report_sha256 = hashlib.sha256(data).hexdigest()
        run.signed_off_at = rt.clock()
        run.lease_token = run.lease_expires_at = None
        tx.commit()
    _tell(report, rt.store.uri(name))
    return report


def report_of(session: Session, run: RetentionRun) -> RetentionReport:
    """Of a run that has ended."""
    if run.ended_at is None:
        raise ValueError(f"run {run.id} has not ended")
    terms = Terms.model_validate(run.settings)
    counts = runs.counts_of(run)
    return RetentionReport(
        run_id=run.id,
        dry_run=run.dry_run,
        started_at=run.started_at,
        ended_at=run.ended_at,
        terms=terms,
        policies=counts.policies,
        rows=counts.rows,
        not_listed=counts.not_listed,
        total=counts.total,
        still_held=_still_held(terms, run.ended_at, dry_run=run.dry_run),
        audit=_digest(session, run.id),
    )


def check(rt: Runtime, run_id: uuid.UUID) -> list[str]:
    """The inconsistencies of a signed-off run: none, unless it was changed afterwards."""
    with rt.transaction() as tx:
        run = tx.session.get(RetentionRun, run_id)
        if run is None or run.signed_off_at is None or run.report_object is None:
            return [f"There is no run {run_id} that was signed off."]
        anew = report_of(tx.session, run)
    try:
        data = rt.store.read(run.report_object, generation=run.report_generation)
    except ObjectMissingError:
        return ["The report is not in the bucket any more."]
    problems = []
    if hashlib.sha256(data).hexdigest() != run.report_sha256:
        problems.append("The report is not the one that was signed off.")
    if RetentionReport.model_validate_json(data).audit != anew.audit:
        problems.append("The audit is not what it was when the report was written.")
    return problems


def _digest(session: Session, run_id: uuid.UUID) -> Audit:
    digest = hashlib.sha256()
    events = 0
    for line in _lines(session, run_id):
        digest.update(line)
        events += 1
    return Audit(events=events, sha256=digest.hexdigest())


def _lines(session: Session, run_id: uuid.UUID) -> Iterator[bytes]:
    for event in session.scalars(
        select(DeletionAuditEvent)
        .where(DeletionAuditEvent.run_id == run_id)
        .order_by(DeletionAuditEvent.id)
        .execution_options(yield_per=1000)
    ):
        told = {
            "id": str(event.id),
            "subject": event.subject,
            "generation": event.generation,
            "lectureId": str(event.lecture_id) if event.lecture_id else None,
            "actor": event.actor,
            "outcome": event.outcome,
            "size": event.size,
            "createdAt": event.created_at.astimezone(UTC).isoformat(),
        }
        yield json.dumps(told, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _still_held(terms: Terms, ended: datetime, *, dry_run: bool) -> StillHeld:
    if dry_run:
        return StillHeld(
            bucket_until=None,
            database_backups_until=None,
            statement="A dry run: nothing was deleted. Whether the bucket would refuse an object "
            "is not known before it is asked to delete it.",
        )
    bucket, backups = (
        ended + timedelta(days=days) if days else None
        for days in (terms.bucket_soft_delete_days, terms.database_backup_days)
    )
    sentences = [
        "What was deleted cannot be reached through Pegasus any more.",
        f"The bucket's soft delete keeps the objects until {bucket:%Y-%m-%d %H:%M %Z}."
        if bucket
        else "The bucket keeps nothing that was deleted.",
        "Backups and logs of the database hold the rows, and with them the words of the "
        f"transcripts, until {backups:%Y-%m-%d %H:%M %Z}."
        if backups
        else "There are no backups of the database.",
        "Both times are those of the settings; Pegasus does not ask the bucket or the database.",
    ]
    return StillHeld(
        bucket_until=bucket, database_backups_until=backups, statement=" ".join(sentences)
    )


def _tell(report: RetentionReport, uri: str) -> None:
    tell = log.info if report.complete else log.error
    tell(
        "retention.done",
        run=str(report.run_id),
        dry_run=report.dry_run,
        report=uri,
        **report.total.model_dump(),
    )
