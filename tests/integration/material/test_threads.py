"""Concept threads of a course: who began them, who added to them, and what a lecture's second
generation may touch."""

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, text

from functions.generate.drafts import Change, Concept
from functions.generate.text.language import language_of
from functions.generate.threads.store import known_threads, replace_occurrences
from shared.database.connections import Database
from shared.documents.artifacts import Citation
from shared.models import (
    Course,
    Lecture,
    LectureStatus,
    Thread,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
)
from tests.support.processes.threads import PATIENCE_SEC, at_once

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ENGLISH = language_of("en")
COURSE = uuid.UUID(int=1)
FIRST, SECOND, THIRD = (uuid.UUID(int=n) for n in (11, 12, 13))


@pytest.fixture(autouse=True)
def course_of_three_lectures(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Course(id=COURSE, owner="me", slug="course", created_at=NOW, updated_at=NOW))
        session.flush()
        for day, lecture_id in enumerate((FIRST, SECOND, THIRD)):
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
                    created_at=NOW + timedelta(days=day),
                    updated_at=NOW,
                )
            )
        session.commit()


def concept(
    title: str,
    *seconds: float,
    says: str = "",
    aliases: tuple[str, ...] = (),
    change: Change | None = None,
    complexity: int = 2,
) -> Concept:
    return Concept(
        title=title,
        description=says or f"What {title} means.",
        complexity=complexity,
        evidence=tuple(
            Citation(start_sec=sec, end_sec=sec + 3, quote=f"{title} at {sec}")
            for sec in seconds or (5.0,)
        ),
        aliases=aliases,
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
    later = NOW + timedelta(days=9)
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
    harder = Change(ThreadChange.COMPLEXITY, "Analysed with random keys.")
    easier = Change(ThreadChange.COMPLEXITY, "Drawn on the blackboard.")
    generate(database, FIRST, [concept("hash table", 1, complexity=3)])
    generate(database, SECOND, [concept("hash table", 1, complexity=5, change=harder)])
    assert threads(database)["hash table"].complexity == 5
    generate(database, THIRD, [concept("hash table", 1, complexity=1, change=easier)])
    assert threads(database)["hash table"].complexity == 5
    generate(database, SECOND, [])
    assert threads(database)["hash table"].complexity == 3


NEWS = "Searches slow down when the load exceeds three quarters."


def test_what_a_lecture_adds_without_knowing_the_thread_is_told_by_its_news(
    database: Database,
) -> None:
    generate(database, FIRST, [concept("hash table", 1)])
    generate(database, SECOND, [concept("hash table", 7, says=NEWS)])
    assert updates(database) == [("hash table", SECOND, ThreadChange.REFINEMENT, NEWS)]


def test_a_lecture_that_only_says_it_again_changes_nothing(database: Database) -> None:
    generate(database, FIRST, [concept("hash table", 1)])
    generate(database, SECOND, [concept("hash table", 7)])
    assert updates(database) == []
    assert occurrences(database) == {("hash table", FIRST, 1), ("hash table", SECOND, 7)}


# --- the order of the course ---


def told(database: Database) -> list[tuple[str, str, int, list[str]]]:
    return sorted(
        (t.title, t.description, t.complexity, t.aliases) for t in threads(database).values()
    )


LECTURES = {
    FIRST: [concept("hash table", 1), concept("chaining", 4)],
    SECOND: [concept("hash table", 7, says=NEWS), concept("probing", 8)],
    THIRD: [concept("hash map", 2, says="Python resizes it.", aliases=("hash table",))],
}


@pytest.mark.parametrize("order", list(permutations(LECTURES)))
def test_the_history_is_the_same_in_whatever_order_the_lectures_are_worked_on(
    database: Database, order: tuple[uuid.UUID, ...]
) -> None:
    for lecture_id in order:
        generate(database, lecture_id, LECTURES[lecture_id])
    assert told(database) == [
        ("chaining", "What chaining means.", 2, []),
        ("hash table", "What hash table means.", 2, ["hash map"]),
        ("probing", "What probing means.", 2, []),
    ]
    assert updates(database) == [
        ("hash table", SECOND, ThreadChange.REFINEMENT, NEWS),
        ("hash table", THIRD, ThreadChange.REFINEMENT, "Python resizes it."),
    ]


def test_an_earlier_lecture_generated_again_does_not_come_to_change_what_a_later_one_said(
    database: Database,
) -> None:
    for lecture_id, concepts in LECTURES.items():
        generate(database, lecture_id, concepts)
    before = told(database), updates(database)
    generate(database, FIRST, [replace(c, change=AGAINST) for c in LECTURES[FIRST]])
    assert (told(database), updates(database)) == before


def test_what_a_later_lecture_takes_back_counts_once_the_earlier_one_is_there(
    database: Database,
) -> None:
    generate(database, SECOND, [concept("hash table", 7, change=AGAINST)])
    assert updates(database) == []
    generate(database, FIRST, [concept("hash table", 1)])
    assert updates(database) == [
        ("hash table", SECOND, ThreadChange.CONTRADICTION, AGAINST.summary)
    ]


def test_a_lecture_knows_only_what_lectures_before_it_said(database: Database) -> None:
    generate(database, FIRST, [concept("hash table", 1), concept("chaining", 4)])
    generate(database, SECOND, [concept("chaining", 7, says=NEWS), concept("probing", 8)])
    generate(database, THIRD, [concept("probing", 2), concept("cuckoo hashing", 3)])
    with database.unit_of_work() as session:
        assert known_threads(session, course_id=COURSE, before=FIRST) == ()
        known = known_threads(session, course_id=COURSE, before=SECOND)
        assert {thread.title for thread in known} == {"hash table", "chaining"}
        assert {thread.key for thread in known} == {"hash table", "chaining"}
        assert {thread.description for thread in known} == {
            "What hash table means.",
            "What chaining means.",
        }
        later = {t.title: t for t in known_threads(session, course_id=COURSE, before=THIRD)}
        assert set(later) == {"hash table", "chaining", "probing"}
        assert later["chaining"].description == f"What chaining means. {NEWS}"
        assert later["chaining"].quotes == ("chaining at 4", "chaining at 7")


# --- names ---


def test_each_lectures_wording_is_remembered(database: Database) -> None:
    (begun,) = generate(database, FIRST, [concept("hash map", 1, aliases=("hash table",))])
    (continued,) = generate(database, SECOND, [concept("hash tables", 7)])
    (again,) = generate(database, THIRD, [concept("hash table", 2, aliases=("dictionary",))])
    assert begun == continued == again
    assert threads(database)["hash map"].aliases == ["hash table", "hash tables", "dictionary"]


def test_a_thread_whose_first_lecture_says_it_no_more_is_told_in_the_words_of_the_next(
    database: Database,
) -> None:
    (begun,) = generate(database, FIRST, [concept("hash map", 1, aliases=("hash table",))])
    generate(database, SECOND, [concept("hash tables", 7, says=NEWS, change=AGAINST)])
    generate(database, FIRST, [concept("birthday paradox", 2)])
    thread = threads(database)["hash tables"]
    assert (thread.id, thread.description, thread.aliases) == (begun, NEWS, [])
    # What the later lecture took back, it took back.
    assert [(lecture, kind) for _, lecture, kind, _ in updates(database)] == [
        (SECOND, ThreadChange.CONTRADICTION)
    ]
    (same,) = generate(database, THIRD, [concept("hash map", 4)])
    assert same == begun


def test_two_names_of_one_concept_are_one_thread(database: Database) -> None:
    table, again, nothing = generate(
        database, FIRST, [concept("hash table", 1), concept("hash tables", 1, 5), concept("…", 3)]
    )
    assert table == again
    assert nothing is None
    assert occurrences(database) == {("hash table", FIRST, 1), ("hash table", FIRST, 5)}


def test_an_acronym_and_what_it_stands_for_are_one_thread(database: Database) -> None:
    full, short = generate(database, FIRST, [concept("breadth-first search", 1), concept("BFS", 4)])
    (continued,) = generate(database, SECOND, [concept("BFS", 7)])
    assert full == short == continued
    assert threads(database)["breadth-first search"].aliases == ["BFS"]


def test_a_name_that_only_another_concept_of_the_lecture_links_to_a_thread_leads_there(
    database: Database,
) -> None:
    (begun,) = generate(database, FIRST, [concept("hash map", 1)])
    table = concept("hash table", 7, aliases=("hash map",))
    dictionary = concept("dictionary", 9, aliases=("hash table",))
    assert generate(database, SECOND, [table, dictionary]) == (begun, begun)


def test_of_several_changes_to_one_thread_the_gravest_is_told(database: Database) -> None:
    refined = Change(ThreadChange.REFINEMENT, "Now more exactly.")
    generate(database, FIRST, [concept("hash table", 1)])
    both = [concept("hash table", 7, change=refined), concept("hash tables", 9, change=AGAINST)]
    generate(database, SECOND, both)
    assert [kind for _, _, kind, _ in updates(database)] == [ThreadChange.CONTRADICTION]


def test_an_undone_rehearsal_names_the_threads_of_the_real_run(database: Database) -> None:
    concepts = [concept("hash table", 1), concept("chaining", 4)]
    rehearsed = generate(database, FIRST, concepts, commit=False)
    assert threads(database) == {}
    assert generate(database, FIRST, concepts) == rehearsed


def test_two_lectures_that_finish_at_once_lose_nothing(database: Database) -> None:
    at_once(lambda lecture_id: generate(database, lecture_id, LECTURES[lecture_id]), LECTURES)
    assert {(title, lecture) for title, lecture, _ in occurrences(database)} == {
        ("hash table", FIRST),
        ("chaining", FIRST),
        ("hash table", SECOND),
        ("probing", SECOND),
        ("hash table", THIRD),
    }
    # Whichever came second, the history is that of the course.
    assert [(title, lecture) for title, lecture, _, _ in updates(database)] == [
        ("hash table", SECOND),
        ("hash table", THIRD),
    ]


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
    pytest.fail("no transaction waits for the lock")


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
