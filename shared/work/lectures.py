"""The lecture's states, and each change of them.

awaiting_upload → uploaded → processing → completed or failed; from there back to processing when
a job is queued, and to awaiting_upload when an upload that was rejected may come again. Every
method works in the caller's transaction. Those that concern jobs need the lecture locked
(shared/database/locks.py).
"""

import uuid
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from shared.clock import Clock
from shared.errors import (
    AccessDeniedError,
    DeliveryExhaustedError,
    PegasusError,
    ProviderQuotaExhaustedError,
    WorkerLostError,
)
from shared.models import (
    JSON,
    LIVE,
    TRANSCRIPT_FILES,
    ExportRow,
    Job,
    Lecture,
    LectureStatus,
)
from shared.work.retry import Failure
from shared.work.stages import is_silencing, is_transcript_only

GIVEN_UP = (
    PegasusError.code,
    WorkerLostError.code,
    AccessDeniedError.code,
    ProviderQuotaExhaustedError.code,
)
"""Errors of an upload that say nothing of the upload: its registration used up its attempts for
unforeseen reasons, or Google Cloud refused what it takes."""

undelivered = and_(
    Lecture.source_generation.is_(None),
    Lecture.error["code"].astext == DeliveryExhaustedError.code,
)
"""Of a failed lecture: no function handled the notification of its recording."""


