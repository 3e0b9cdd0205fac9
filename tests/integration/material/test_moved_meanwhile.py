"""A lecture is moved while something else that concerns its course is under way.

The other transaction has read the lecture's course and waits for the first row that it locks; the
lecture is in another course when it gets that row.
"""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.ingest.corrections.revisions import correct_transcript
from functions.retention.policies.material import MATERIAL
from shared.deletion.lectures import delete_lecture
from shared.deletion.restricting import restrict_lecture
from shared.fault_points import listen
from shared.messaging.events import JobMessage
from shared.models import Course, CourseTerm, ExportRow, JobType, Lecture, WorkStatus
from shared.runtime import Runtime
from shared.workers.outcomes import DONE, DUPLICATE
from tests.integration.material.test_siblings import exports, files, repeating, whole
from tests.integration.material.test_threads_of_lectures import (
    generate,
    said_by,
    threads,
    transcribed,
)
from tests.support.clock import HeldClock
from tests.support.database.invariants import violations
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures import scripted_model
from tests.support.lectures.builders import (
    add_course,
    changed,
    enqueue,
    get_job,
    get_lecture,
)
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.support.processes.threads import PATIENCE_SEC
from tests.support.processes.waiting import wait_until
from tests.unit.generate.language_model.chat_server import Json, Reply, serving

OLD, NEW = "algorithms", "logic"
T = TypeVar("T")


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    add_course(runtime, NEW)
    return create_app(runtime).test_client()


@pytest.fixture(autouse=True)
def _no_listener() -> Iterator[None]:
    yield
    listen(None)


@pytest.fixture
def moved(runtime: Runtime, client: FlaskClient) -> Lecture:
    return whole(runtime, "moved")


@pytest.fixture
def neighbour(runtime: Runtime, moved: Lecture) -> Lecture:
    """Of the new course. Its file repeats the lecture, as if it had been made after the move."""
    neighbour = add_whole_lecture(
        runtime, owner="local", course=NEW, slug="neighbour", secret="caloric"
    ).lecture
    repeating(runtime, neighbour, moved)
    return neighbour


def while_it_is_moved(rt: Runtime, lecture: Lecture, act: Callable[[], T]) -> T:
    """The act waits for the course that it has read, or for the lecture."""
    with ThreadPoolExecutor(1) as pool, rt.database.unit_of_work() as session:
        session.execute(select(Course.id).where(Course.id == lecture.course_id).with_for_update())
        session.execute(select(Lecture.id).where(Lecture.id == lecture.id).with_for_update())
        future = pool.submit(act)
        wait_until(
            lambda: a_transaction_waits(rt.database), timeout_sec=PATIENCE_SEC, what="the lock"
        )
        session.execute(
            update(Lecture)
            .where(Lecture.id == lecture.id)
            .values(course_id=select(Course.id).where(Course.slug == NEW).scalar_subquery())
        )
        session.commit()
        return future.result(PATIENCE_SEC)


def test_a_deletion_deletes_it(runtime: Runtime, moved: Lecture, neighbour: Lecture) -> None:
    deleted = while_it_is_moved(runtime, moved, lambda: delete_lecture(runtime, moved))

    assert deleted.lectures == 1
    with runtime.database.reading() as session:
        assert session.get(Lecture, moved.id) is None
    assert files(runtime, neighbour) == ["markdown"]
    assert exports(runtime, neighbour) == [WorkStatus.QUEUED]


def test_a_restriction_withdraws_the_files_of_its_new_course(
    runtime: Runtime, moved: Lecture, neighbour: Lecture
) -> None:
    while_it_is_moved(runtime, moved, lambda: restrict_lecture(runtime, moved))

    assert get_lecture(runtime, moved).restricted_at is not None
    assert files(runtime, neighbour) == ["markdown"]


def test_retention_of_its_material_withdraws_the_files_of_its_new_course(
    runtime: Runtime, moved: Lecture, neighbour: Lecture
) -> None:
    def forget() -> None:
        runtime.transact(lambda session: MATERIAL.forget(runtime, session, (), [moved.id]))

    while_it_is_moved(runtime, moved, forget)

    assert files(runtime, moved) == []
    assert files(runtime, neighbour) == ["markdown"]


