"""Recordings that are older than promised."""

import uuid
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from functions.retention.policies.base import Terms
from functions.retention.policies.by_age import AgePolicy, Target
from functions.retention.policies.conditions import lock_lectures, older_than, turned_away
from shared.models import Course, Lecture
from shared.runtime import Runtime


def _overdue(terms: Terms) -> ColumnElement[bool]:
    return and_(
        Lecture.source_generation.is_not(None),
        Lecture.raw_deleted_at.is_(None),
        ~turned_away,
        older_than(terms.as_of, Course.retention_raw_audio_days, terms.raw_audio_days),
    )


def _targets(_rt: Runtime, session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Target]:
    for row in session.execute(
        select(Lecture.id, Lecture.source_object, Lecture.source_generation)
        .where(Lecture.id.in_(ids))
        .order_by(Lecture.id)
    ):
        yield Target(row.id, row.source_object, row.source_generation)


def forget_recordings(
    rt: Runtime, session: Session, gone: Collection[str], _lectures: Collection[uuid.UUID]
) -> None:
    # A lecture that waits again by now waits for another object.
    lock_lectures(session, Lecture.source_object.in_(gone))
    session.execute(
        update(Lecture)
        .where(
            Lecture.source_object.in_(gone),
            Lecture.source_generation.is_not(None),
            Lecture.raw_deleted_at.is_(None),
        )
        .values(raw_deleted_at=rt.clock())
    )


RECORDINGS = AgePolicy("raw_audio", 200, _overdue, _targets, forget_recordings)
