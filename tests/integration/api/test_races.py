"""Whatever is done to one lecture at the same moment, every request gets a proper answer.

Writing operations are taken from the API's routes: a new one must be added to `WRITES`, or a test
here fails. Each pair of acts meets in seeded rounds, in which all requests of the pair wait at a
row that the test has locked, and are let go together.
"""

import io
import itertools
import json
import random
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from functions.ingest.app import all_operations, create_app
from functions.ingest.uploads.registration import register_object
from functions.ingest.web.answers import etag_of
from functions.ingest.web.operations import Operation
from functions.retention.dead_letters import record_dead_letter
from functions.retention.sweep import sweep
from scripts.document_api import NOWHERE
from shared.config import Settings
from shared.database.transactions import is_aborted
from shared.errors import ContendedError, PermanentError
from shared.messaging.events import Event, JobMessage
from shared.models import Base, Course, DeadLetter, Job, JobType, Lecture
from shared.runtime import Runtime, build_runtime
from shared.work.stages import ExportParams
from shared.workers.outcomes import Ending, Outcome
from shared.workers.worker import run_job
from tests.support.database.invariants import violations
from tests.support.lectures.builders import OWNER, add_lecture, changed, enqueue, get_lecture
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.support.processes.threads import PATIENCE_SEC
from tests.support.processes.waiting import wait_until
from tests.support.sound.audio import tone

OPERATIONS = {
    operation.name: operation
    for operation in all_operations(build_runtime(Settings.model_validate(NOWHERE)))
    if operation.is_write
}
ROUNDS = 3
MANY_ROUNDS = 50
TWINS = 2
"""Each act of a pair is done as often in a round."""


@dataclass(frozen=True)
class Scene:
    """A lecture that has everything: material, a failed job and its message, a live job."""

    rt: Runtime
    app: Flask
    lecture: Lecture
    waiting: Lecture
    """Another one of the course, whose recording is in the bucket and not registered yet."""
    course: str
    other: str
    """A course of the owner that has a lecture of its own."""
    failed: uuid.UUID
    live: uuid.UUID
    message: uuid.UUID
    item: str
    """A flashcard of the student's own."""
    mark: str
    """A moment that the student marked."""

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.app.test_client().open(path, method=method, **options)


_NO_ETAG = f'"{"0" * 32}"'
Act = Callable[[Scene], TestResponse | Outcome | None]


def _write(method: str, path: str, **options: Any) -> Act:
    def act(scene: Scene) -> TestResponse:
        return scene.ask(
            method,
            path.format(
                lecture=scene.lecture.slug,
                waiting=scene.waiting.slug,
                course=scene.course,
                other=scene.other,
                failed=scene.failed,
                live=scene.live,
                message=scene.message,
                key=scene.lecture.id,
            ),
            **options,
        )

    return act


def _ingest(scene: Scene) -> TestResponse:
    body = {"courseId": scene.course, "courseTitle": "A title", "lectureId": scene.waiting.slug}
    return scene.ask("POST", "/lectures/ingest", json=body)


def _announce_another(scene: Scene) -> TestResponse:
    return scene.ask("POST", "/lectures/ingest", json={"courseId": scene.course})


def _send_form(scene: Scene) -> TestResponse:
    form = {
        "courseId": scene.course,
        "lectureId": scene.waiting.slug,
        "audio": (io.BytesIO(tone(0.1)), "lecture.wav"),
    }
    return scene.ask("POST", "/lectures/ingest", data=form)


def _correct(scene: Scene) -> TestResponse:
    return scene.ask(
        "PATCH",
        f"/lectures/{scene.lecture.slug}/transcript",
        json={
            "corrections": [{"utteranceId": 0, "text": f"Said by {uuid.uuid4().hex}."}],
            "regenerate": True,
        },
        headers={"If-Match": f'"{etag_of(str(scene.lecture.transcript_object))}"'},
    )


def _restore(scene: Scene) -> TestResponse:
    """The first revision, which is the current one unless a correction was faster."""
    path = f"/lectures/{scene.lecture.slug}/transcript"
    etag = scene.ask("GET", f"{path}?words=false").headers.get("ETag", f'"{"0" * 32}"')
    return scene.ask("POST", f"{path}/restore", json={"revision": 1}, headers={"If-Match": etag})


def _move(to: Callable[[Scene], str]) -> Act:
    """A closure that is not a string: bodies are not formatted."""

    def act(scene: Scene) -> TestResponse:
        body = {"courseId": to(scene)}
        return scene.ask("PATCH", f"/lectures/{scene.lecture.slug}", json=body)

    return act


