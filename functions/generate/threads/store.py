"""The concept threads of a course in the database."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from functions.generate.drafts import Concept, KnownThread
from functions.generate.text.language import Language
from functions.generate.threads.history import History, Speech, histories, place_of
from functions.generate.threads.matching import match, synonyms
from functions.generate.threads.names import Name, thread_key
from functions.generate.threads.novelty import change
from shared.courses.threads import restate
from shared.database.locks import lock_course
from shared.documents.artifacts import Citation
from shared.models import (
    Thread,
    ThreadAccount,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
)

GRAVITY = (ThreadChange.CONTRADICTION, ThreadChange.COMPLEXITY, ThreadChange.REFINEMENT)
"""Of several changes that a lecture makes to a thread, the gravest is recorded."""
MAX_ALIASES = 8


def known_threads(
    session: Session, *, course_id: uuid.UUID, before: uuid.UUID
) -> tuple[KnownThread, ...]:
    """The threads that lectures of the course before this one speak of, and what they say.

    What later ones say is left out, however early they were worked on: so a lecture can only
    change what came before it, and comes out the same when it is generated again.
    """
    place = place_of(session, before)
    earlier = (history.until(place) for history in histories(session, course_id, besides=before))
    return tuple(history.as_known for history in earlier if history.speeches)


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
    Threads left without any occurrence go. An update is recorded where the lecture adds to what
    a lecture before it said, and where a later one that knew nothing of this lecture adds to
    it. The course's row stays locked until the transaction ends, so that two lectures finishing
    at once see each other's threads.

    Returns the thread's id for each concept, in order; None for one whose title has no words.
    """
    lock_course(session, course_id)
    for table in (ThreadOccurrence, ThreadUpdate, ThreadAccount):
        session.execute(delete(table).where(table.lecture_id == lecture_id))
    place = place_of(session, lecture_id)
    others = {
        history.thread.id: history for history in histories(session, course_id, besides=lecture_id)
    }
    rows = {
        thread.key: thread
        for thread in session.scalars(
            select(Thread).where(Thread.course_id == course_id),
            execution_options={"populate_existing": True},
        )
    }
    keys = _keys(concepts, [history.as_known for history in others.values()], language)
    for key in dict.fromkeys(filter(None, keys)):
        said = [concept for concept, own in zip(concepts, keys, strict=True) if own == key]
        account = _account(said, language)
        thread = rows.setdefault(key, _begun(course_id, key, account, now))
        thread.updated_at = now
        session.add(thread)
        session.flush()
        account.thread_id, account.lecture_id = thread.id, lecture_id
        evidence = _distinct(said)
        session.add_all([account, *_occurrences(account, evidence, new_id)])
        speech = Speech(place, account, tuple(citation.quote for citation in evidence))
        history = others.get(thread.id, History(thread, ())).with_speech(speech)
        session.add_all(_updates(history, language, now, new_id))
    restate(session, course_id)
    return tuple(rows[key].id if key else None for key in keys)


def _begun(course_id: uuid.UUID, key: str, account: ThreadAccount, now: datetime) -> Thread:
    return Thread(
        # Derived, so that a thread planned twice, or begun again, is the same thread.
        id=uuid.uuid5(course_id, key),
        course_id=course_id,
        key=key,
        title=account.title,
        description=account.description,
        complexity=account.complexity,
        created_at=now,
        updated_at=now,
    )


def _keys(
    concepts: Sequence[Concept], threads: Sequence[KnownThread], language: Language
) -> list[str]:
    """Of each concept the key of the thread that it continues, or begins; empty if its title has
    no words. Concepts that are one by name go together."""
    firsts = synonyms(concepts, language)
    found = match(concepts, threads, language)
    together: dict[int, str] = {}
    for first, thread in zip(firsts, found, strict=True):
        if thread:
            together.setdefault(first, thread.key)
    begun = [together.get(first) or thread_key(concepts[first].title, language) for first in firsts]
    return [thread.key if thread else key for thread, key in zip(found, begun, strict=True)]


def _account(concepts: Sequence[Concept], language: Language) -> ThreadAccount:
    """What the lecture says of one thread, under one or several names."""
    lead = concepts[0]
    names = {"".join(Name.of(lead.title, language).words): lead.title}
    for concept in concepts:
        for name in (concept.title, *concept.aliases):
            names.setdefault("".join(Name.of(name, language).words), name)
    changes = [concept.change for concept in concepts if concept.change]
    gravest = min(changes, key=lambda each: GRAVITY.index(each.kind), default=None)
    return ThreadAccount(
        title=lead.title,
        aliases=[name for words, name in names.items() if words][1 : MAX_ALIASES + 1],
        description=lead.description,
        complexity=max(concept.complexity for concept in concepts),
        change=gravest and gravest.kind,
        summary=gravest and gravest.summary,
    )


def _updates(
    history: History, language: Language, now: datetime, new_id: Callable[[], uuid.UUID]
) -> Iterator[ThreadUpdate]:
    """What lectures change in the thread, as far as it is not recorded: this one, and those after
    it that did not know of it."""
    for index, speech in enumerate(history.speeches):
        if index == 0 or speech.update is not None:
            continue
        before = [earlier.told for earlier in history.speeches[:index]]
        made = change(speech.claim, speech.told, before, language)
        if made:
            yield ThreadUpdate(
                id=new_id(),
                thread_id=history.thread.id,
                lecture_id=speech.account.lecture_id,
                change=made.kind,
                summary=made.summary,
                created_at=now,
            )


def _occurrences(
    account: ThreadAccount, evidence: Sequence[Citation], new_id: Callable[[], uuid.UUID]
) -> Iterator[ThreadOccurrence]:
    for citation in evidence:
        yield ThreadOccurrence(
            id=new_id(),
            thread_id=account.thread_id,
            lecture_id=account.lecture_id,
            quote=citation.quote,
            start_sec=citation.start_sec,
            end_sec=citation.end_sec,
        )


def _distinct(concepts: Sequence[Concept]) -> list[Citation]:
    """The evidence of all concepts in order of time, one citation for each start."""
    by_start = {
        citation.start_sec: citation for concept in concepts for citation in concept.evidence
    }
    return [by_start[start] for start in sorted(by_start)]
