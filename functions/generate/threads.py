"""The concept threads of a course in the database."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from functions.generate.language import Language
from functions.generate.matching import match, thread_key
from functions.generate.provider import Concept, KnownThread
from shared.artifacts import Citation
from shared.models import Course, Thread, ThreadChange, ThreadOccurrence, ThreadUpdate


def known_threads(
    session: Session, *, course_id: uuid.UUID, besides: uuid.UUID
) -> tuple[KnownThread, ...]:
    """The threads of a course that lectures other than `besides` speak of, oldest first."""
    elsewhere = exists().where(
        ThreadOccurrence.thread_id == Thread.id, ThreadOccurrence.lecture_id != besides
    )
    threads = session.scalars(
        select(Thread)
        .where(Thread.course_id == course_id, elsewhere)
        .order_by(Thread.created_at, Thread.key)
    )
    return tuple(KnownThread(t.key, t.title, t.description) for t in threads)


def replace_occurrences(
    session: Session,
    *,
    lecture_id: uuid.UUID,
    course_id: uuid.UUID,
    concepts: Sequence[Concept],
    language: Language,
    now: datetime,
    new_id: Callable[[], uuid.UUID],
) -> tuple[uuid.UUID | None, ...]:
    """Make a lecture's concepts the course's threads, in the caller's transaction.

    What the lecture said of threads before is replaced; what other lectures said stays.
    Threads left without any occurrence go. An update is recorded where the lecture adds to a
    thread that another lecture began. The course's row stays locked until the transaction
    ends, so that two lectures finishing at once see each other's threads.

    Returns the thread's id for each concept, in order; None for one whose title has no words.
    """
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update())
    began = _begun_by(session, lecture_id)
    session.execute(delete(ThreadOccurrence).where(ThreadOccurrence.lecture_id == lecture_id))
    session.execute(delete(ThreadUpdate).where(ThreadUpdate.lecture_id == lecture_id))
    threads = session.scalars(
        select(Thread).where(Thread.course_id == course_id),
        execution_options={"populate_existing": True},
    ).all()
    elsewhere = set(
        session.scalars(
            select(ThreadOccurrence.thread_id).where(
                ThreadOccurrence.thread_id.in_([thread.id for thread in threads])
            )
        )
    )
    entries = _entries(concepts, threads, language)
    for key, entry in entries.by_key.items():
        thread = entry.thread
        if thread is None:
            # Derived, so that a thread planned twice, or begun anew, is the same thread.
            thread_id = uuid.uuid5(course_id, key)
            thread = Thread(id=thread_id, course_id=course_id, key=key, created_at=now)
            session.add(thread)
            entry.thread = thread
        lead = entry.concepts[0]
        if thread.id not in elsewhere:
            # No other lecture speaks of it: this one's words are all there is.
            thread.title, thread.description = lead.title, lead.description
            thread.complexity, thread.updated_at = lead.complexity, now
        elif thread.id not in began:
            kind, summary = _change(entry.concepts)
            if kind is ThreadChange.COMPLEXITY:
                thread.complexity = max(thread.complexity, *(c.complexity for c in entry.concepts))
            thread.updated_at = now
            session.add(
                ThreadUpdate(
                    id=new_id(),
                    thread_id=thread.id,
                    lecture_id=lecture_id,
                    change=kind,
                    summary=summary,
                    created_at=now,
                )
            )
        session.flush()
        for citation in _distinct(entry.concepts):
            session.add(
                ThreadOccurrence(
                    id=new_id(),
                    thread_id=thread.id,
                    lecture_id=lecture_id,
                    quote=citation.quote,
                    start_sec=citation.start_sec,
                    end_sec=citation.end_sec,
                )
            )
    session.flush()
    session.execute(
        delete(Thread).where(
            Thread.course_id == course_id,
            ~exists().where(ThreadOccurrence.thread_id == Thread.id),
        )
    )
    return entries.ids()


@dataclass
class _Entry:
    """All that the lecture says of one thread."""

    thread: Thread | None
    concepts: list[Concept] = field(default_factory=list)


@dataclass
class _Entries:
    by_key: dict[str, _Entry] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    """Of each concept, in order; empty where the title has no words."""

    def ids(self) -> tuple[uuid.UUID | None, ...]:
        threads = (self.by_key[key].thread if key else None for key in self.keys)
        return tuple(thread.id if thread else None for thread in threads)


def _entries(
    concepts: Sequence[Concept], threads: Sequence[Thread], language: Language
) -> _Entries:
    """Concepts by the key of the thread they continue, or that they begin."""
    rows = {thread.key: thread for thread in threads}
    known = [KnownThread(t.key, t.title, t.description) for t in threads]
    entries = _Entries()
    for concept, thread in zip(concepts, match(concepts, known, language), strict=True):
        key = thread.key if thread else thread_key(concept.title, language)
        entries.keys.append(key)
        if key:
            entry = entries.by_key.setdefault(key, _Entry(rows.get(key)))
            entry.concepts.append(concept)
    return entries


def _begun_by(session: Session, lecture_id: uuid.UUID) -> set[uuid.UUID]:
    """Threads that the lecture spoke of first: it has occurrences there and no update."""
    updated = exists().where(
        ThreadUpdate.thread_id == ThreadOccurrence.thread_id, ThreadUpdate.lecture_id == lecture_id
    )
    return set(
        session.scalars(
            select(ThreadOccurrence.thread_id).where(
                ThreadOccurrence.lecture_id == lecture_id, ~updated
            )
        )
    )


def _change(concepts: Sequence[Concept]) -> tuple[ThreadChange, str]:
    """What the provider said; where it did not know the thread (another lecture has begun it
    since), the lecture's own words on it as a refinement."""
    changes = [concept.change for concept in concepts if concept.change]
    if changes:
        return changes[0].kind, changes[0].summary
    return ThreadChange.REFINEMENT, concepts[0].description


def _distinct(concepts: Sequence[Concept]) -> list[Citation]:
    """The evidence of all concepts in order of time, one citation for each start."""
    by_start = {
        citation.start_sec: citation for concept in concepts for citation in concept.evidence
    }
    return [by_start[start] for start in sorted(by_start)]
