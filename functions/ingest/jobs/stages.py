"""Starting one stage on request: its preconditions, and its job."""

from sqlalchemy.orm import Session

from functions.ingest.lectures.lookup import no_lecture
from functions.ingest.uploads.registration import register_object
from shared.auth.daily_usage import count_audio, sec_until_next_day
from shared.database.locks import lock_unrestricted
from shared.errors import (
    ConflictError,
    DailyLimitReachedError,
    DeletedByRetentionError,
    RecordingWithheldError,
)
from shared.models import JobType, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.work.jobs import Enqueued
from shared.work.stages import STAGES, Params


def start_stage(rt: Runtime, lecture: Lecture, params: Params) -> Enqueued:
    """Queue the stage, or find the live job there is.

    Raises ConflictError if the lecture lacks what the stage starts from, DeletedByRetentionError if
    retention has deleted that, NotFoundError if it has
    been deleted, RecordingWithheldError while the recording is being silenced, and
    DailyLimitReachedError.
    """
    type = params.type
    if type is JobType.TRANSCRIPTION:
        _notice_upload(rt, lecture)

    def start(session: Session) -> Enqueued:
        _require_input(session, lecture, type)
        enqueued = rt.jobs.enqueue(session, lecture_id=lecture.id, params=params)
        if enqueued.deduplicated and enqueued.params.get("silencing"):
            raise RecordingWithheldError()
        if type is JobType.TRANSCRIPTION and not enqueued.deduplicated:
            count_audio(session, rt.settings, lecture, lecture.duration_sec or 0, rt.clock())
        return enqueued

    return rt.transact(start)


def _notice_upload(rt: Runtime, lecture: Lecture) -> None:
    """The client knows that the upload is finished; its notification may not be delivered yet.

    Registering it here starts the same job that the notification then finds.
    """
    if lecture.status != LectureStatus.AWAITING_UPLOAD:
        return
    stored = rt.store.stat(lecture.source_object)
    if stored is None:
        raise ConflictError("The recording has not been uploaded yet.")
    outcome = register_object(rt, stored)
    if outcome.failure is None:
        return
    message = outcome.failure.message
    if outcome.failure.code == DailyLimitReachedError.code:
        raise DailyLimitReachedError(message, retry_after_sec=sec_until_next_day(rt.clock()))
    raise ConflictError(message)


def _require_input(session: Session, known: Lecture, type: JobType) -> None:
    lock_unrestricted(session, known.id)
    lecture = session.get(Lecture, known.id)
    if lecture is None:
        raise no_lecture(known.slug)
    missing = STAGES[type].missing(session, lecture)
    if missing is not None:
        refusal = DeletedByRetentionError if missing.deleted_by_retention else ConflictError
        raise refusal(missing.message)
