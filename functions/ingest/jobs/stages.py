"""Starting one stage by hand: what has to be there, and the job that does it."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from functions.ingest.lectures.keeping import no_transcript
from functions.ingest.lectures.lookup import no_lecture
from functions.ingest.uploads.registration import register_object
from shared.auth.daily_usage import count_audio
from shared.database.locks import lock_lecture
from shared.documents.artifacts import ArtifactType
from shared.errors import ConflictError, DeletedByRetentionError
from shared.models import JSON, ArtifactRow, Job, JobType, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.work.jobs import Enqueued


def start_stage(rt: Runtime, lecture: Lecture, type: JobType, params: JSON) -> Enqueued:
    """Queue the stage, or find the live job there is.

    Raises ConflictError if the lecture lacks what the stage starts from, DeletedByRetentionError if
    retention has deleted that, NotFoundError if it has
    been deleted, and DailyLimitReachedError.
    """
    if type is JobType.TRANSCRIPTION:
        _notice_upload(rt, lecture)

    def start(session: Session) -> Enqueued:
        _require_input(session, lecture, type)
        enqueued = rt.jobs.enqueue(session, lecture_id=lecture.id, type=type, params=params)
        if type is JobType.TRANSCRIPTION and not enqueued.deduplicated:
            count_audio(session, rt.settings, lecture, lecture.duration_sec or 0, rt.clock())
        return enqueued

    return rt.transact(start)


def _notice_upload(rt: Runtime, lecture: Lecture) -> None:
    """The client knows that the upload is finished; its notification may still be on its way.

    Registering it here starts the same job that the notification then finds.
    """
    if lecture.status != LectureStatus.AWAITING_UPLOAD:
        return
    stored = rt.store.stat(lecture.source_object)
    if stored is None:
        raise ConflictError("The recording has not been uploaded yet.")
    outcome = register_object(rt, stored)
    if outcome.failure is not None:
        raise ConflictError(outcome.failure.message)


def _require_input(session: Session, known: Lecture, type: JobType) -> None:
    lock_lecture(session, known.id)
    lecture = session.get(Lecture, known.id)
    if lecture is None:
        raise no_lecture(known.slug)
    if type is JobType.TRANSCRIPTION:
        # An upload that was accepted has a job since then; one that was turned away has none.
        accepted = session.scalar(select(exists().where(Job.lecture_id == lecture.id)))
        if not accepted or lecture.raw_deleted_at is not None:
            if lecture.raw_deleted_at is not None:
                raise DeletedByRetentionError(
                    "The recording has been deleted as retention promises."
                )
            raise ConflictError("There is no recording to transcribe.")
    elif type is JobType.GENERATION:
        if lecture.transcript_object is None and lecture.transcript_deleted_at is not None:
            raise no_transcript(lecture)
        if lecture.transcript_object is None:
            raise ConflictError("There is no transcript to generate from.")
    else:
        made = session.scalar(select(func.count()).where(ArtifactRow.lecture_id == lecture.id))
        if made != len(ArtifactType):
            raise ConflictError("There is no study material to export.")