def test_a_correction_teaches_its_new_course(
    runtime: Runtime, client: FlaskClient, moved: Lecture
) -> None:
    name = get_lecture(runtime, moved).transcript_object
    assert name is not None

    def correct() -> None:
        texts = {0: "This is Gauss."}
        correct_transcript(runtime, moved, name, texts, regenerate=False)

    while_it_is_moved(runtime, moved, correct)

    with runtime.database.reading() as session:
        learnt = session.execute(
            select(Course.slug, CourseTerm.term).join(Course, Course.id == CourseTerm.course_id)
        ).all()
    assert [course for course, _ in learnt] == [NEW]


def test_a_move_by_two_at_once_ends_in_one_of_the_courses(
    runtime: Runtime, client: FlaskClient, moved: Lecture
) -> None:
    add_course(runtime, "third")
    answer = while_it_is_moved(
        runtime,
        moved,
        lambda: (
            create_app(runtime).test_client().patch("/lectures/moved", json={"courseId": "third"})
        ),
    )

    assert (answer.status_code, answer.get_json()["courseId"]) == (200, "third")


def test_a_generation_that_is_stored_writes_no_thread_of_the_former_course(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = transcribed(runtime, "hashing-1")
    job_id = enqueue(runtime, lecture, JobType.GENERATION, params={"preset_id": "exam"})
    moving_at(client, "generation.stored", "hashing-1")

    assert generate_material(runtime, JobMessage(job_id=job_id)) == DUPLICATE

    assert said_by(runtime, lecture) == []
    assert_made_in_the_new_course(runtime, client, job_id)


def test_a_generation_that_waits_for_its_model_does_not_plan_threads_of_the_former_course(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = transcribed(runtime, "hashing-1")
    job_id = enqueue(runtime, lecture, JobType.GENERATION, params={"preset_id": "exam"})

    def answer(request: Json, before: int) -> Reply:
        if not said_to_move:
            said_to_move.append(client.patch("/lectures/hashing-1", json={"courseId": NEW}))
        return scripted_model.answer(request, before)

    said_to_move: list[TestResponse] = []
    with serving(answer) as server:
        rt = changed(
            runtime,
            plc_llm_provider="openai",
            openai_api_key="sk-secret",
            openai_base_url=server.url,
            openai_model="test-model",
        )
        assert generate_material(rt, JobMessage(job_id=job_id)) == DUPLICATE

    # Several questions are asked concurrently, and the first of them moves it.
    assert {each.status_code for each in said_to_move} == {200}
    folder = runtime.names.folder("artifacts", lecture.id)
    stored = [
        each.name for each in runtime.store.list(folder) if each.name.endswith("summary.json")
    ]
    assert stored == [], "it has lost its lease before it stored anything"
    assert_made_in_the_new_course(runtime, client, job_id)


def assert_made_in_the_new_course(rt: Runtime, client: FlaskClient, job_id: uuid.UUID) -> None:
    assert get_job(rt, job_id).status is WorkStatus.QUEUED
    assert generate_material(rt, JobMessage(job_id=job_id)) == DONE
    assert threads(client, OLD) == {}
    assert threads(client, NEW) != {}
    assert list(violations(rt)) == []


def test_an_export_that_began_before_leaves_no_file(runtime: Runtime, client: FlaskClient) -> None:
    lecture = transcribed(runtime, "hashing-1")
    generate(runtime, lecture)
    job_id = enqueue(runtime, lecture, JobType.EXPORT)
    moving_at(client, "export.stored", "hashing-1")

    assert export_lecture(runtime, JobMessage(job_id=job_id)) == DUPLICATE

    with runtime.database.reading() as session:
        assert job_id not in session.scalars(select(ExportRow.job_id)).all()
    export_lecture(runtime, JobMessage(job_id=job_id))
    with runtime.database.reading() as session:
        assert job_id in session.scalars(select(ExportRow.job_id)).all()


def moving_at(client: FlaskClient, point: str, slug: str) -> None:
    """Move the lecture when a worker reaches this point for the first time."""
    reached: list[str] = []

    def move(name: str, _work: str) -> None:
        if name == point and not reached:
            reached.append(name)
            answer = client.patch(f"/lectures/{slug}", json={"courseId": NEW})
            assert answer.status_code == 200, answer.text

    listen(move)
