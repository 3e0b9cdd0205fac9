"""The terms of a course's vocabulary when a lecture is moved to another course."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.courses.vocabulary import KEPT_TERMS, learn_terms
from shared.models import Course, CourseTerm, Lecture
from shared.runtime import Runtime
from tests.integration.material.test_moving import NEW, OLD, client, clock, move
from tests.integration.material.test_siblings import whole
from tests.support.clock import HeldClock
from tests.support.lectures.builders import add_lecture

__all__ = ["client", "clock"]

pytestmark = pytest.mark.usefixtures("owner_conditions")


def teach(rt: Runtime, lecture: Lecture, *terms: str) -> None:
    with rt.database.unit_of_work() as session:
        learn_terms(
            session, lecture.course_id, lecture.id, put_in=terms, taken_out=(), now=rt.clock()
        )
        session.commit()


def vocabulary(rt: Runtime, course: str) -> dict[str, list[Any] | None]:
    """The terms of a course, and the lectures that they come from."""
    with rt.database.reading() as session:
        rows = session.scalars(
            select(CourseTerm)
            .join(Course, Course.id == CourseTerm.course_id)
            .where(Course.slug == course)
        )
        return {row.term: row.lectures for row in rows}


def test_terms_that_its_corrections_put_in_go_with_it(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    moved, stays = whole(runtime, "moved"), whole(runtime, "stays")
    there = add_lecture(runtime, "there", course=NEW)
    teach(runtime, moved, "Euler", "Gauss")
    teach(runtime, stays, "Gauss", "Noether")
    teach(runtime, there, "Euler")
    with runtime.database.unit_of_work() as session:
        session.add(
            CourseTerm(course_id=moved.course_id, term="Unknown origin", corrected_at=clock.now)
        )
        session.commit()

    move(client, "moved")

    assert vocabulary(runtime, OLD) == {"Gauss": [stays.id], "Noether": [stays.id]}
    assert vocabulary(runtime, NEW) == {"Euler": [there.id, moved.id], "Gauss": [moved.id]}
    client.delete("/lectures/moved")
    assert vocabulary(runtime, NEW) == {"Euler": [there.id]}


def test_the_new_course_keeps_the_terms_that_were_corrected_last(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    moved, there = whole(runtime, "moved"), add_lecture(runtime, "there", course=NEW)
    teach(runtime, moved, "oldest")
    clock.advance(1)
    teach(runtime, there, *(f"term {number}" for number in range(KEPT_TERMS)))

    move(client, "moved")

    assert len(vocabulary(runtime, NEW)) == KEPT_TERMS
    assert "oldest" not in vocabulary(runtime, NEW)
