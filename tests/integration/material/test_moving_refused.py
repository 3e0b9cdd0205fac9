"""What stands against moving a lecture, and what a client gets that does not know of the move."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.ingest.app import create_app
from shared.models import Lecture
from shared.runtime import Runtime
from tests.integration.material.test_siblings import exports, whole
from tests.support.clock import HeldClock
from tests.support.lectures.builders import add_course, add_lecture, get_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")

OLD, NEW = "algorithms", "logic"


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    add_course(runtime, NEW)
    return create_app(runtime).test_client()


def refused(client: FlaskClient, course: str = NEW, **others: Any) -> tuple[int, str]:
    answer = client.patch("/lectures/hashing", json={"courseId": course, **others})
    return answer.status_code, answer.get_json(force=True).get("code")


def assert_unmoved(rt: Runtime, lecture: Lecture) -> None:
    row = get_lecture(rt, lecture)
    assert (row.course_id, row.title) == (lecture.course_id, lecture.title)
    assert exports(rt, lecture) == []


@pytest.mark.parametrize("course", ["bobs", "nowhere", "deleted"])
def test_a_course_that_is_not_the_owners_does_not_exist(
    runtime: Runtime, client: FlaskClient, course: str
) -> None:
    lecture = whole(runtime, "hashing")
    add_course(runtime, "bobs", owner="user:bob")
    add_course(runtime, "deleted")
    client.delete("/courses/deleted")

    assert refused(client, course, title="Another") == (404, "not_found")
    assert_unmoved(runtime, lecture)


def test_a_restricted_lecture_stays(runtime: Runtime, client: FlaskClient) -> None:
    lecture = whole(runtime, "hashing")
    client.put("/lectures/hashing/restriction")

    assert refused(client) == (409, "lecture_restricted")
    assert_unmoved(runtime, lecture)


def test_no_lecture_leaves_a_course_on_hold_until_the_hold_ends(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    lecture = whole(runtime, "hashing")
    until = (clock.now + timedelta(days=9)).isoformat()
    for course in (OLD, NEW):
        client.put(f"/courses/{course}/retention", json={"hold": {"until": until}})

    assert refused(client, title="Another") == (409, "course_held")
    assert_unmoved(runtime, lecture)
    assert client.patch("/lectures/hashing", json={"courseId": OLD}).status_code == 200

    clock.advance(days=9)
    client.put(
        f"/courses/{NEW}/retention",
        json={"hold": {"until": (clock.now + timedelta(days=9)).isoformat()}},
    )
    answer = client.patch("/lectures/hashing", json={"courseId": NEW})
    assert answer.get_json()["courseId"] == NEW, "a course on hold takes lectures in"


def test_it_is_announced_again_in_its_new_course_alone(
    runtime: Runtime, client: FlaskClient
) -> None:
    add_lecture(runtime)
    assert client.patch("/lectures/hashing", json={"courseId": NEW}).status_code == 200

    def announce(course: str) -> int:
        announced = {"courseId": course, "lectureId": "hashing"}
        return client.post("/lectures/ingest", json=announced).status_code

    assert (announce(OLD), announce(NEW)) == (409, 201)
