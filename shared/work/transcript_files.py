"""The files of a lecture's transcript, which every new transcript brings, with material or without
(docs/decisions/042-files-before-material.md)."""

import uuid

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shared.models import Lecture
from shared.work.jobs import Jobs
from shared.work.stages import TRANSCRIPT_FILES_PARAMS

may_have_transcript_files = and_(
    Lecture.transcript_object.is_not(None), Lecture.material_deleted_at.is_(None)
)
"""Of a lecture. Files that retention has deleted come back with its material alone."""


def renew_transcript_files(jobs: Jobs, session: Session, lecture_id: uuid.UUID) -> None:
    """Have the files made anew of a transcript that has just changed, in the same transaction."""
    due = select(Lecture.id).where(Lecture.id == lecture_id, may_have_transcript_files)
    if session.scalar(due) is not None:
        params = TRANSCRIPT_FILES_PARAMS
        jobs.enqueue(session, lecture_id=lecture_id, params=params, new_input=True)
