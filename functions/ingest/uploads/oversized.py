"""Removes an upload over the size limit, without waiting for retention."""

from sqlalchemy import update

from shared.deletion import audit
from shared.errors import UploadTooLargeError
from shared.log import log
from shared.models import Lecture
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject

ACTOR = f"policy:{UploadTooLargeError.code}"


def awaits_removal(lecture: Lecture, stored: StoredObject) -> bool:
    """Whether it was rejected for its size by a process that died before removing it."""
    return (
        lecture.source_generation == stored.generation
        and lecture.error is not None
        and lecture.error["code"] == UploadTooLargeError.code
    )


def remove_oversized(rt: Runtime, lecture: Lecture, stored: StoredObject) -> None:
    """Remove an object whose rejection has been recorded. Safe to repeat.

    A crash in here leaves the rest to another delivery, or to retention if the object is
    gone already.
    """
    was_there = rt.store.delete(stored.name, generation=stored.generation)
    with rt.transaction() as tx:
        told = tx.session.scalar(
            update(Lecture)
            .where(
                Lecture.id == lecture.id,
                Lecture.source_object == stored.name,
                Lecture.source_generation == stored.generation,
                Lecture.raw_deleted_at.is_(None),
            )
            .values(raw_deleted_at=rt.clock())
            .returning(Lecture.id)
        )
        if was_there or told is not None:
            entry = audit.Entry(
                audit.subject_of(rt, stored.name), ACTOR, stored.generation, lecture.id
            )
            conclusion = audit.DELETED if was_there else audit.ALREADY_GONE
            audit.record(rt, tx.session, [(entry, conclusion)])
        tx.commit()
    log.info("upload.removed", bytes=stored.size)
