"""The registration protocol: an upload is registered in a bounded number of attempts.

It is claimed, leased and fenced as a job is. There is no job yet, and perhaps no lecture, so
attempts are counted by object and generation. An attempt that ended because something was
unavailable (a TransientError) does not count: the subscription bounds those deliveries. What
uses the attempts up are unforeseen errors and workers that died.
"""

import json
import uuid
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from shared.errors import LeaseLostError, PegasusError
from shared.log import log
from shared.messaging.events import UploadFinalized
from shared.models import Lecture, RejectedUpload, UploadRegistration, WorkStatus
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.topology import load_topology
from shared.work.retry import Failure
from shared.workers import dead_letters

UPLOADS_TOPIC = "uploads"


@dataclass(frozen=True)
class RegistrationLease:
    """The right to register one generation of an object until another worker claims it."""

    object: str
    generation: int
    token: uuid.UUID
    """Fence, and the request id by which the log of this attempt is found."""
    attempt: int
    max_attempts: int


def claim(rt: Runtime, upload: UploadFinalized) -> RegistrationLease | None:
    """Take the registration; None if another worker has it or its attempts are used up."""
    now, token = rt.clock(), rt.new_id()
    leased = {"lease_token": token, "lease_expires_at": now + rt.settings.lease, "updated_at": now}
    with rt.transaction() as tx:
        attempt = tx.session.scalar(
            insert(UploadRegistration)
            .values(object=upload.name, generation=upload.generation, attempt=1, **leased)
            .on_conflict_do_update(
                index_elements=[UploadRegistration.object, UploadRegistration.generation],
                set_={"attempt": UploadRegistration.attempt + 1, **leased},
                where=and_(
                    UploadRegistration.attempt < rt.settings.plc_job_max_attempts,
                    or_(
                        UploadRegistration.lease_expires_at.is_(None),
                        UploadRegistration.lease_expires_at <= now,
                    ),
                ),
            )
            .returning(UploadRegistration.attempt)
        )
        tx.commit()
    if attempt is None:
        return None
    return RegistrationLease(
        upload.name, upload.generation, token, attempt, rt.settings.plc_job_max_attempts
    )


def renew(rt: Runtime, lease: RegistrationLease) -> bool:
    with rt.transaction() as tx:
        renewed = tx.session.scalar(
            update(UploadRegistration)
            .where(_holds(lease))
            .values(lease_expires_at=rt.clock() + rt.settings.lease)
            .returning(UploadRegistration.attempt)
        )
        tx.commit()
    return renewed is not None


def end(rt: Runtime, lease: RegistrationLease) -> None:
    """Forget the attempts of a registration that has ended."""
    with rt.transaction() as tx:
        tx.session.execute(delete(UploadRegistration).where(_holds(lease)))
        tx.commit()


def fail(
    rt: Runtime, upload: UploadFinalized, lease: RegistrationLease, failure: Failure
) -> WorkStatus:
    """Record a failed attempt: to be tried again, or failed for good.

    Raises LeaseLostError.
    """
    counts = failure.permanent or failure.code == PegasusError.code
    over = counts and failure.ends_work(attempt=lease.attempt, max_attempts=lease.max_attempts)
    with rt.transaction() as tx:
        released = tx.session.scalar(
            update(UploadRegistration)
            .where(_holds(lease))
            .values(
                attempt=lease.attempt if counts else lease.attempt - 1,
                lease_token=None,
                lease_expires_at=None,
                error=failure.to_json(),
                updated_at=rt.clock(),
            )
            .returning(UploadRegistration.attempt)
        )
        if released is None:
            raise LeaseLostError()
        if over:
            give_up(rt, tx.session, upload, failure, request=lease.token)
        tx.commit()
    return WorkStatus.FAILED if over else WorkStatus.QUEUED


def rejection(
    rt: Runtime,
    upload: UploadFinalized | StoredObject,
    lecture_id: uuid.UUID | None,
    failure: Failure,
) -> Insert:
    """The statement that records a rejected upload, once for each generation of an object."""
    return (
        insert(RejectedUpload)
        .values(
            id=rt.new_id(),
            object=upload.name,
            generation=upload.generation,
            lecture_id=lecture_id,
            error=failure.to_json(),
            created_at=rt.clock(),
        )
        .on_conflict_do_nothing()
    )


def give_up(
    rt: Runtime,
    session: Session,
    upload: UploadFinalized,
    failure: Failure,
    *,
    request: uuid.UUID,
) -> None:
    """End a registration that has used up its attempts, in the caller's transaction.

    The lecture that waits for the object fails and names the request; the notification becomes
    a dead letter, which can be replayed. The row stays, so that further notifications of the
    object find its attempts used up.
    """
    if session.scalar(select(_registered(upload))):
        forget(session, upload)
        return
    failure = replace(failure, message=f"{failure.message} Request {request}.")
    lecture_id = rt.lectures.give_up(session, upload, failure)
    session.execute(rejection(rt, upload, lecture_id, failure))
    dead_letters.record(
        rt,
        session,
        source=_subscription(),
        message_id=str(request),
        payload=json.dumps(upload.payload()),
        lecture_id=rt.names.key_of(upload.name),
        attributes={"reason": failure.code, "request": str(request)},
    )
    log.error("upload.given_up", code=failure.code, request=str(request))


def forget(session: Session, upload: UploadFinalized) -> None:
    """Give the object fresh attempts, in the caller's transaction."""
    session.execute(
        delete(UploadRegistration).where(
            UploadRegistration.object == upload.name,
            UploadRegistration.generation == upload.generation,
        )
    )


def _registered(upload: UploadFinalized) -> ColumnElement[bool]:
    """Whether a lecture is bound to the object already, accepted or rejected."""
    return exists().where(
        Lecture.source_object == upload.name, Lecture.source_generation == upload.generation
    )


def _holds(lease: RegistrationLease) -> ColumnElement[bool]:
    return and_(
        UploadRegistration.object == lease.object,
        UploadRegistration.generation == lease.generation,
        UploadRegistration.lease_token == lease.token,
    )


def _subscription() -> str:
    """Whose messages they are: a dead letter is replayed on its subscription's topic."""
    return next(
        name
        for name, declared in load_topology().subscriptions.items()
        if declared.topic == UPLOADS_TOPIC
    )
