"""Registrations of uploads whose worker died."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from functions.retention.repairs.uploads import announce
from shared.errors import WorkerLostError
from shared.log import log
from shared.messaging.events import UploadFinalized
from shared.models import UploadRegistration
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.retry import Failure, attempts_exhausted
from shared.workers import registrations

Key = tuple[str, int]
"""Object and generation."""


def recover_registrations(rt: Runtime) -> int:
    """Registrations whose lease has run out."""

    def expired(session: Session, limit: int) -> Sequence[Key]:
        rows = session.execute(
            select(UploadRegistration.object, UploadRegistration.generation)
            .where(UploadRegistration.lease_expires_at <= rt.clock())
            .order_by(UploadRegistration.lease_expires_at)
            .limit(limit)
        )
        return [(name, generation) for name, generation in rows]

    def recover(key: Key) -> bool:
        stored = rt.store.stat(key[0])
        return rt.transact(partial(_recover, rt, key, stored))

    return mend_each(rt, "registrations", expired, recover, subject=_subject)


def _subject(key: Key) -> str:
    name, generation = key
    return f"{name}#{generation}"


def _recover(rt: Runtime, key: Key, stored: StoredObject | None, session: Session) -> bool:
    name, generation = key
    row = session.scalar(
        select(UploadRegistration)
        .where(
            UploadRegistration.object == name,
            UploadRegistration.generation == generation,
            UploadRegistration.lease_expires_at <= rt.clock(),
        )
        .with_for_update(skip_locked=True)
    )
    if row is None or row.lease_token is None:
        return False
    failure, request = Failure.of(WorkerLostError()), row.lease_token
    row.lease_token = row.lease_expires_at = None
    row.error = failure.to_json()
    row.updated_at = rt.clock()
    if stored is None or stored.generation != generation:
        session.delete(row)
    elif attempts_exhausted(row.attempt, rt.settings.plc_job_max_attempts):
        upload = UploadFinalized(
            bucket=rt.settings.gcs_bucket,
            name=name,
            generation=generation,
            size=stored.size,
            content_type=stored.content_type,
            crc32c=stored.crc32c,
        )
        registrations.give_up(rt, session, upload, failure, request=request)
    else:
        announce(rt, session, stored)
    log.info("sweep.registration", attempt=row.attempt)
    return True
