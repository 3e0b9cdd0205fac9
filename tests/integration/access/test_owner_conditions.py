"""What tests/support/database/owner_conditions.py lets pass, and what it does not.

The other tests of the API use it; here it is shown to notice what they must not do.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask, g
from sqlalchemy import Engine, Executable, delete, event, select, update

from functions.ingest.admission.auth import Principal
from shared.models import Course, Job, Lecture, Thread, TranscriptRevision
from shared.runtime import Runtime
from tests.support.database.logins import FUNCTIONS
from tests.support.database.owner_conditions import OwnerConditions
from tests.support.lectures.builders import add_lecture

ALICE, BOB = "user:alice", "user:bob"


@dataclass(frozen=True)
class Ids:
    mine: uuid.UUID
    theirs: uuid.UUID
    their_course: uuid.UUID


Statement = Callable[[Ids], Executable]
PASSED: dict[str, Statement] = {
    "the owner is compared": lambda _: select(Lecture.id).where(Lecture.owner == ALICE),
    "a join has the owner": lambda _: (
        select(Job.id).join(Job.lecture).where(Lecture.owner == ALICE)
    ),
    "what hangs on a row of the owner": lambda ids: select(TranscriptRevision).where(
        TranscriptRevision.lecture_id == ids.mine
    ),
    "a change of a row of the owner": lambda ids: (
        update(Lecture).where(Lecture.id == ids.mine).values(title="x")
    ),
    "no row": lambda _: select(Lecture.id).where(Lecture.id == uuid.uuid4()),
}
BROKEN: dict[str, Statement] = {
    "no condition": lambda _: select(Lecture.id),
    "a condition on something else": lambda _: select(Lecture.id).where(Lecture.slug == "hashing"),
    "a row of another": lambda ids: select(Lecture.id).where(Lecture.id == ids.theirs),
    "a row of another among one's own": lambda ids: select(Lecture.id).where(
        Lecture.id.in_([ids.mine, ids.theirs])
    ),
    "what hangs on a row of another": lambda ids: select(Thread.id).where(
        Thread.course_id == ids.their_course
    ),
    "a change without a condition": lambda _: update(Lecture).values(owner=ALICE),
    "a change that only writes the owner": lambda ids: (
        update(Lecture).where(Lecture.id == ids.theirs).values(owner=ALICE, slug="taken")
    ),
    "a deletion": lambda ids: delete(Course).where(Course.id == ids.their_course),
}


@pytest.fixture
def conditions() -> Iterator[OwnerConditions]:
    conditions = OwnerConditions()
    event.listen(Engine, "before_cursor_execute", conditions.note)
    yield conditions
    event.remove(Engine, "before_cursor_execute", conditions.note)
    conditions.close()


def execute(
    rt: Runtime, statement: Statement, *, operates: bool = False, path: str = "/lectures"
) -> None:
    """As a route of the API would for Alice; nothing is kept."""
    theirs = add_lecture(rt, "theirs", owner=BOB)
    ids = Ids(add_lecture(rt, "mine", owner=ALICE).id, theirs.id, theirs.course_id)
    route = compile("session.execute(statement)", f"{FUNCTIONS}ingest/routes/made_up.py", "exec")
    with Flask("api").test_request_context(path), rt.database.unit_of_work() as session:
        g.principal = Principal(ALICE, operator="ops@uni.example" if operates else None)
        exec(route, {"session": session, "statement": statement(ids)})  # noqa: S102


@pytest.mark.parametrize("statement", PASSED.values(), ids=PASSED)
def test_a_statement_that_names_the_owner_or_a_row_of_the_owner_passes(
    runtime: Runtime, conditions: OwnerConditions, statement: Statement
) -> None:
    execute(runtime, statement)

    assert (conditions.seen, conditions.broken) == (1, [])


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_a_statement_that_could_reach_another_owners_rows_is_noticed(
    runtime: Runtime, conditions: OwnerConditions, statement: Statement
) -> None:
    execute(runtime, statement)

    assert len(conditions.broken) == 1


@pytest.mark.parametrize(
    ("path", "operates", "broken"),
    [
        ("/jobs/dead-letter", True, 0),
        ("/messages/dead-letter", True, 0),
        ("/jobs/dead-letter", False, 1),
        ("/lectures", True, 1),
    ],
)
def test_an_operator_may_reach_any_owners_jobs_and_nothing_else(
    runtime: Runtime, conditions: OwnerConditions, path: str, operates: bool, broken: int
) -> None:
    execute(runtime, BROKEN["a row of another"], operates=operates, path=path)

    assert len(conditions.broken) == broken