def _of_card(method: str, **options: Any) -> Act:
    """Of the lecture's one card. Its ETag is read first: in a race it may be another by then."""

    def act(scene: Scene) -> TestResponse:
        path = f"/lectures/{scene.lecture.slug}"
        etag = scene.ask("GET", f"{path}/artifacts/flashcards").headers.get("ETag", f'"{"0" * 32}"')
        return scene.ask(
            method, f"{path}/items/{scene.item}", headers={"If-Match": etag}, **options
        )

    return act


def _of_mark(method: str, **options: Any) -> Act:
    """Of the lecture's one mark, as it was read."""

    def act(scene: Scene) -> TestResponse:
        path = f"/lectures/{scene.lecture.slug}/marks"
        known = scene.ask("GET", path).get_json().get("marks", [])
        etag = next((each["etag"] for each in known if each["markId"] == scene.mark), _NO_ETAG)
        return scene.ask(method, f"{path}/{scene.mark}", headers={"If-Match": etag}, **options)

    return act


def _replay_batch(scene: Scene) -> TestResponse:
    return scene.ask(
        "POST", "/jobs/dead-letter/replay", json={"jobIds": [str(scene.failed), str(scene.live)]}
    )


WRITES: dict[str, tuple[Act, ...]] = {
    "ingest_lecture": (_ingest, _announce_another, _send_form),
    "renew_upload_url": (_write("POST", "/lectures/{waiting}/upload-url"),),
    "transcribe_lecture": (_write("POST", "/lectures/{lecture}/transcribe"),),
    "generate_material": (_write("POST", "/lectures/{lecture}/generate"),),
    "export_lecture": (_write("POST", "/lectures/{lecture}/export"),),
    "replay_job": (_write("POST", "/jobs/{failed}/replay"),),
    "replay_dead_letters": (_replay_batch,),
    "cancel_job": (_write("POST", "/jobs/{live}/cancel"),),
    "replay_undelivered_message": (_write("POST", "/messages/dead-letter/{message}/replay"),),
    "correct_utterances": (_correct,),
    "restore_revision": (_restore,),
    "cut_out": (
        _write(
            "POST", "/lectures/{lecture}/cuts", json={"cuts": [{"startSec": 9.2, "endSec": 9.8}]}
        ),
    ),
    "add_study_item": (
        _write(
            "POST",
            "/lectures/{lecture}/items",
            json={"item": {"kind": "flashcard", "front": "Why?", "back": "So."}},
        ),
    ),
    "change_study_item": (_of_card("PATCH", json={"hidden": True}),),
    "remove_study_item": (_of_card("DELETE"),),
    "mark_moments": (
        _write("POST", "/lectures/{lecture}/marks", json={"marks": [{"atSec": 9.5}, {"atSec": 3}]}),
        _write("POST", "/lectures/{waiting}/marks", json={"marks": [{"atSec": 9.5}]}),
    ),
    "name_one_mark": (_of_mark("PATCH", json={"label": "Proof"}),),
    "remove_one_mark": (_of_mark("DELETE"),),
    "record_consent": (
        _write(
            "PUT", "/lectures/{lecture}/consent", json={"informed": "course", "basis": "consent"}
        ),
    ),
    "create_course": (_write("POST", "/courses", json={"courseId": "logic"}),),
    "change_course": (_write("PATCH", "/courses/{course}", json={"title": "Another"}),),
    "change_lecture": (
        _write("PATCH", "/lectures/{lecture}", json={"title": "Another"}),
        _move(lambda scene: scene.other),
        _move(lambda scene: scene.course),
    ),
    "restrict_lecture": (_write("PUT", "/lectures/{lecture}/restriction"),),
    "lift_restriction": (_write("DELETE", "/lectures/{lecture}/restriction"),),
    "take_down_lecture": (_write("PUT", "/takedowns/{key}", json={"reference": "case-7"}),),
    "lift_takedown": (_write("DELETE", "/takedowns/{key}"),),
    "delete_taken_down_lecture": (_write("POST", "/takedowns/{key}/deletion"),),
    "remove_lecture": (_write("DELETE", "/lectures/{lecture}"),),
    "remove_course": (
        _write("DELETE", "/courses/{course}"),
        _write("DELETE", "/courses/{other}"),
    ),
    "export_account": (_write("POST", "/me/exports"),),
    "delete_account": (_write("DELETE", "/me"),),
    "export_subject": (_write("POST", "/accounts/exports", json={"subject": "somebody"}),),
    "delete_subject": (_write("POST", "/accounts/deletions", json={"subject": "somebody"}),),
    "forget_vocabulary": (_write("DELETE", "/courses/{course}/vocabulary"),),
    "set_retention": (_write("PUT", "/courses/{course}/retention", json={"rawAudioDays": 9}),),
}
"""By the operation's name."""


