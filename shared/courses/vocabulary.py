"""A course's likely terms, so that a recognizer spells them correctly.

First what people have corrected, for that was recognized wrongly; then titles; then the concepts
that run through the course, if they are confirmed: one misheard title in the vocabulary would
spread into the lectures that follow.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared.database.transactions import Transactions
from shared.models import Course, CourseTerm, Lecture, Thread, ThreadAccount, unrestricted

MOST_TERMS = 30
"""Corrected terms in one vocabulary. A recognizer's hint has room for about as many."""
MOST_THREADS = 20
"""Titles of threads. A long hint slows every piece and bends what was said."""
CONFIRMING_LECTURES = 2
"""That must have a thread's title with high confidence before it is used in others."""
KEPT_TERMS = 300
"""Corrected terms of one course; those that were corrected longest ago go."""


IsHeard = Callable[[str, str], bool]
"""Whether a transcript, by its object's name, has a term with high confidence."""


@dataclass(frozen=True)
class CourseVocabulary:
    given: tuple[str, ...]
    """Corrected terms and titles: a person wrote them."""
    threads: tuple[tuple[str, tuple[str, ...]], ...]
    """A thread's title, and the transcripts of other lectures that speak of it."""

    def confirmed(self, is_heard: IsHeard) -> list[str]:
        """What a person wrote, and what several lectures have with high confidence; the most
        helpful first, each once."""
        titles = (
            title
            for title, transcripts in self.threads
            if sum(is_heard(name, title) for name in transcripts) >= CONFIRMING_LECTURES
        )
        return list(dict.fromkeys([*self.given, *titles]))


def vocabulary_of(session: Session, course: Course, lecture: Lecture) -> CourseVocabulary:
    """Terms that may help to recognize the lecture."""
    corrected = session.scalars(
        select(CourseTerm.term)
        .where(CourseTerm.course_id == course.id, usable_terms(course.id))
        .order_by(CourseTerm.corrected_at.desc(), CourseTerm.term)
        .limit(MOST_TERMS)
    ).all()
    transcripts = func.array_agg(Lecture.transcript_object.distinct())
    threads = session.execute(
        select(Thread.title, transcripts)
        .join(ThreadAccount, ThreadAccount.thread_id == Thread.id)
        .join(Lecture, Lecture.id == ThreadAccount.lecture_id)
        .where(
            Thread.course_id == course.id,
            Lecture.id != lecture.id,
            Lecture.transcript_object.is_not(None),
            unrestricted,
        )
        .group_by(Thread.id)
        .having(func.count() >= CONFIRMING_LECTURES)
        .order_by(Thread.updated_at.desc(), Thread.title)
        .limit(MOST_THREADS)
    )
    return CourseVocabulary(
        given=(*corrected, *(title for title in (lecture.title, course.title) if title)),
        threads=tuple((title, tuple(filter(None, names))) for title, names in threads),
    )


def usable_terms(course_id: uuid.UUID) -> ColumnElement[bool]:
    """The terms of a course but those that only corrections of restricted lectures put in, and,
    where there are such lectures, those of unknown origin."""
    restricted = select(Lecture.id).where(Lecture.course_id == course_id, ~unrestricted)
    ids = func.array(restricted.scalar_subquery(), type_=ARRAY(Uuid()))
    return or_(
        ~exists(restricted),
        and_(CourseTerm.lectures.is_not(None), ~CourseTerm.lectures.contained_by(ids)),
    )


def forget_terms(session: Session, course_id: uuid.UUID) -> None:
    """With the course. All its lectures must be held."""
    session.execute(delete(CourseTerm).where(CourseTerm.course_id == course_id))


def forget_terms_of(session: Session, course_id: uuid.UUID, lecture_ids: list[uuid.UUID]) -> None:
    """Forget what only corrections of these lectures put in, and terms of unknown origin.

    The caller holds the lectures.
    """
    _lock_terms(session, course_id)
    of_course = CourseTerm.course_id == course_id
    session.execute(
        delete(CourseTerm).where(
            of_course,
            or_(CourseTerm.lectures.is_(None), CourseTerm.lectures.contained_by(lecture_ids)),
        )
    )
    for lecture_id in lecture_ids:
        session.execute(
            update(CourseTerm)
            .where(of_course, CourseTerm.lectures.contains([lecture_id]))
            .values(lectures=func.array_remove(CourseTerm.lectures, lecture_id))
        )


