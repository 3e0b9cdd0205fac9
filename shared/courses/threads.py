"""What a course says of its threads, as far as it follows from what its lectures say."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from shared.models import (
    Lecture,
    Thread,
    ThreadAccount,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
    unrestricted,
)

COURSE_ORDER = (Lecture.created_at, Lecture.id)
"""A course's history runs as its lectures were given, whenever they were worked on."""


_occurs = exists().where(ThreadOccurrence.thread_id == Thread.id)
thread_is_shown = or_(
    _occurs.where(Lecture.id == ThreadOccurrence.lecture_id, unrestricted).correlate(Thread),
    ~_occurs.correlate(Thread),
)
"""Threads but those that restricted lectures alone speak of."""


def restate(session: Session, course_id: uuid.UUID) -> None:
    """Make the threads of a course say what its unrestricted lectures, as they are now, say of
    them.

    Title and description are those of the first lecture that speaks of a thread; threads that
    none speaks of go. The caller holds the course's row and commits.
    """
    session.flush()
    session.execute(
        delete(Thread).where(
            Thread.course_id == course_id,
            ~exists().where(ThreadOccurrence.thread_id == Thread.id),
        )
    )
    accounts: dict[uuid.UUID, list[tuple[ThreadAccount, ThreadChange | None]]] = defaultdict(list)
    for account, change in session.execute(
        select(ThreadAccount, ThreadUpdate.change)
        .join(Thread, Thread.id == ThreadAccount.thread_id)
        .join(Lecture, Lecture.id == ThreadAccount.lecture_id)
        .outerjoin(
            ThreadUpdate,
            and_(
                ThreadUpdate.thread_id == ThreadAccount.thread_id,
                ThreadUpdate.lecture_id == ThreadAccount.lecture_id,
            ),
        )
        .where(Thread.course_id == course_id, unrestricted)
        .order_by(*COURSE_ORDER)
    ):
        accounts[account.thread_id].append((account, change))
    for thread in session.scalars(select(Thread).where(Thread.course_id == course_id)):
        if told := accounts.get(thread.id):
            _restate(thread, told)
    session.flush()


def said_of_threads(session: Session, lecture_id: uuid.UUID) -> frozenset[tuple[object, ...]]:
    """All that other lectures' files may repeat of what a lecture says of threads."""
    return frozenset(
        tuple(row)
        for columns in (
            (ThreadAccount.thread_id, ThreadAccount.title, ThreadAccount.description),
            (ThreadOccurrence.thread_id, ThreadOccurrence.start_sec, ThreadOccurrence.quote),
            (ThreadUpdate.thread_id, ThreadUpdate.change, ThreadUpdate.summary),
        )
        for row in session.execute(
            select(*columns).where(columns[0].class_.lecture_id == lecture_id)
        )
    )


def _restate(thread: Thread, told: Sequence[tuple[ThreadAccount, ThreadChange | None]]) -> None:
    first = told[0][0]
    thread.title, thread.description = first.title, first.description
    # It grows with what is added; a lecture that puts it simply takes nothing away.
    thread.complexity = max(
        account.complexity
        for account, change in told
        if account is first or change is ThreadChange.COMPLEXITY
    )
    names: dict[str, str] = {}
    for account, _ in told:
        for name in (account.title, *account.aliases):
            names.setdefault(name.casefold(), name)
    names.pop(first.title.casefold(), None)
    thread.aliases = list(names.values())