def _work(scene: Scene, *, mishap: bool) -> Outcome:
    """The live job's worker, which ends it."""

    def work(lease: Any, _heartbeat: object) -> None:
        if mishap:
            raise PermanentError
        with scene.rt.database.unit_of_work() as session:
            scene.rt.jobs.complete(session, lease, result={})
            scene.rt.jobs.enqueue(session, lecture_id=lease.lecture_id, params=ExportParams())
            session.commit()
            scene.rt.outbox.publish(session)

    return run_job(scene.rt, scene.live, JobType.GENERATION, work)


def _register(scene: Scene) -> Outcome | None:
    stored = scene.rt.store.stat(scene.waiting.source_object)
    return register_object(scene.rt, stored) if stored else None


def _give_message_up(scene: Scene) -> Outcome:
    return record_dead_letter(scene.rt, _undelivered(scene.live))


WORKERS: dict[str, Act] = {
    "a worker completes": partial(_work, mishap=False),
    "a worker fails": partial(_work, mishap=True),
    "a recording is registered": _register,
    "a message is given up": _give_message_up,
    "the sweep": lambda scene: sweep(scene.rt),
}
ACTS = {
    **{f"{name} {n}": act for name, acts in WRITES.items() for n, act in enumerate(acts, 1)},
    **WORKERS,
}


def _undelivered(job: uuid.UUID) -> Event:
    payload = json.dumps(JobMessage(job_id=job).payload()).encode()
    return Event(
        id=str(uuid.uuid4()), source="generate-push", data=payload, attributes={}, delivery=20
    )


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_write_rate_limit_max_requests=100_000)


@pytest.fixture
def app(rt: Runtime) -> Flask:
    return create_app(rt)


@pytest.fixture
def aborted(rt: Runtime) -> Iterator[list[str]]:
    """The database's reports of deadlocks and failed serializations."""
    reports: list[str] = []

    def note(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if isinstance(error, DBAPIError) and is_aborted(error):
            reports.append(str(error))

    event.listen(rt.database.engine, "handle_error", note)
    yield reports
    event.remove(rt.database.engine, "handle_error", note)


def _scene(rt: Runtime, app: Flask) -> Scene:
    course = f"c-{uuid.uuid4().hex[:12]}"
    whole = add_whole_lecture(
        rt, owner=OWNER, course=course, slug=f"l-{uuid.uuid4().hex[:12]}", secret="aether"
    )
    waiting = add_lecture(rt, f"w-{uuid.uuid4().hex[:12]}", owner=OWNER, course=course)
    rt.store.create(waiting.source_object, tone(0.1), "audio/wav")
    live = enqueue(rt, whole.lecture, JobType.GENERATION, params={"preset_id": "exam"})
    record_dead_letter(rt, _undelivered(whole.job.id))
    with rt.database.unit_of_work() as session:
        message = session.scalars(
            select(DeadLetter.id).where(DeadLetter.job_id == whole.job.id)
        ).one()
    lecture, other = get_lecture(rt, whole.lecture), f"o-{uuid.uuid4().hex[:12]}"
    add_lecture(rt, f"e-{uuid.uuid4().hex[:12]}", owner=OWNER, course=other)
    return Scene(
        *(rt, app, lecture, waiting, course, other, whole.job.id, live, message, whole.item),
        whole.mark,
    )


def _meet(scene: Scene, names: list[str], gate: str) -> list[TestResponse | Outcome | None]:
    """All acts have begun, and those that need the gate's row wait at it, before any may have
    it."""
    row = {
        "course": select(Course.id).where(Course.id == scene.lecture.course_id),
        "lecture": select(Lecture.id).where(Lecture.id == scene.lecture.id),
        "waiting": select(Lecture.id).where(Lecture.id == scene.waiting.id),
        "job": select(Job.id).where(Job.id == scene.live),
    }[gate]
    database = scene.rt.database
    with (
        ThreadPoolExecutor(len(names)) as pool,
        database.autocommit() as watcher,
        database.unit_of_work() as session,
    ):
        session.execute(row.with_for_update())
        futures = [pool.submit(ACTS[name], scene) for name in names]
        try:
            wait_until(
                lambda: watcher.scalar(_WAITING) == sum(not future.done() for future in futures),
                timeout_sec=PATIENCE_SEC,
                what=f"all at the {gate}",
                every_sec=0.004,
            )
        except AssertionError as error:
            done = dict(zip(names, (future.done() for future in futures), strict=True))
            error.add_note(f"{done}\n{watcher.execute(_ACTIVITY).all()}")
            raise
        session.commit()
        return [future.result(PATIENCE_SEC) for future in futures]


_ACTIVITY = text(
    "SELECT state, wait_event_type, wait_event, query FROM pg_stat_activity "
    "WHERE datname = current_database()"
)
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def _race(rt: Runtime, app: Flask, pair: tuple[str, str], *, rounds: int) -> None:
    for number in range(rounds):
        chance = random.Random(f"{pair} {number}")  # noqa: S311 - to be repeated, not to be secret
        scene = _scene(rt, app)
        names = [*pair] * TWINS
        chance.shuffle(names)
        gate = chance.choice(["course", "lecture", "waiting", "job"])
        where = f"{pair}, round {number} at the {gate}"
        for name, answer in zip(names, _meet(scene, names, gate), strict=True):
            if isinstance(answer, TestResponse):
                _check(OPERATIONS[name.partition(" ")[0]], answer, where)
            elif answer is not None:
                assert answer.ending is not Ending.RETRY, f"{where}: {name}: {answer.failure}"
    assert list(violations(rt)) == [], pair


def _check(operation: Operation, answer: TestResponse, where: str) -> None:
    documented = {*operation.answers, *operation.problems}
    assert answer.status_code in documented, f"{where}: {answer.status} {answer.text}"
    if answer.status_code >= 500:
        assert answer.get_json(force=True)["code"] == ContendedError.code, where
        assert int(answer.headers["Retry-After"]) > 0, where


def test_every_writing_operation_takes_part() -> None:
    assert WRITES.keys() == OPERATIONS.keys()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(5))
