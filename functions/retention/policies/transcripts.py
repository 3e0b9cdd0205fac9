"""Transcripts that are older than promised, with their earlier revisions, and the files that
repeat them word for word.

A user who reads that transcripts are deleted expects that of the captions as well. What only quotes
from them (summary, cards, questions, threads) stays: it is what the lecture was recorded for.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from functions.retention.policies.base import Terms
from functions.retention.policies.by_age import AgePolicy, Target
from functions.retention.policies.conditions import lock_lectures, older_than
from shared.models import (
    REPEATS_TRANSCRIPT,
    Course,
    ExportRow,
    Lecture,
    Passage,
    TranscriptRevision,
)
from shared.runtime import Runtime

_repeats = and_(
    ExportRow.lecture_id == Lecture.id,
    ExportRow.type.in_(REPEATS_TRANSCRIPT),
    or_(
        Lecture.transcript_object.is_not(None),
        ExportRow.created_at <= Lecture.transcript_deleted_at,
    ),
)

_replaced = TranscriptRevision.object.is_distinct_from(Lecture.transcript_object)


def _overdue(terms: Terms) -> ColumnElement[bool]:
    return and_(
        or_(
            Lecture.transcript_object.is_not(None),
            exists().where(TranscriptRevision.lecture_id == Lecture.id).correlate(Lecture),
            exists().where(_repeats).correlate(Lecture),
        ),
        older_than(terms.as_of, Course.retention_transcript_days, terms.transcript_days),
    )


def _targets(_rt: Runtime, session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Target]:
    for row in session.execute(
        select(Lecture.id, Lecture.transcript_object)
        .where(Lecture.id.in_(ids), Lecture.transcript_object.is_not(None))
        .order_by(Lecture.id)
    ):
        yield Target(row.id, row.transcript_object)
    for row in session.execute(
        select(TranscriptRevision.lecture_id, TranscriptRevision.object)
        .join(Lecture, Lecture.id == TranscriptRevision.lecture_id)
        .where(Lecture.id.in_(ids), _replaced)
        .order_by(TranscriptRevision.lecture_id, TranscriptRevision.number)
    ):
        yield Target(row.lecture_id, row.object)
    for row in session.execute(
        select(Lecture.id, ExportRow.object)
        .join(ExportRow, _repeats)
        .where(Lecture.id.in_(ids))
        .order_by(ExportRow.object)
    ):
        yield Target(row.id, row.object)


def _forget(
    rt: Runtime, session: Session, gone: Collection[str], _lectures: Collection[uuid.UUID]
) -> None:
    # By what is gone, not by lecture: what refused to go is still to be found next time.
    deleted = Lecture.transcript_object.in_(gone)
    lock_lectures(session, deleted)
    session.execute(
        delete(Passage).where(Passage.lecture_id.in_(select(Lecture.id).where(deleted)))
    )
    session.execute(
        update(Lecture)
        .where(deleted)
        .values(transcript_object=None, transcript_deleted_at=rt.clock())
    )
    session.execute(delete(TranscriptRevision).where(TranscriptRevision.object.in_(gone)))
    session.execute(delete(ExportRow).where(ExportRow.object.in_(gone)))


TRANSCRIPTS = AgePolicy("transcript", 100, _overdue, _targets, _forget)
