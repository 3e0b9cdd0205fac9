"""What the lectures of a course said of its threads, in the order in which they were given."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from functions.generate.drafts import Change, KnownThread
from functions.generate.threads.novelty import Told
from shared.courses.threads import COURSE_ORDER
from shared.models import (
    Lecture,
    Thread,
    ThreadAccount,
    ThreadOccurrence,
    ThreadUpdate,
    unrestricted,
)

Place = tuple[datetime, uuid.UUID]
"""A lecture's place in its course: COURSE_ORDER."""
QUOTES = 12
"""Quotes by which a thread is known, the first ones: what explains it is said early."""


@dataclass(frozen=True)
class Speech:
    """What one lecture says of one thread."""

    place: Place
    account: ThreadAccount
    quotes: tuple[str, ...]
    update: str | None = None
    """What it changed, as far as that is recorded."""

    @property
    def told(self) -> Told:
        account = self.account
        names = (account.title, *account.aliases)
        quotes = (*self.quotes, self.update) if self.update else self.quotes
        return Told(names, account.description, quotes, account.complexity)

    @property
    def claim(self) -> Change | None:
        """What its provider took it to change."""
        kind, summary = self.account.change, self.account.summary
        return Change(kind, summary) if kind and summary else None


@dataclass(frozen=True)
class History:
    """What lectures say of one thread, in the order of the course."""

    thread: Thread
    speeches: tuple[Speech, ...]

    def until(self, place: Place) -> "History":
        """Without this place and all that comes after it."""
        return replace(self, speeches=tuple(s for s in self.speeches if s.place < place))

    def with_speech(self, speech: Speech) -> "History":
        both = (*self.speeches, speech)
        return replace(self, speeches=tuple(sorted(both, key=lambda each: each.place)))

    @property
    def as_known(self) -> KnownThread:
        """Title and first description, with the latest change. There must be a speech."""
        first = self.speeches[0].account
        changes = [speech.update for speech in self.speeches if speech.update]
        names = [
            name
            for speech in self.speeches
            for name in (speech.account.title, *speech.account.aliases)
            if name != first.title
        ]
        quotes = [quote for speech in self.speeches for quote in speech.quotes]
        return KnownThread(
            key=self.thread.key,
            title=first.title,
            description=" ".join((first.description, *changes[-1:])),
            aliases=tuple(dict.fromkeys(names)),
            quotes=tuple(quotes[:QUOTES]),
        )


def place_of(session: Session, lecture_id: uuid.UUID) -> Place:
    created_at, key = session.execute(select(*COURSE_ORDER).where(Lecture.id == lecture_id)).one()
    return created_at, key


def histories(session: Session, course_id: uuid.UUID, *, besides: uuid.UUID) -> Iterator[History]:
    """Of each thread of the course that lectures other than `besides` speak of, oldest first."""
    quotes: dict[tuple[uuid.UUID, uuid.UUID], list[str]] = defaultdict(list)
    for thread_id, lecture_id, quote in session.execute(
        select(ThreadOccurrence.thread_id, ThreadOccurrence.lecture_id, ThreadOccurrence.quote)
        .join(Thread, Thread.id == ThreadOccurrence.thread_id)
        .where(Thread.course_id == course_id)
        .order_by(ThreadOccurrence.start_sec)
    ):
        quotes[thread_id, lecture_id].append(quote)
    threads: dict[uuid.UUID, Thread] = {}
    speeches: dict[uuid.UUID, list[Speech]] = defaultdict(list)
    for thread, account, created_at, update in session.execute(
        select(Thread, ThreadAccount, Lecture.created_at, ThreadUpdate.summary)
        .join(ThreadAccount, ThreadAccount.thread_id == Thread.id)
        .join(Lecture, Lecture.id == ThreadAccount.lecture_id)
        .outerjoin(
            ThreadUpdate,
            and_(
                ThreadUpdate.thread_id == ThreadAccount.thread_id,
                ThreadUpdate.lecture_id == ThreadAccount.lecture_id,
            ),
        )
        .where(Thread.course_id == course_id, ThreadAccount.lecture_id != besides, unrestricted)
        .order_by(Thread.created_at, Thread.key, *COURSE_ORDER)
    ):
        threads[thread.id] = thread
        place = (created_at, account.lecture_id)
        said = tuple(quotes[thread.id, account.lecture_id])
        speeches[thread.id].append(Speech(place, account, said, update))
    for key, thread in threads.items():
        yield History(thread, tuple(speeches[key]))