def test_an_announcement_beside_its_courses_deletion_makes_the_course_again(
    rt: Runtime, app: Flask, seed: int
) -> None:
    names = ["remove_course 1", "ingest_lecture 2"] * TWINS
    random.Random(seed).shuffle(names)  # noqa: S311 - to be repeated, not to be secret
    scene = _scene(rt, app)

    answers = zip(names, _meet(scene, names, "course"), strict=True)

    announced = [answer for name, answer in answers if name == "ingest_lecture 2"]
    assert all(isinstance(answer, TestResponse) for answer in announced)
    assert [answer.status_code for answer in announced if isinstance(answer, TestResponse)] == [
        201
    ] * TWINS


PAIRS = list(itertools.combinations_with_replacement(ACTS, 2))


@pytest.mark.sampled(8)
@pytest.mark.parametrize("other", ACTS)
def test_every_act_beside_the_lectures_deletion_ends_in_answers(
    rt: Runtime, app: Flask, aborted: list[str], other: str
) -> None:
    _race(rt, app, ("remove_lecture 1", other), rounds=1)
    assert aborted == [], f"{other}: a transaction locks rows in another order"


@pytest.mark.races
@pytest.mark.parametrize("first", ACTS)
def test_each_pair_ends_in_answers(rt: Runtime, aborted: list[str], first: str) -> None:
    _race_all(rt, aborted, first, rounds=ROUNDS)


@pytest.mark.slow
@pytest.mark.parametrize("first", ACTS)
def test_each_pair_ends_in_answers_in_many_rounds(
    rt: Runtime, aborted: list[str], first: str
) -> None:
    _race_all(rt, aborted, first, rounds=MANY_ROUNDS)


def _race_all(rt: Runtime, aborted: list[str], first: str, *, rounds: int) -> None:
    for pair in _pairs_of(first):
        _forget_all(rt)
        # A folder of its own: what the rows of the pair before led to is not listed again.
        own = changed(rt, gcs_prefix=uuid.uuid4().hex)
        _race(own, create_app(own), pair, rounds=rounds)
        assert aborted == [], f"{pair}: a transaction locks rows in another order"


def _pairs_of(first: str) -> list[tuple[str, str]]:
    return [pair for pair in PAIRS if pair[0] == first]


def _forget_all(rt: Runtime) -> None:
    """Or the deletion of the account would delete the lectures of hundreds of rounds in one."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with rt.database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}"))
