"""Moving a lecture to another course of its owner (docs/decisions/036-moved-lectures.md).

The lecture, its recording, transcript, material, edits and the identities of its items stay as they
are. What it says of the threads of its course goes: it is matched with those of the new course when
its material is made again. Files in which the lecture and those of its former course repeat each
other are withdrawn and made again: a deletion looks for repetitions in one course alone.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.courses.identities import keep_namespace
from shared.courses.threads import restate
from shared.courses.vocabulary import move_terms
from shared.deletion.siblings import withdraw_own, withdraw_repetitions
from shared.documents.artifacts import ArtifactType
from shared.errors import CourseHeldError, NotFoundError
from shared.models import (
    ArtifactRow,
    Course,
    Job,
    JobType,
    Lecture,
    ThreadAccount,
    ThreadOccurrence,
    ThreadUpdate,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.work.stages import GenerationParams


def move_lecture(rt: Runtime, session: Session, lecture: Lecture, course: Course) -> bool:
    """Move a lecture that is locked with its course and this one, and all lectures of both.

    False if it is in the course already. Raises NotFoundError if the course has been deleted,
    CourseHeldError if the lecture's course is on hold.
    """
    old, new = (
        session.get(Course, key, populate_existing=True) for key in (lecture.course_id, course.id)
    )
    if new is None:
        raise NotFoundError(f"There is no course {course.slug!r}.")
    if old is None or old.id == new.id:
        return False
    if old.held_until is not None and old.held_until > rt.clock():
        raise CourseHeldError()
    # Before it is in another course: those of a lecture of before are derived from its course.
    keep_namespace(session, lecture)
    for table in (ThreadOccurrence, ThreadUpdate, ThreadAccount):
        session.execute(delete(table).where(table.lecture_id == lecture.id))
    move_terms(session, lecture.id, old=old.id, new=new.id)
    lecture.course_id, lecture.updated_at = new.id, rt.clock()
    session.flush()
    restate(session, old.id)
    withdraw_repetitions(rt, session, old.id, [lecture.id])
    _restart(rt, session, lecture)
    withdraw_own(rt, session, lecture.id)
    _regenerate(rt, session, lecture)
    return True


def _restart(rt: Runtime, session: Session, lecture: Lecture) -> None:
    """Jobs that have read the threads and the title of the former course."""
    running = (
        select(Job)
        .where(
            Job.lecture_id == lecture.id,
            Job.type.in_((JobType.GENERATION, JobType.EXPORT)),
            Job.status == WorkStatus.RUNNING,
        )
        .order_by(Job.id)
        .with_for_update()
    )
    for job in session.scalars(running).all():
        rt.jobs.restart(session, job)


def _regenerate(rt: Runtime, session: Session, lecture: Lecture) -> None:
    """Material refers to threads, so it is made again, of the preset that it has. Without its
    transcript it stays as it is, and speaks of no thread of the new course."""
    preset_id = session.scalar(
        select(ArtifactRow.preset_id).where(
            ArtifactRow.lecture_id == lecture.id, ArtifactRow.type == ArtifactType.SUMMARY
        )
    )
    if preset_id is None or lecture.transcript_object is None:
        return
    params = GenerationParams(preset_id=preset_id)
    rt.jobs.enqueue(session, lecture_id=lecture.id, params=params, new_input=True)
