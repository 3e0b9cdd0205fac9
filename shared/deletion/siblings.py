"""Files of a course's other lectures, which repeat what a lecture said of their common threads.

A file's row says which other lectures it repeats. When one of them is deleted or changed, the
files that repeat it are made again; all of a course in one job each, however many changes there
are. The caller holds the course and its lectures (shared/database/locks.py), so no export of the
course begins meanwhile: one that is running has read the state before, and is started again.
"""

import uuid
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from shared.documents.artifacts import ArtifactType
from shared.log import log
from shared.models import (
    ArtifactRow,
    ExportRow,
    Job,
    JobType,
    Lecture,
    ThreadAccount,
    WorkStatus,
    unrestricted,
)
from shared.runtime import Runtime
from shared.work.stages import TRANSCRIPT_FILES_PARAMS, ExportParams, is_transcript_only
from shared.work.transcript_files import may_have_transcript_files


def withdraw_repetitions(
    rt: Runtime, session: Session, course_id: uuid.UUID, lecture_ids: Collection[uuid.UUID]
) -> list[str]:
    """Withdraw the files of the other lectures that repeat these, and have them made again.

    From the caller's commit on they cannot be downloaded. Returns the folders of all files that
    the affected lectures' exports have written, earlier ones included; those made from now on
    have other folders.
    """
    stale = session.execute(
        select(ExportRow.id, ExportRow.lecture_id, ExportRow.object)
        .join(Lecture, Lecture.id == ExportRow.lecture_id)
        .where(*_others(course_id, lecture_ids), _repeats(lecture_ids))
        .order_by(ExportRow.id)
    ).all()
    session.execute(delete(ExportRow).where(ExportRow.id.in_([row.id for row in stale])))
    restarted = {job.lecture_id: job for job in _running(session, course_id, lecture_ids)}
    for job in restarted.values():
        rt.jobs.restart(session, job)
    affected = {row.lecture_id for row in stale} | restarted.keys()
    _export(rt, session, affected - restarted.keys())
    folders = {f"{PurePosixPath(row.object).parent}/" for row in stale}
    folders |= _written(rt, session, affected)
    if affected:
        log.info("exports.withdrawn", course=str(course_id), lectures=len(affected))
    return sorted(folders)


def withdraw_own(rt: Runtime, session: Session, lecture_id: uuid.UUID) -> None:
    """Withdraw the files of a lecture that repeat others, and have all of its files made again."""
    repeating = or_(ExportRow.sources.is_(None), func.cardinality(ExportRow.sources) > 0)
    session.execute(delete(ExportRow).where(ExportRow.lecture_id == lecture_id, repeating))
    _export(rt, session, {lecture_id})


def renew_own(rt: Runtime, session: Session, lecture_id: uuid.UUID) -> uuid.UUID | None:
    """Have the files of a lecture made again. Returns the export; None where there are none."""
    return next(iter(_export(rt, session, {lecture_id})), None)


def renew_repetitions(
    rt: Runtime, session: Session, course_id: uuid.UUID, lecture_ids: Collection[uuid.UUID]
) -> None:
    """Have the files of the other lectures that repeat these made again; until then the earlier
    ones stand."""
    affected = set(
        session.scalars(
            select(ExportRow.lecture_id)
            .join(Lecture, Lecture.id == ExportRow.lecture_id)
            .where(*_others(course_id, lecture_ids), _repeats(lecture_ids))
        )
    )
    affected |= {job.lecture_id for job in _running(session, course_id, lecture_ids)}
    _export(rt, session, affected)


def renew_sharing(
    rt: Runtime, session: Session, course_id: uuid.UUID, lecture_id: uuid.UUID
) -> None:
    """Have the files of a lecture, and of the others that speak of its threads, made again."""
    shared = select(ThreadAccount.thread_id).where(ThreadAccount.lecture_id == lecture_id)
    others = session.scalars(
        select(ThreadAccount.lecture_id)
        .join(Lecture, Lecture.id == ThreadAccount.lecture_id)
        .where(Lecture.course_id == course_id, ThreadAccount.thread_id.in_(shared))
        .distinct()
    )
    _export(rt, session, {lecture_id, *others})


def renew_course(rt: Runtime, session: Session, course_id: uuid.UUID) -> None:
    """Have the files of all lectures of a course made again; until then the earlier ones stand."""
    _export(
        rt, session, set(session.scalars(select(Lecture.id).where(Lecture.course_id == course_id)))
    )


def _others(
    course_id: uuid.UUID, lecture_ids: Collection[uuid.UUID]
) -> tuple[ColumnElement[bool], ...]:
    return Lecture.course_id == course_id, Lecture.id.not_in(lecture_ids)


def _repeats(lecture_ids: Collection[uuid.UUID]) -> ColumnElement[bool]:
    return or_(ExportRow.sources.is_(None), ExportRow.sources.overlap(list(lecture_ids)))


def _running(
    session: Session, course_id: uuid.UUID, lecture_ids: Collection[uuid.UUID]
) -> Sequence[Job]:
    return session.scalars(
        select(Job)
        .join(Lecture, Lecture.id == Job.lecture_id)
        .where(
            *_others(course_id, lecture_ids),
            Job.type == JobType.EXPORT,
            Job.status == WorkStatus.RUNNING,
            # It has read no other lecture.
            ~is_transcript_only,
        )
        .order_by(Job.id)
        .with_for_update(of=Job)
    ).all()


def _export(
    rt: Runtime, session: Session, lecture_ids: Collection[uuid.UUID]
) -> Sequence[uuid.UUID]:
    """Queue exports; returns their ids. A lecture without study material has at most the files of
    its transcript, a restricted one is exported once it is restricted no longer."""
    made = Lecture.id.in_(
        select(ArtifactRow.lecture_id).where(ArtifactRow.type == ArtifactType.SUMMARY)
    )
    exported = session.execute(
        select(Lecture.id, made)
        .where(Lecture.id.in_(lecture_ids), or_(made, may_have_transcript_files), unrestricted)
        .order_by(Lecture.id)
    ).all()
    return [
        rt.jobs.enqueue(
            session,
            lecture_id=lecture_id,
            params=ExportParams() if has_material else TRANSCRIPT_FILES_PARAMS,
            new_input=True,
        ).job_id
        for lecture_id, has_material in exported
    ]


def _written(rt: Runtime, session: Session, lecture_ids: Collection[uuid.UUID]) -> set[str]:
    """The folders of every attempt there has been: superseded files, which have no rows, too."""
    jobs = session.execute(
        select(Job.id, Job.lecture_id, Job.attempt).where(
            Job.lecture_id.in_(lecture_ids), Job.type == JobType.EXPORT
        )
    )
    return {
        rt.names.export_folder(job.lecture_id, job.id, attempt)
        for job in jobs
        for attempt in range(1, job.attempt + 1)
    }
