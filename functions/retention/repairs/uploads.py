"""Recordings that arrived without a notification: the lectures that wait are asked about.

From the other side, the objects are looked through as well: `stray_uploads`.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.retention.repairs import BATCH
from shared import outbox
from shared.models import Lecture, LectureStatus
from shared.runtime import Runtime
from shared.storage import StoredObject

UPLOADS_TOPIC = "uploads"


def find_missed_uploads(rt: Runtime) -> int:
    """Look for the recording of each lecture that waits; those that wait longest unasked first."""
    now = rt.clock()
    waiting_since = func.coalesce(Lecture.upload_checked_at, Lecture.updated_at)
    with rt.database.unit_of_work() as session:
        waiting = session.scalars(
            select(Lecture)
            .where(
                Lecture.status == LectureStatus.AWAITING_UPLOAD,
                waiting_since <= now - grace(rt),
            )
            .order_by(waiting_since)
            .limit(BATCH)
        ).all()
    found = 0
    for lecture in waiting:
        stored = rt.store.stat(lecture.source_object)
        with rt.database.unit_of_work() as session:
            still_there = session.get(Lecture, lecture.id)
            if still_there is None:
                continue
            still_there.upload_checked_at = now
            if stored is not None:
                announce(rt, session, stored)
                found += 1
            session.commit()
            rt.outbox.publish(session)
    return found


def grace(rt: Runtime) -> timedelta:
    """How long a notification may be on its way."""
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
