"""What the database says of a lecture now, after rows and objects have been compared.

Neither side stood still meanwhile: an object may have been written after it was listed for,
a row replaced after it was read. Only what is still so at the second look is a finding.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from scripts.integrity.merging import Group
from shared.deletion.audit import has_outcome
from shared.models import (
    LIVE,
    Course,
    DeletionAuditEvent,
    DeletionOutcome,
    Job,
    JobType,
    Lecture,
    Purge,
)
from shared.runtime import Runtime
from shared.storage.integrity import Expected, expected_of_jobs, expected_of_lectures


@dataclass(frozen=True)
class Situation:
    lecture_id: uuid.UUID | None
    """None if there is none any more."""
    expected: Mapping[str, Expected]
    """By name."""
    in_use: bool
    """The lecture has a live job, or its objects are being deleted."""
    kept: bool
    """Nothing of it may be deleted: its owner wanted the objects, or its course is on hold."""


def look_again(rt: Runtime, group: Group) -> Situation:
    with rt.database.reading() as session:
        if group.of_job:
            return _of_job(rt, session, group.key)
        lecture = session.get(Lecture, group.key)
        if lecture is None:
            return _of_nobody(
                rt,
                session,
                ordered=Purge.lecture_id == group.key,
                kept=DeletionAuditEvent.lecture_id == group.key,
            )
        expected = [*expected_of_lectures(session, [lecture]), *_waited_for(lecture)]
        return _of_lecture(rt, session, lecture, expected)


def _of_job(rt: Runtime, session: Session, job_id: uuid.UUID) -> Situation:
    job = session.get(Job, job_id)
    if job is None:
        # Its lecture is no longer recorded. It may be one whose objects were kept.
        folder = rt.names.folder("segments", job_id)
        return _of_nobody(rt, session, ordered=Purge.folders.contains([folder]), kept=true())
    # A job that replays another refers to the segments of that one.
    jobs = session.scalars(
        select(Job).where(Job.lecture_id == job.lecture_id, Job.type == JobType.TRANSCRIPTION)
    ).all()
    lecture = session.get_one(Lecture, job.lecture_id)
    return _of_lecture(rt, session, lecture, expected_of_jobs(session, jobs))


def _of_lecture(
    rt: Runtime, session: Session, lecture: Lecture, expected: Iterable[Expected]
) -> Situation:
    named = {each.name: each for each in expected}
    live = exists().where(Job.lecture_id == lecture.id, Job.status.in_(LIVE))
    held = exists().where(Course.id == lecture.course_id, Course.held_until > rt.clock())
    in_use, kept = session.execute(select(live, held)).one()
    return Situation(lecture.id, named, in_use=in_use, kept=kept)


def _of_nobody(
    rt: Runtime, session: Session, *, ordered: ColumnElement[bool], kept: ColumnElement[bool]
) -> Situation:
    """Of a deleted lecture. An order to purge begins when its objects need be kept no longer;
    those that an earlier release kept have no order."""
    purging = exists().where(ordered, Purge.created_at <= rt.clock())
    kept_for_now = exists().where(ordered, Purge.created_at > rt.clock())
    kept_for_good = exists().where(kept, has_outcome(DeletionOutcome.OBJECTS_KEPT))
    row = session.execute(
        select(purging, or_(kept_for_now, and_(kept_for_good, ~exists().where(ordered))))
    ).one()
    return Situation(None, {}, in_use=row[0], kept=row[1])


def _waited_for(lecture: Lecture) -> Iterable[Expected]:
    """Its recording may be there and not be accepted yet, or be wanted for a replay."""
    if lecture.source_generation is None:
        yield Expected("recording", None, lecture.source_object, lecture.id, optional=True)
