"""A message that no function could handle becomes a visible record.

If it was a job's only message, the job would stay queued for ever: it fails, with
a reason. A job that somebody is working on is left alone; its lease tells the rest.
"""

from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.errors import DeliveryExhaustedError, MalformedEventError
from shared.events import Event, JobMessage, UploadFinalized
from shared.log import log
from shared.models import DeadLetter, Job, Lecture, LectureStatus, WorkStatus
from shared.outcomes import DONE, DUPLICATE, Outcome
from shared.retry import Failure
from shared.runtime import Runtime

SOURCE_SUBSCRIPTION = "CloudPubSubDeadLetterSourceSubscription"
"""Attribute in which Pub/Sub says which subscription gave up."""


M = TypeVar("M", JobMessage, UploadFinalized)


def record_dead_letter(rt: Runtime, event: Event) -> Outcome:
    message = _read(JobMessage, event)
    upload = _read(UploadFinalized, event)
    source = event.attributes.get(SOURCE_SUBSCRIPTION, event.source)
    with rt.database.unit_of_work() as session:
        recorded = session.scalar(
            insert(DeadLetter)
            .values(
                id=rt.new_id(),
                source=source,
                message_id=event.id,
                payload=_storable(event.data.decode(errors="backslashreplace")),
                attributes={
                    _storable(name): _storable(value) for name, value in event.attributes.items()
                },
                job_id=message.job_id if message else None,
                created_at=rt.clock(),
            )
            .on_conflict_do_nothing()
            .returning(DeadLetter.id)
        )
        if recorded is None:
            return DUPLICATE
        if message is not None:
            _fail_queued_job(rt, session, message)
        if upload is not None:
            _fail_waiting_lecture(rt, session, upload)
        session.commit()
    log.error("dead_letter.recorded", subscription=source, job=str(message and message.job_id))
    return DONE


def _storable(text: str) -> str:
    """What Postgres cannot keep in a text (NUL, half a surrogate pair) is spelled out."""
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


def _read(kind: type[M], event: Event) -> M | None:
    try:
        return kind.of(event)
    except MalformedEventError:
        return None


def _fail_queued_job(rt: Runtime, session: Session, message: JobMessage) -> None:
    job = session.scalar(
        select(Job)
        .where(Job.id == message.job_id, Job.status == WorkStatus.QUEUED)
        .with_for_update()
    )
    if job is not None:
        rt.jobs.end_failed(session, job, Failure.of(DeliveryExhaustedError()))


def _fail_waiting_lecture(rt: Runtime, session: Session, upload: UploadFinalized) -> None:
    session.execute(
        update(Lecture)
        .where(
            Lecture.source_object == upload.name,
            Lecture.status == LectureStatus.AWAITING_UPLOAD,
        )
        .values(
            status=LectureStatus.FAILED,
            error=Failure.of(DeliveryExhaustedError()).to_json(),
            updated_at=rt.clock(),
        )
    )
