"""A message that no function could handle becomes a visible record.

If it was a job's only message, the job would stay queued for ever: it fails, with
a reason. A job that a worker holds stays as it is; its lease decides what follows.
"""

import uuid
from typing import TypeVar

from sqlalchemy.orm import Session

from shared.database.locks import lock_job
from shared.errors import DeliveryExhaustedError, MalformedEventError, TransientError
from shared.log import bind, log
from shared.messaging.events import Event, JobMessage, UploadFinalized
from shared.models import Job, WorkStatus
from shared.runtime import Runtime
from shared.work.retry import Failure
from shared.workers import dead_letters
from shared.workers.outcomes import DONE, DUPLICATE, Outcome

SOURCE_SUBSCRIPTION = "CloudPubSubDeadLetterSourceSubscription"
"""Attribute in which Pub/Sub says which subscription gave up."""


M = TypeVar("M", JobMessage, UploadFinalized)


def record_dead_letter(rt: Runtime, event: Event) -> Outcome:
    """Record it, and fail the queued job or the waiting lecture that depended on it.

    The subscription has no dead-letter topic of its own. So whatever cannot be done with the
    message, it is at least recorded; the sweep bounds how long its job waits.
    """
    source = event.attributes.get(SOURCE_SUBSCRIPTION, event.source)
    try:
        recorded = _record(rt, event, source, message=_read(JobMessage, event))
    except TransientError:
        raise
    except Exception:
        log.exception("dead_letter.not_followed", subscription=source)
        recorded = rt.transact(lambda session: _insert(rt, session, event, source))
    if not recorded:
        return DUPLICATE
    log.error("dead_letter.recorded", subscription=source)
    return DONE


def _record(rt: Runtime, event: Event, source: str, message: JobMessage | None) -> bool:
    upload = _read(UploadFinalized, event)

    def record(session: Session) -> bool:
        named = rt.names.key_of(upload.name) if upload else None
        job_id = message.job_id if message else None
        if not _insert(rt, session, event, source, job_id=job_id, lecture_id=named):
            return False
        if message is not None:
            bind(job=str(message.job_id))
            _fail_queued_job(rt, session, message)
        if upload is not None:
            rt.lectures.fail_undelivered(session, upload.name)
        return True

    return rt.transact(record)


def _insert(
    rt: Runtime,
    session: Session,
    event: Event,
    source: str,
    *,
    job_id: uuid.UUID | None = None,
    lecture_id: uuid.UUID | None = None,
) -> bool:
    return dead_letters.record(
        rt,
        session,
        source=source,
        message_id=event.id,
        payload=dead_letters.as_text(event.data),
        attributes=event.attributes,
        job_id=job_id,
        lecture_id=lecture_id,
    )


def _read(kind: type[M], event: Event) -> M | None:
    try:
        return kind.of(event)
    except MalformedEventError:
        return None


def _fail_queued_job(rt: Runtime, session: Session, message: JobMessage) -> None:
    job = lock_job(session, message.job_id, Job.status == WorkStatus.QUEUED)
    if job is not None:
        rt.jobs.end_failed(session, job, Failure.of(DeliveryExhaustedError()))
