"""Whether a lecture's study material is older than its transcript."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import ArtifactRow, Job, Lecture, TranscriptRevision, WorkStatus


def material_is_outdated(
    session: Session, lecture_id: uuid.UUID, artifacts: Sequence[ArtifactRow]
) -> bool:
    """True if the transcript was corrected after the work on any of them had begun.

    A new recognition queues its generation automatically, so it outdates nothing.
    """
    corrected_at = session.scalar(
        select(TranscriptRevision.created_at)
        .join(Lecture, Lecture.transcript_object == TranscriptRevision.object)
        .where(Lecture.id == lecture_id, TranscriptRevision.corrected > 0)
    )
    if corrected_at is None or not artifacts:
        return False
    jobs = select(Job).where(Job.id.in_({each.job_id for each in artifacts}))
    begun = {job.id: _begun(job) for job in session.scalars(jobs)}
    return any((begun.get(each.job_id) or each.created_at) < corrected_at for each in artifacts)


def _begun(job: Job) -> datetime | None:
    """When the last attempt did; it read the transcript after that."""
    running = [each["at"] for each in job.history if each["status"] == WorkStatus.RUNNING]
    return datetime.fromisoformat(running[-1]) if running else None