class Recording(Protocol):
    """An object that arrived for a lecture, as the bucket describes it."""

    @property
    def name(self) -> str: ...
    @property
    def generation(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def crc32c(self) -> str: ...


class Lectures:
    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    # --- awaiting_upload → uploaded or failed -----------------------------------

    def accept(
        self,
        session: Session,
        lecture_id: uuid.UUID,
        recording: Recording,
        *,
        content_type: str,
        duration_sec: float | None,
    ) -> bool:
        """→ uploaded, bound to one generation of the object. False if it does not wait any more."""
        accepted = self._leave_awaiting(
            session,
            recording,
            lecture_id,
            status=LectureStatus.UPLOADED,
            content_type=content_type,
            duration_sec=duration_sec,
        )
        return accepted is not None

    def reject(
        self, session: Session, lecture_id: uuid.UUID, recording: Recording, failure: Failure
    ) -> None:
        """→ failed, if it waits: the object cannot be its recording."""
        self._leave_awaiting(session, recording, lecture_id, **_failed(failure))

    def give_up(self, session: Session, recording: Recording, failure: Failure) -> uuid.UUID | None:
        """→ failed, if one waits: the registration of its object used up its attempts."""
        return self._leave_awaiting(session, recording, None, **_failed(failure))

    def fail_undelivered(self, session: Session, name: str) -> None:
        """→ failed, if one waits for this object: no function handled its notification."""
        failure = Failure.of(DeliveryExhaustedError())
        self._update(session, _waits_for(name), **_failed(failure))

    def _leave_awaiting(
        self, session: Session, recording: Recording, lecture_id: uuid.UUID | None, **values: Any
    ) -> uuid.UUID | None:
        which = _waits_for(recording.name)
        return self._update(
            session,
            which if lecture_id is None else and_(Lecture.id == lecture_id, which),
            source_generation=recording.generation,
            source_size=recording.size,
            source_crc32c=recording.crc32c or None,
            **values,
        )

    # --- failed → awaiting_upload -----------------------------------------------

    def await_upload(self, lecture: Lecture) -> None:
        """A locked lecture that has no recording waits for one, for the first time or again."""
        lecture.status = LectureStatus.AWAITING_UPLOAD
        lecture.error = None
        lecture.updated_at = self._clock()

    def await_registration(self, session: Session, name: str, generation: int) -> Lecture | None:
        """A lecture whose upload was not registered, for lack of deliveries or of attempts, waits
        for it again. None if there is none."""
        given_up = and_(
            Lecture.source_generation == generation,
            Lecture.error["code"].astext.in_(GIVEN_UP),
            ~exists().where(Job.lecture_id == Lecture.id),
        )
        lecture: Lecture | None = session.scalar(
            update(Lecture)
            .where(
                Lecture.source_object == name,
                Lecture.status == LectureStatus.FAILED,
                or_(given_up, undelivered),
            )
            .values(
                status=LectureStatus.AWAITING_UPLOAD,
                error=None,
                source_generation=None,
                source_size=None,
                source_crc32c=None,
                updated_at=self._clock(),
            )
            .returning(Lecture)
        )
        return lecture

    # --- as its jobs begin and end ----------------------------------------------

    def resume(self, session: Session, lecture_id: uuid.UUID) -> None:
        """completed or failed → processing, as a job has been queued. A lecture that was just
        uploaded remains so until its job is claimed."""
        self._update(
            session,
            and_(
                Lecture.id == lecture_id,
                Lecture.status.in_((LectureStatus.COMPLETED, LectureStatus.FAILED)),
            ),
            status=LectureStatus.PROCESSING,
            error=None,
        )

    def process(self, session: Session, lecture_id: uuid.UUID) -> None:
        """→ processing, as a job has been claimed."""
        self._set(session, lecture_id, status=LectureStatus.PROCESSING, error=None)

    def complete(self, session: Session, lecture_id: uuid.UUID) -> None:
        """→ completed: its files are made."""
        self._set(session, lecture_id, status=LectureStatus.COMPLETED, error=None)

    def end_failed(self, session: Session, lecture_id: uuid.UUID, failure: Failure) -> None:
        """→ failed, or back to completed: what was made before is as good as it was, and only the
        job says that it could not be made again. While another job is live the lecture stays
        in progress."""
        session.flush()  # What has just ended is no live job.
        completed_before, under_way = session.execute(
            select(_was_completed(lecture_id), under_way_of(lecture_id))
        ).one()
        if not completed_before:
            self._set(session, lecture_id, **_failed(failure))
        elif not under_way:
            self.complete(session, lecture_id)

    def end_silenced(self, session: Session, lecture_id: uuid.UUID) -> None:
        """→ as the lecture was before its recording was silenced, which makes nothing of it:
        completed, or failed as its last job says. While another job is live it stays in progress.
        """
        session.flush()
        if session.scalar(select(under_way_of(lecture_id))):
            return
        making = select(Job).where(Job.lecture_id == lecture_id, ~is_silencing, ~is_transcript_only)
        last = session.scalar(making.order_by(Job.updated_at.desc(), Job.id).limit(1))
        if last is None or last.error is None or session.scalar(select(_was_completed(lecture_id))):
            self.complete(session, lecture_id)
        else:
            self._set(session, lecture_id, status=LectureStatus.FAILED, error=last.error)

    def _set(self, session: Session, lecture_id: uuid.UUID, **values: Any) -> None:
        self._update(session, Lecture.id == lecture_id, **values)

    def _update(
        self, session: Session, which: ColumnElement[bool], **values: Any
    ) -> uuid.UUID | None:
        return session.scalar(
            update(Lecture)
            .where(which)
            .values(updated_at=self._clock(), **values)
            .returning(Lecture.id)
        )


def under_way_of(lecture_id: Any) -> ColumnElement[bool]:
    """Whether a lecture, of this id or column, has a live job that brings it to its end."""
    return exists().where(Job.lecture_id == lecture_id, Job.status.in_(LIVE), ~is_transcript_only)


def _was_completed(lecture_id: uuid.UUID) -> ColumnElement[bool]:
    """Whether a lecture has files that were made of its material."""
    return exists().where(
        ExportRow.lecture_id == lecture_id, ExportRow.type.not_in(TRANSCRIPT_FILES)
    )


def _waits_for(name: str) -> ColumnElement[bool]:
    return and_(Lecture.source_object == name, Lecture.status == LectureStatus.AWAITING_UPLOAD)


def _failed(failure: Failure) -> JSON:
    return {"status": LectureStatus.FAILED, "error": failure.to_json()}
