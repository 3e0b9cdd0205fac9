"""What a course's lectures are likely to speak of, for a recognizer to spell right.

First what people have corrected, for that was heard wrongly; then titles; then the concepts
that run through the course.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.models import Course, CourseTerm, Lecture, Thread

MOST_TERMS = 30
"""Corrected terms in one vocabulary. A recognizer's hint has room for about as many."""
MOST_THREADS = 20
"""Titles of threads. A long hint slows every piece and bends what was said."""
KEPT_TERMS = 300
"""Corrected terms of one course; those that were corrected longest ago go."""


def vocabulary_of(session: Session, course: Course, lecture: Lecture) -> list[str]:
    """Terms that help to recognize the lecture, the most helpful first, each once."""
    corrected = session.scalars(
        select(CourseTerm.term)
        .where(CourseTerm.course_id == course.id)
        .order_by(CourseTerm.corrected_at.desc(), CourseTerm.term)
        .limit(MOST_TERMS)
    ).all()
    threads = session.scalars(
        select(Thread.title)
        .where(Thread.course_id == course.id)
        .order_by(Thread.updated_at.desc(), Thread.title)
        .limit(MOST_THREADS)
    ).all()
    titles = [title for title in (lecture.title, course.title) if title]
    return list(dict.fromkeys([*corrected, *titles, *threads]))


def forget_terms(session: Session, course_id: uuid.UUID) -> None:
    """With the course. All its lectures must be held."""
    session.execute(delete(CourseTerm).where(CourseTerm.course_id == course_id))


def learn_terms(
    session: Session,
    course_id: uuid.UUID,
    *,
    put_in: Collection[str],
    taken_out: Collection[str],
    now: datetime,
) -> None:
    """Keep the terms that a correction put in, and forget those it took out, in the caller's
    transaction, which holds a lecture of the course."""
    # One correction of a course after the other: they may concern the same terms in any order.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(course_id), 0))))
    if gone := set(taken_out) - set(put_in):
        session.execute(
            delete(CourseTerm).where(CourseTerm.course_id == course_id, CourseTerm.term.in_(gone))
        )
    if not put_in:
        return
    rows = [{"course_id": course_id, "term": term, "corrected_at": now} for term in set(put_in)]
    session.execute(
        insert(CourseTerm)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[CourseTerm.course_id, CourseTerm.term], set_={"corrected_at": now}
        )
    )
    too_old = (
        select(CourseTerm.course_id, CourseTerm.term)
        .where(CourseTerm.course_id == course_id)
        .order_by(CourseTerm.corrected_at.desc(), CourseTerm.term)
        .offset(KEPT_TERMS)
    )
    session.execute(
        delete(CourseTerm).where(tuple_(CourseTerm.course_id, CourseTerm.term).in_(too_old))
    )
