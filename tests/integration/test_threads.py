"""Concept threads of a course: who began them, who added to them, and what a lecture's second
generation may touch."""

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from functions.generate.language import language_of
from functions.generate.provider import Change, Concept
from functions.generate.threads import known_threads, replace_occurrences
from shared.artifacts import Citation
from shared.database import Database
from shared.models import (
    Course,
    Lecture,
    LectureStatus,
    Thread,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
)
from tests.support.threads import PATIENCE_SEC, at_once

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ENGLISH = language_of("en")
COURSE = uuid.UUID(int=1)
FIRST, SECOND, THIRD = (uuid.UUID(int=n) for n in (11, 12, 13))


@pytest.fixture(autouse=True)
def course_of_three_lectures(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Course(id=COURSE, owner="me", slug="course", created_at=NOW, updated_at=NOW))
        session.flush()
        for lecture_id in (FIRST, SECOND, THIRD):
            session.add(
                Lecture(
                    id=lecture_id,
                    course_id=COURSE,
                    owner="me",
                    slug=str(lecture_id),
                    preset_id="exam",
                    status=LectureStatus.PROCESSING,
                    source_object=str(lecture_id),
                    content_type="audio/wav",
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
        session.commit()


def concept(
    title: str, *seconds: float, change: Change | None = None, complexity: int = 2
) -> Concept:
    return Concept(
        title=title,
        description=f"What {title} means.",
        complexity=complexity,
        evidence=tuple(
            Citation(start_sec=sec, end_sec=sec + 3, quote=f"{title} at {sec}")
            for sec in seconds or (5.0,)
        ),
        change=change,
    )


def generate(
    database: Database,
    lecture_id: uuid.UUID,
    concepts: Sequence[Concept],
    *,
    now: datetime = NOW,
    commit: bool = True,
) -> tuple[uuid.UUID | None, ...]:
    with database.unit_of_work() as session:
        ids = replace_occurrences(
            session,
            lecture_id=lecture_id,
            course_id=COURSE,
            concepts=concepts,
            # Stemmers keep state: each thread has its own.
            language=language_of("en"),
            now=now,
            new_id=uuid.uuid4,
        )
        if commit:
            session.commit()
        return ids


def threads(database: Database) -> dict[str, Thread]:
    with database.unit_of_work() as session:
        return {thread.title: thread for thread in session.scalars(select(Thread))}


def occurrences(database: Database) -> set[tuple[str, uuid.UUID, float]]:
    with database.unit_of_work() as session:
        rows = session.execute(
            select(Thread.title, ThreadOccurrence.lecture_id, ThreadOccurrence.start_sec).join(
                Thread, Thread.id == ThreadOccurrence.thread_id
            )
        )
        return {(row[0], row[1], row[2]) for row in rows}


def updates(database: Database) -> list[tuple[str, uuid.UUID, ThreadChange, str]]:
    with database.unit_of_work() as session:
        rows = session.execute(
            select(Thread.title, ThreadUpdate.lecture_id, ThreadUpdate.change, ThreadUpdate.summary)
            .join(Thread, Thread.id == ThreadUpdate.thread_id)
            .order_by(Thread.title, ThreadUpdate.lecture_id)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


AGAINST = Change(ThreadChange.CONTRADICTION, "The worst case is constant.")


def test_the_first_lecture_begins_threads_and_changes_none(database: Database) -> None:
    ids = generate(database, FIRST, [concept("hash table", 1, 9), concept("chaining", 4)])
    begun = threads(database)
    assert ids == (begun["hash table"].id, begun["chaining"].id)
    assert begun["hash table"].description == "What hash table means."
    assert occurrences(database) == {
        ("hash table", FIRST, 1),
        ("hash table", FIRST, 9),
        ("chaining", FIRST, 4),
    }
    assert updates(database) == []


def test_a_second_lecture_continues_the_thread_and_says_how_it_changed(database: Database) -> None:
    (begun,) = generate(database, FIRST, [concept("hash table", 1)])
    (continued,) = generate(database, SECOND, [concept("Hash Tables", 7, change=AGAINST)])
    assert continued == begun
    assert set(threads(database)) == {"hash table"}
    assert updates(database) == [
        ("hash table", SECOND, ThreadChange.CONTRADICTION, "The worst case is constant.")
    ]
    assert occurrences(database) == {("hash table", FIRST, 1), ("hash table", SECOND, 7)}


def test_generating_a_lecture_again_touches_only_what_it_said(database: Database) -> None:
    generate(database, FIRST, [concept("hash table", 1)])
    generate(database, SECOND, [concept("hash table", 7, change=AGAINST), concept("probing", 8)])
    generate(database, THIRD, [concept("hash table", 2, change=AGAINST)])
    later = NOW + timedelta(days=1)
    refined = Change(ThreadChange.REFINEMENT, "Now more exactly.")
    generate(database, SECOND, [concept("hash table", 70, change=refined)], now=later)
    assert occurrences(database) == {
        ("hash table", FIRST, 1),
        ("hash table", SECOND, 70),
        ("hash table", THIRD, 2),
    }
    assert updates(database) == [
        ("hash table", SECOND, ThreadChange.REFINEMENT, "Now more exactly."),
        ("hash table", THIRD, ThreadChange.CONTRADICTION, "The worst case is constant."),
    ]


def test_threads_that_no_lecture_speaks_of_any_more_are_gone(database: Database) -> None:
    generate(database, FIRST, [concept("hash table", 1), concept("chaining", 4)])
    generate(database, SECOND, [concept("hash table", 7)])
    generate(database, FIRST, [concept("birthday paradox", 2)])
    assert set(threads(database)) == {"hash table", "birthday paradox"}
    generate(database, SECOND, [])
    assert set(threads(database)) == {"birthday paradox"}


def test_the_lecture_that_began_a_thread_does_not_come_to_change_it(database: Database) -> None:
    generate(database, FIRST, [concept("hash table", 1)])
    generate(database, SECOND, [concept("hash table", 7, change=AGAINST)])
    generate(database, FIRST, [concept("hash table", 3)])
    assert [lecture for _, lecture, _, _ in updates(database)] == [SECOND]


def test_a_lecture_alone_with_its_thread_rewrites_it(database: Database) -> None:
    (before,) = generate(database, FIRST, [concept("hash table", 1, complexity=1)])
    (after,) = generate(database, FIRST, [concept("Hash tables", 1, complexity=4)])
    assert before == after
    assert threads(database)["Hash tables"].complexity == 4
    assert updates(database) == []


def test_a_thread_grows_in_complexity_and_never_shrinks(database: Database) -> None:
    harder = Change(ThreadChange.COMPLEXITY, "New terms.")
    generate(database, FIRST, [concept("hash table", 1, complexity=3)])
    generate(database, SECOND, [concept("hash table", 1, complexity=5, change=harder)])
    assert threads(database)["hash table"].complexity == 5
    generate(database, THIRD, [concept("hash table", 1, complexity=1, change=harder)])
    assert threads(database)["hash table"].complexity == 5


def test_a_thread_that_was_begun_meanwhile_is_continued_as_a_refinement(
    database: Database,
) -> None:
    generate(database, FIRST, [concept("hash table", 1)])
    generate(database, SECOND, [concept("hash table", 7, change=None)])
    assert updates(database) == [
        ("hash table", SECOND, ThreadChange.REFINEMENT, "What hash table means.")
    ]


def test_two_names_of_one_concept_are_one_thread(database: Database) -> None:
    table, again, nothing = generate(
        database, FIRST, [concept("hash table", 1), concept("hash tables", 1, 5), concept("…", 3)]
    )
    assert table == again
    assert nothing is None
    assert occurrences(database) == {("hash table", FIRST, 1), ("hash table", FIRST, 5)}


def test_an_undone_rehearsal_names_the_threads_of_the_real_run(database: Database) -> None:
    concepts = [concept("hash table", 1), concept("chaining", 4)]
    rehearsed = generate(database, FIRST, concepts, commit=False)
    assert threads(database) == {}
    assert generate(database, FIRST, concepts) == rehearsed


def test_the_threads_known_to_a_lecture_are_those_of_the_others(database: Database) -> None:
    generate(database, FIRST, [concept("hash table", 1), concept("chaining", 4)])
    generate(database, SECOND, [concept("chaining", 7), concept("probing", 8)])
    with database.unit_of_work() as session:
        known = known_threads(session, course_id=COURSE, besides=SECOND)
        assert {thread.title for thread in known} == {"hash table", "chaining"}
        assert {thread.key for thread in known} == {"hash tabl", "chain"}
        assert known_threads(session, course_id=uuid.uuid4(), besides=SECOND) == ()


def test_two_lectures_that_finish_at_once_lose_nothing(database: Database) -> None:
    lectures = {FIRST: ["hash table", "chaining"], SECOND: ["hash table", "probing"]}

    def finish(lecture_id: uuid.UUID) -> None:
        generate(database, lecture_id, [concept(title) for title in lectures[lecture_id]])

    at_once(finish, lectures)
    assert {(title, lecture) for title, lecture, _ in occurrences(database)} == {
        (title, lecture) for lecture, titles in lectures.items() for title in titles
    }
    assert set(threads(database)) == {"hash table", "chaining", "probing"}
    # Whichever came second changed the one they share.
    assert [title for title, _, _, _ in updates(database)] == ["hash table"]


def await_lock_waiter(database: Database) -> None:
    """Until some connection of this database waits for a lock."""
    deadline = time.monotonic() + PATIENCE_SEC
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while time.monotonic() < deadline:
        with database.unit_of_work() as session:
            if session.scalar(waiting):
                return
    pytest.fail("nobody waits for the lock")


def test_a_second_lecture_waits_for_the_first_to_end(database: Database) -> None:
    """Without the lock on the course, both would begin the same thread."""
    with database.unit_of_work() as session:
        replace_occurrences(
            session,
            lecture_id=FIRST,
            course_id=COURSE,
            concepts=[concept("hash table")],
            language=ENGLISH,
            now=NOW,
            new_id=uuid.uuid4,
        )
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(generate, database, SECOND, [concept("hash table", 9)])
            await_lock_waiter(database)
            assert not second.done()
            session.commit()
            second.result(PATIENCE_SEC)
    assert occurrences(database) == {("hash table", FIRST, 5), ("hash table", SECOND, 9)}
