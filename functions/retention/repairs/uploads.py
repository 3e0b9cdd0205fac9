"""Recordings without a notification, found by querying the bucket for each waiting lecture.

From the other side, the objects are looked through as well: `unregistered_uploads`.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.retention.repairs.failures import mend_each
from shared.messaging import outbox
from shared.models import Lecture, LectureStatus
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.workers.registrations import UPLOADS_TOPIC


def find_missed_uploads(rt: Runtime) -> int:
    """Look for the recording of each lecture that waits; those that wait longest unasked first."""
    now = rt.clock()
    waiting_since = func.coalesce(Lecture.upload_checked_at, Lecture.updated_at)

    def waiting(session: Session, limit: int) -> Sequence[tuple[UUID, str]]:
        rows = session.execute(
            select(Lecture.id, Lecture.source_object)
            .where(
                Lecture.status == LectureStatus.AWAITING_UPLOAD,
                waiting_since <= now - grace(rt),
            )
            .order_by(waiting_since)
            .limit(limit)
        )
        return [(lecture_id, name) for lecture_id, name in rows]

    def look(lecture: tuple[UUID, str]) -> bool:
        lecture_id, name = lecture
        stored = rt.store.stat(name)
        return rt.transact(partial(_found, rt, lecture_id, stored))

    return mend_each(rt, "missed_uploads", waiting, look, subject=lambda each: str(each[0]))


def _found(rt: Runtime, lecture_id: UUID, stored: StoredObject | None, session: Session) -> bool:
    lecture = session.get(Lecture, lecture_id)
    if lecture is None:
        return False
    lecture.upload_checked_at = rt.clock()
    if stored is not None:
        announce(rt, session, stored)
    return stored is not None


def grace(rt: Runtime) -> timedelta:
    """How long the delivery of a notification may take."""
    return timedelta(seconds=rt.settings.plc_missed_upload_grace_sec)


def announce(rt: Runtime, session: Session, stored: StoredObject) -> None:
    """Write the notification that the bucket should have sent."""
    resource = {
        "bucket": rt.settings.gcs_bucket,
        "name": stored.name,
        "generation": str(stored.generation),
        "size": str(stored.size),
        "contentType": stored.content_type,
        "crc32c": stored.crc32c,
    }
    outbox.put(session, UPLOADS_TOPIC, resource, now=rt.clock())
