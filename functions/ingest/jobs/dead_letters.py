"""Dead letters: messages that no function could handle, and their replay, once."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from functions.ingest.admission.operator_access import record_access, subjects_of_messages
from functions.ingest.jobs.failed_jobs import locked_dead_job
from shared.errors import (
    ConflictError,
    NotFoundError,
)
from shared.log import log
from shared.messaging import outbox
from shared.messaging.events import JobMessage, UploadFinalized
from shared.models import DeadLetter, Job, RejectedUpload, WorkStatus
from shared.runtime import Runtime
from shared.topology import load_topology
from shared.work.lectures import GIVEN_UP
from shared.workers import registrations

M = TypeVar("M", JobMessage, UploadFinalized)


@dataclass(frozen=True)
class SentAgain:
    """What became of a dead letter."""

    topic: str | None
    """Where its payload went once more; None if a new job took its place."""
    new_job_id: uuid.UUID | None


def replay_message(rt: Runtime, message_id: str) -> SentAgain:
    """Put a dead letter's payload back on the topic it came by.

    The message of a job that failed for lack of it would start nothing: the job is replayed
    instead, as a new one. A lecture whose upload was not registered waits again, and the upload
    has fresh attempts.
    Raises NotFoundError; ConflictError if it was replayed before, or cannot be.
    """

    def replay(session: Session) -> SentAgain:
        letter = _take(rt, session, message_id)
        return _send_again(rt, session, letter)

    with rt.database.reading() as session:
        subjects = subjects_of_messages(session, [_find(session, message_id)])
    record_access(rt, subjects)
    sent = rt.transact(replay)
    log.info("dead_letter.replayed", topic=sent.topic, new_job=str(sent.new_job_id))
    return sent


def _take(rt: Runtime, session: Session, message_id: str) -> DeadLetter:
    """The letter, marked as replayed in the caller's transaction and locked until its end."""
    letter = _find(session, message_id)
    taken = session.scalar(
        update(DeadLetter)
        .where(DeadLetter.id == letter.id, DeadLetter.replayed_at.is_(None))
        .values(replayed_at=rt.clock())
        .returning(DeadLetter.id)
    )
    if taken is None:
        raise ConflictError("This message has been replayed before.")
    return letter


def _find(session: Session, message_id: str) -> DeadLetter:
    """Raises NotFoundError."""
    unknown = NotFoundError(f"There is no message {message_id!r}.")
    try:
        letter = session.get(DeadLetter, uuid.UUID(message_id))
    except ValueError:
        raise unknown from None
    if letter is None:
        raise unknown
    return letter


def _send_again(rt: Runtime, session: Session, letter: DeadLetter) -> SentAgain:
    subscription = load_topology().subscriptions.get(letter.source)
    if subscription is None:
        raise ConflictError(f"Which topic feeds {letter.source!r} is not known.")
    payload = _payload(letter)
    if message := _read(JobMessage, payload):
        job = session.get(Job, message.job_id)
        if job is None:
            raise ConflictError("The job of this message has been deleted.")
        if job.status == WorkStatus.FAILED:
            return SentAgain(None, _replay_job(rt, session, job.id))
    if upload := _read(UploadFinalized, payload):
        _wait_again(rt, session, upload)
    outbox.put(session, subscription.topic, payload, now=rt.clock())
    return SentAgain(subscription.topic, None)


def _payload(letter: DeadLetter) -> dict[str, Any]:
    try:
        payload = json.loads(letter.payload)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise ConflictError("The message's payload is not a JSON object; it cannot be sent again.")
    return payload


def _read(kind: type[M], payload: dict[str, Any]) -> M | None:
    try:
        return kind.model_validate(payload)
    except ValidationError:
        return None


def _replay_job(rt: Runtime, session: Session, job_id: uuid.UUID) -> uuid.UUID:
    job = locked_dead_job(session, job_id)
    if job is None:
        raise ConflictError("The job of this message has been taken up since.")
    return rt.jobs.replay(session, job).job_id


def _wait_again(rt: Runtime, session: Session, upload: UploadFinalized) -> None:
    """Let the registration begin again: its attempts are forgotten, and a lecture that failed
    for lack of it waits again.

    Raises ConflictError if the recording has been deleted since.
    """
    registrations.forget(session, upload)
    lecture = rt.lectures.await_registration(session, upload.name, upload.generation)
    if lecture is not None and lecture.raw_deleted_at is not None:
        raise ConflictError("The recording has been deleted.")
    # What was rejected only because it was given up is judged again.
    session.execute(
        delete(RejectedUpload).where(
            RejectedUpload.object == upload.name,
            RejectedUpload.generation == upload.generation,
            RejectedUpload.error["code"].astext.in_(GIVEN_UP),
        )
    )
