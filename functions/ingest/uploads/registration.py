"""Registers an object that arrived: its lecture continues, or it is rejected.

Idempotent, also under concurrency: the lecture's row leaves `awaiting_upload` exactly
once, no matter which caller sees the object first.
"""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.ingest.uploads.inspection import inspect
from functions.ingest.uploads.oversized import awaits_removal, remove_oversized
from functions.ingest.uploads.probe import Probe
from shared.auth.daily_usage import count_audio
from shared.database.locks import lock_lecture
from shared.errors import (
    AccessDeniedError,
    DailyLimitReachedError,
    PermanentError,
    ProviderQuotaExhaustedError,
    UploadTooLargeError,
    UploadUnexpectedError,
)
from shared.fault_points import reach
from shared.log import bind, log
from shared.messaging.events import UploadFinalized
from shared.models import Lecture, LectureStatus, unrestricted
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.work.jobs import Enqueued
from shared.work.retry import Failure
from shared.work.stages import TranscriptionParams
from shared.workers import registrations
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import DONE, DUPLICATE, Ending, Outcome
from shared.workers.registrations import RegistrationLease
from shared.workers.worker import work_under_lease


def register_upload(rt: Runtime, upload: UploadFinalized) -> Outcome:
    """Check the object a bucket notification names and queue its transcription.

    The notification is only a hint: size and checksum are taken from the bucket. Attempts are
    bounded: an upload that fails for unforeseen reasons in each of them fails its lecture.
    """
    lease = registrations.claim(rt, upload)
    if lease is None:
        log.info("upload.not_claimed")
        return DUPLICATE
    bind(request=str(lease.token), attempt=lease.attempt)
    reach("upload.claimed", upload.name)
    found = DUPLICATE

    def work(lease: RegistrationLease, _heartbeat: Heartbeat) -> None:
        nonlocal found
        found = _register(rt, upload)
        registrations.end(rt, lease)

    frame = work_under_lease(
        rt,
        lease,
        work,
        renew=partial(registrations.renew, rt),
        fail=partial(registrations.fail, rt, upload),
    )
    return found if frame == DONE else frame


def _register(rt: Runtime, upload: UploadFinalized) -> Outcome:
    if not upload.name.startswith(rt.names.folder("raw")):
        # Uploads go nowhere else, and the rest of the bucket is not this function's to read.
        log.warning("upload.elsewhere", generation=upload.generation)
        return DUPLICATE
    stored = rt.store.stat(upload.name)
    if stored is None or stored.generation != upload.generation:
        # Deleted or replaced since; the newer object has a notification of its own.
        log.info("upload.superseded", generation=upload.generation)
        return DUPLICATE
    return register_object(rt, stored)


def register_object(rt: Runtime, stored: StoredObject) -> Outcome:
    """The same for an object that was found in the bucket."""
    with rt.database.reading() as session:
        lecture = session.scalar(select(Lecture).where(Lecture.source_object == stored.name))
    if lecture is None:
        return _reject(rt, stored, None, UploadUnexpectedError())
    bind(lecture=str(lecture.id))
    if lecture.source_generation == stored.generation:
        if awaits_removal(lecture, stored):
            remove_oversized(rt, lecture, stored)
        return DUPLICATE
    if lecture.status == LectureStatus.AWAITING_UPLOAD:
        return _judge(rt, stored, lecture)
    if lecture.source_generation is None:
        # It failed because its notification was undeliverable: the dead letter is replayed.
        return DUPLICATE
    return _reject(
        rt, stored, lecture, UploadUnexpectedError("The lecture has its recording already.")
    )


def _judge(rt: Runtime, stored: StoredObject, lecture: Lecture) -> Outcome:
    try:
        found = inspect(rt, stored, lecture)
    except UploadTooLargeError as error:
        outcome = _reject(rt, stored, lecture, error)
        remove_oversized(rt, lecture, stored)
        return outcome
    except (AccessDeniedError, ProviderQuotaExhaustedError):
        raise  # This says nothing of the upload: it is recorded, and can be replayed.
    except PermanentError as error:
        return _reject(rt, stored, lecture, error)
    return _accept(rt, stored, lecture, found)


def _accept(rt: Runtime, stored: StoredObject, lecture: Lecture, found: Probe) -> Outcome:
    reach("upload.inspected", stored.name)
    try:
        job = _record_accepted(rt, stored, lecture, found)
    except DailyLimitReachedError as error:
        return _reject(rt, stored, lecture, error)
    if job is None:
        return DUPLICATE
    log.info(
        "upload.accepted",
        job=str(job.job_id),
        bytes=stored.size,
        container=found.container,
        codec=found.codec,
        header_duration_sec=found.duration_sec,
    )
    return DONE


def _record_accepted(
    rt: Runtime, stored: StoredObject, lecture: Lecture, found: Probe
) -> Enqueued | None:
    """None if another delivery was faster, or the lecture is restricted. Raises
    DailyLimitReachedError."""

    def accept(session: Session) -> Enqueued | None:
        if not rt.lectures.accept(
            session,
            lecture.id,
            stored,
            content_type=found.media_type,
            duration_sec=found.duration_sec,
        ):
            return None
        count_audio(session, rt.settings, lecture, found.duration_sec or 0, rt.clock())
        if session.scalar(select(~unrestricted).where(Lecture.id == lecture.id)):
            return None  # The sweep queues it once the lecture is restricted no longer.
        params = TranscriptionParams.defaults(lecture)
        return rt.jobs.enqueue(session, lecture_id=lecture.id, params=params)

    return rt.transact(accept)


def _reject(
    rt: Runtime, stored: StoredObject, lecture: Lecture | None, error: PermanentError
) -> Outcome:
    """Record why the object cannot be a lecture's audio, on the lecture too if it waits."""
    failure = Failure.of(error)

    def reject(session: Session) -> None:
        if lecture is not None:
            lock_lecture(session, lecture.id)
        lecture_id = lecture.id if lecture else None
        session.execute(registrations.rejection(rt, stored, lecture_id, failure))
        if lecture is not None:
            rt.lectures.reject(session, lecture.id, stored, failure)

    rt.transact(reject)
    log.warning("upload.rejected", code=failure.code, bytes=stored.size)
    return Outcome(Ending.FAILED, failure)
