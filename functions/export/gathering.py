"""Everything a lecture's files may show, read through the rows that say what is current."""

import uuid
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from functions.export.document import (
    CourseThread,
    LectureDocument,
    Mark,
    ThreadOccurrence,
    ThreadUpdate,
    TranscriptDocument,
    lecture_title,
)
from functions.export.quality_gate import require_complete
from shared import models
from shared.courses.edits import edits_of
from shared.courses.identities import identified, namespace_of
from shared.courses.marks import marks_of
from shared.courses.threads import COURSE_ORDER
from shared.documents.artifacts import Artifact, ArtifactType
from shared.documents.transcript import Transcript
from shared.documents.warnings import Warnings, read
from shared.models import ArtifactRow, Lecture, Thread, unrestricted
from shared.runtime import Runtime
from shared.work.leases import Lease

_ARTIFACT: TypeAdapter[Artifact] = TypeAdapter(Artifact)


def gather(rt: Runtime, lease: Lease) -> LectureDocument:
    """Raises ExportIncompleteError if the lecture lacks what an export needs."""
    with rt.database.reading() as session:
        lecture = session.get_one(Lecture, lease.lecture_id, options=[joinedload(Lecture.course)])
        objects = session.scalars(
            select(ArtifactRow.object).where(ArtifactRow.lecture_id == lecture.id)
        ).all()
        threads = _threads(session, lecture)
        card_namespace = namespace_of(session, lecture)
        sources = _sources(session, lecture, threads)
        edits = edits_of(session, lecture.id)
        marks = _marks(session, lecture.id)
    material = require_complete(
        (
            identified(card_namespace, _ARTIFACT.validate_json(rt.store.read(name)))
            for name in objects
        ),
        min_summary_sections=rt.settings.plc_export_min_summary_sections,
    )
    return LectureDocument(
        **_of_lecture(rt, lecture, material.summary.preset_id, marks, material.warnings),
        card_namespace=card_namespace,
        material=material.laid_over(edits),
        edited_at=lecture.items_edited_at,
        threads=threads,
        sources=sources,
    )


def gather_transcript(rt: Runtime, lease: Lease) -> tuple[TranscriptDocument, str | None]:
    """What the files of the transcript show, and the object it was read from; None if the lecture
    has none any more."""
    with rt.database.reading() as session:
        lecture = session.get_one(Lecture, lease.lecture_id, options=[joinedload(Lecture.course)])
        preset_id = session.scalar(
            select(ArtifactRow.preset_id).where(
                ArtifactRow.lecture_id == lecture.id, ArtifactRow.type == ArtifactType.SUMMARY
            )
        )
        marks = _marks(session, lecture.id)
    document = TranscriptDocument(
        **_of_lecture(rt, lecture, preset_id or lecture.preset_id, marks, ())
    )
    return document, lecture.transcript_object


def _of_lecture(
    rt: Runtime,
    lecture: Lecture,
    preset_id: str,
    marks: tuple[Mark, ...],
    warnings: Warnings,
) -> dict[str, Any]:
    """The fields of a TranscriptDocument."""
    transcript = (
        Transcript.model_validate_json(rt.store.read(lecture.transcript_object))
        if lecture.transcript_object
        else None
    )
    return {
        "lecture_id": lecture.id,
        "lecture_slug": lecture.slug,
        "given_lecture_title": lecture.title,
        "course_id": lecture.course_id,
        "course_slug": lecture.course.slug,
        "given_course_title": lecture.course.title,
        "date": lecture.created_at,
        "language": lecture.language or "en",
        "duration_sec": lecture.duration_sec or 0.0,
        "preset_id": preset_id,
        "transcript": transcript,
        "marks": marks,
        "warnings": (*read(lecture.warnings), *warnings),
    }


def _marks(session: Session, lecture_id: uuid.UUID) -> tuple[Mark, ...]:
    return tuple(
        Mark(at_sec=mark.at_sec, label=mark.label) for mark in marks_of(session, lecture_id)
    )


def _threads(session: Session, lecture: Lecture) -> tuple[CourseThread, ...]:
    """The course's threads that this lecture takes part in, with their whole history."""
    mine = (
        select(models.ThreadOccurrence.thread_id)
        .where(models.ThreadOccurrence.lecture_id == lecture.id)
        .distinct()
    )
    threads = session.scalars(
        select(Thread).where(Thread.id.in_(mine)).order_by(Thread.title, Thread.id)
    ).all()
    ids = [thread.id for thread in threads]
    occurrences = session.execute(
        select(models.ThreadOccurrence, Lecture)
        .join(Lecture, Lecture.id == models.ThreadOccurrence.lecture_id)
        .where(models.ThreadOccurrence.thread_id.in_(ids), unrestricted)
        .order_by(*COURSE_ORDER, models.ThreadOccurrence.start_sec)
    ).all()
    updates = session.execute(
        select(models.ThreadUpdate, Lecture)
        .join(Lecture, Lecture.id == models.ThreadUpdate.lecture_id)
        .where(models.ThreadUpdate.thread_id.in_(ids), unrestricted)
        .order_by(*COURSE_ORDER)
    ).all()
    return tuple(
        CourseThread(
            id=thread.id,
            title=thread.title,
            description=thread.description,
            complexity=thread.complexity,
            occurrences=_occurrences(thread.id, occurrences),
            updates=_updates(thread.id, updates),
        )
        for thread in threads
    )


def _sources(
    session: Session, lecture: Lecture, threads: Sequence[CourseThread]
) -> frozenset[uuid.UUID]:
    """The other lectures that say something of the threads: a thread's title and description are
    the words of one of them as well."""
    ids = [thread.id for thread in threads]
    told = session.scalars(
        select(models.ThreadAccount.lecture_id)
        .join(Lecture, Lecture.id == models.ThreadAccount.lecture_id)
        .where(models.ThreadAccount.thread_id.in_(ids), unrestricted)
    )
    spoken_of = {each.lecture_id for thread in threads for each in thread.occurrences}
    changed = {each.lecture_id for thread in threads for each in thread.updates}
    return frozenset({*told, *spoken_of, *changed} - {lecture.id})


def _occurrences(
    thread_id: uuid.UUID, rows: Sequence[Row[models.ThreadOccurrence, Lecture]]
) -> tuple[ThreadOccurrence, ...]:
    return tuple(
        ThreadOccurrence(
            lecture_id=lecture.id,
            lecture_title=lecture_title(lecture.title, lecture.slug, lecture.created_at),
            start_sec=row.start_sec,
            end_sec=row.end_sec,
            quote=row.quote,
        )
        for row, lecture in rows
        if row.thread_id == thread_id
    )


def _updates(
    thread_id: uuid.UUID, rows: Sequence[Row[models.ThreadUpdate, Lecture]]
) -> tuple[ThreadUpdate, ...]:
    return tuple(
        ThreadUpdate(
            lecture_id=lecture.id,
            lecture_title=lecture_title(lecture.title, lecture.slug, lecture.created_at),
            change=row.change,
            summary=row.summary,
        )
        for row, lecture in rows
        if row.thread_id == thread_id
    )