def forget_unheard_terms(
    session: Session, course_id: uuid.UUID, lecture_id: uuid.UUID, is_gone: Callable[[str], bool]
) -> None:
    """Forget those of a lecture's terms that it does not have any more; others of the course keep
    what their corrections put in as well. Terms of unknown origin are asked for, too.

    The caller holds the lecture.
    """
    _lock_terms(session, course_id)
    own = or_(CourseTerm.lectures.is_(None), CourseTerm.lectures.contains([lecture_id]))
    rows = session.scalars(select(CourseTerm).where(CourseTerm.course_id == course_id, own)).all()
    for row in rows:
        if is_gone(row.term):
            others = [each for each in row.lectures or () if each != lecture_id]
            if others:
                row.lectures = others
            else:
                session.delete(row)
    session.flush()


def clear_terms(transactions: Transactions, course_id: uuid.UUID) -> int:
    """At the wish of the course's owner; returns how many there were."""

    def clear(session: Session) -> int:
        _lock_terms(session, course_id)
        terms = delete(CourseTerm).where(CourseTerm.course_id == course_id)
        return len(session.scalars(terms.returning(CourseTerm.term)).all())

    return transactions.run(clear)


def _lock_terms(session: Session, course_id: uuid.UUID) -> None:
    """Transactions may concern the same terms in any order, so they take turns in each course."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(course_id), 0))))


def learn_terms(
    session: Session,
    course_id: uuid.UUID,
    lecture_id: uuid.UUID,
    *,
    put_in: Collection[str],
    taken_out: Collection[str],
    now: datetime,
) -> None:
    """Keep the terms that a correction put in, and forget those it took out, in the caller's
    transaction, which holds the corrected lecture."""
    _lock_terms(session, course_id)
    if gone := set(taken_out) - set(put_in):
        session.execute(
            delete(CourseTerm).where(CourseTerm.course_id == course_id, CourseTerm.term.in_(gone))
        )
    if not put_in:
        return
    rows = [
        {"course_id": course_id, "term": term, "corrected_at": now, "lectures": [lecture_id]}
        for term in set(put_in)
    ]
    session.execute(
        insert(CourseTerm)
        .values(rows)
        .on_conflict_do_update(
            index_elements=_KEY,
            set_={"corrected_at": now, "lectures": _with(lecture_id)},
        )
    )
    _drop_oldest(session, course_id)


def move_terms(session: Session, lecture_id: uuid.UUID, *, old: uuid.UUID, new: uuid.UUID) -> None:
    """Take what a lecture's corrections put in along to its new course. The old one keeps what
    other lectures put in as well, and forgets terms of unknown origin: the deletion of the moved
    lecture would no longer reach them.

    The caller holds the lectures of both courses.
    """
    for course_id in sorted((old, new)):
        _lock_terms(session, course_id)
    taken = select(
        literal(new, Uuid),
        *(CourseTerm.term, CourseTerm.corrected_at),
        literal([lecture_id], ARRAY(Uuid)),
    ).where(CourseTerm.course_id == old, CourseTerm.lectures.contains([lecture_id]))
    added = insert(CourseTerm).from_select(["course_id", "term", "corrected_at", "lectures"], taken)
    session.execute(
        added.on_conflict_do_update(
            index_elements=_KEY,
            set_={
                "corrected_at": func.greatest(CourseTerm.corrected_at, added.excluded.corrected_at),
                # One of unknown origin stays one.
                "lectures": case((CourseTerm.lectures.is_not(None), _with(lecture_id))),
            },
        )
    )
    forget_terms_of(session, old, [lecture_id])
    _drop_oldest(session, new)


_KEY = [CourseTerm.course_id, CourseTerm.term]


def _with(lecture_id: uuid.UUID) -> ColumnElement[list[uuid.UUID]]:
    """A term's lectures, with this one once."""
    return func.array_append(func.array_remove(CourseTerm.lectures, lecture_id), lecture_id)


def _drop_oldest(session: Session, course_id: uuid.UUID) -> None:
    too_old = (
        select(CourseTerm.course_id, CourseTerm.term)
        .where(CourseTerm.course_id == course_id)
        .order_by(CourseTerm.corrected_at.desc(), CourseTerm.term)
        .offset(KEPT_TERMS)
    )
    session.execute(
        delete(CourseTerm).where(tuple_(CourseTerm.course_id, CourseTerm.term).in_(too_old))
    )
