"""Who may do what: every route, with every kind of wrong token, and with others' ids.

The routes are taken from the API itself, so that one that is added is tried as well.
"""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from functions.ingest.app import all_operations, create_app
from functions.ingest.web.operations import Operation
from functions.retention.dead_letters import record_dead_letter
from scripts.document_api import NOWHERE
from shared.accounts.exports import request_export
from shared.config import Settings
from shared.messaging.events import Event
from shared.models import Base, IdempotencyKey, RateLimit
from shared.runtime import Runtime, build_runtime
from tests.support.access.issuer import OPERATOR, Issuer
from tests.support.lectures.builders import PROJECT, changed, get_dead_letters
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")

OPERATIONS = all_operations(build_runtime(Settings.model_validate(NOWHERE)))
GUARDED = [operation for operation in OPERATIONS if not operation.public]
STATIC_TOKEN = "the-static-token"
AUDIENCE = "operators-tools"
BOB, ALICE = "user:bob", "user:alice"
SECRET = "phlogiston"
NOT_COUNTED = {IdempotencyKey.__tablename__, RateLimit.__tablename__}
"""What a caller's own requests leave, whatever they ask for."""

THEIRS = {"lecture_id": "bobs-lecture", "course_id": "bobs-course"}
BODIES: dict[str, dict[str, Any]] = {
    "create_course": {"courseId": "logic"},
    "change_lecture": {"courseId": "bobs-course", "title": "Overwritten."},
    "correct_utterances": {"corrections": [{"utteranceId": 0, "text": "Overwritten."}]},
    "restore_revision": {"revision": 1},
    "cut_out": {"cuts": [{"startSec": 9.2, "endSec": 9.8}]},
    "add_study_item": {"item": {"kind": "flashcard", "front": "Why?", "back": "So."}},
    "mark_moments": {"marks": [{"atSec": 3, "label": "Overwritten."}]},
    "name_one_mark": {"label": "Overwritten."},
    "search_transcripts": {"q": "phlogiston"},
    "export_subject": {"subject": "bob"},
    "delete_subject": {"subject": "bob"},
    "take_down_lecture": {"reference": "2026/17"},
}
"""Of operations that take no empty one."""
OPERATORS = {"messages", "accounts", "takedowns"}
"""Subjects that belong to the operator alone."""
OF_ONES_OWN = {"/lectures/ingest", "/me", "/me/exports", "/courses"}
"""Paths of operations about what belongs to the caller."""
NOBODYS = {
    "lecture_id": "no-such-lecture",
    "course_id": "no-such-course",
    "job_id": str(uuid.UUID(int=7)),
    "thread_id": str(uuid.UUID(int=8)),
    "message_id": str(uuid.UUID(int=9)),
    "export_id": str(uuid.UUID(int=10)),
    "lecture_key": str(uuid.UUID(int=11)),
    "item_id": "no-such-item",
    "mark_id": str(uuid.UUID(int=12)),
}


@pytest.fixture
def cloud(runtime: Runtime, issuer: Issuer) -> Runtime:
    return changed(
        runtime,
        plc_environment="cloud",
        plc_write_api_token=STATIC_TOKEN,
        plc_operators=f"{OPERATOR},ops@uni.example",
        plc_operator_audience=AUDIENCE,
        plc_oidc_keys_url=issuer.url,
        plc_id_token_audience=PROJECT,
        plc_id_token_keys_url=issuer.url,
        plc_write_rate_limit_max_requests=10_000,
        # A stream of all lectures has no end of its own.
        plc_progress_stream_sec=1,
    )


@pytest.fixture
def bobs(cloud: Runtime) -> WholeLecture:
    bobs = add_whole_lecture(
        cloud, owner=BOB, course="bobs-course", slug="bobs-lecture", secret=SECRET
    )
    data = json.dumps({"lost": SECRET}).encode()
    record_dead_letter(
        cloud, Event(id="17", source="export-push", data=data, attributes={}, delivery=1)
    )
    request_export(cloud, BOB)
    return bobs


@pytest.fixture
def client(cloud: Runtime, bobs: WholeLecture) -> FlaskClient:
    return create_app(cloud).test_client()


def ids_of(rt: Runtime, bobs: WholeLecture) -> dict[str, str]:
    """Of what is there: Bob's, and a message without an owner."""
    [message] = get_dead_letters(rt)
    return {
        **THEIRS,
        "job_id": str(bobs.job.id),
        "thread_id": str(bobs.thread_id),
        "message_id": str(message.id),
        "export_id": str(request_export(rt, BOB).id),
        "lecture_key": str(bobs.lecture.id),
        "item_id": bobs.item,
        "mark_id": bobs.mark,
    }


def address(operation: Operation, ids: dict[str, str]) -> str:
    defaults = {"artifact_type": "summary", "export_type": "markdown", "preset_id": "exam"}
    return operation.path.format(**{**defaults, **ids})


def ask(
    client: FlaskClient,
    operation: Operation,
    ids: dict[str, str],
    authorization: str | None,
    *,
    key: str | None = None,
) -> TestResponse:
    given = {"Authorization": authorization, "Idempotency-Key": key}
    headers = {name: value for name, value in given.items() if value is not None}
    query = "?q=phlogiston" if operation.name == "search" else ""
    body: dict[str, Any] = {"courseId": "x"} if operation.form else BODIES.get(operation.name, {})
    if operation.matching:
        headers["If-Match"] = f'"{"0" * 32}"'
    return client.open(
        address(operation, ids) + query,
        method=operation.method,
        headers=headers,
        json=body if operation.body else None,
    )


def everything(rt: Runtime) -> dict[str, list[Any]]:
    """All rows and all objects there are."""
    with rt.database.unit_of_work() as session:
        rows = {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
            if name not in NOT_COUNTED
        }
    objects = [(o.name, o.generation) for o in rt.store.list(rt.names.root)]
    return {**rows, "objects": objects}


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def test_without_a_right_token_every_request_is_refused(
    client: FlaskClient,
    cloud: Runtime,
    bobs: WholeLecture,
    issuer: Issuer,
    subtests: pytest.Subtests,
) -> None:
    """One lecture serves all operations: none of the requests changes anything."""
    ids = ids_of(cloud, bobs)
    wrong = {
        "no token": None,
        "no bearer": "Bearer",
        "another scheme": f"Basic {STATIC_TOKEN}",
        "nearly the static one": f"Bearer {STATIC_TOKEN}x",
        "another audience": f"Bearer {issuer.id_token(sub='bob', audience='another-project')}",
        "another issuer": f"Bearer {issuer.id_token(sub='bob', iss='https://example.org')}",
        "expired": f"Bearer {issuer.id_token(sub='bob', iat=1_000, exp=2_000)}",
        "a forged key": f"Bearer {issuer.id_token(sub='bob', forged=True)}",
        "a service's token": f"Bearer {issuer.service_token(email='x@y', audience=PROJECT)}",
        "a Google account": f"Bearer {issuer.service_token(email='x@y.z', audience=AUDIENCE)}",
        "garbage": "Bearer a.b.c",
    }
    before = everything(cloud)

    for operation in GUARDED:
        with subtests.test(name_of(operation)):
            for reason, authorization in wrong.items():
                answer = ask(client, operation, ids, authorization)

                assert answer.status_code == 401, (reason, answer.text)
                assert answer.get_json(force=True)["code"] == "unauthorized"
                assert answer.headers["WWW-Authenticate"] == "Bearer"
                assert answer.headers["Cache-Control"] == "no-store"
                assert SECRET not in answer.text
            assert everything(cloud) == before


def test_another_users_ids_lead_nowhere(
    client: FlaskClient,
    cloud: Runtime,
    bobs: WholeLecture,
    issuer: Issuer,
    subtests: pytest.Subtests,
) -> None:
    """Of each operation another user asks, who has nothing yet."""
    ids = ids_of(cloud, bobs)
    before = everything(cloud)

    for number, operation in enumerate(GUARDED):
        alice = f"Bearer {issuer.id_token(sub=f'alice-{number}')}"
        with subtests.test(name_of(operation)):
            _lead_nowhere(client, operation, ids, alice)
            now = everything(cloud)
            assert operation.path in OF_ONES_OWN or now == before
            before = now


def _lead_nowhere(
    client: FlaskClient, operation: Operation, ids: dict[str, str], alice: str
) -> None:
    addressed = [name for name in operation.path_parameters if name in ids]

    theirs = ask(client, operation, ids, alice)
    nobodys = ask(client, operation, {**NOBODYS}, alice)

    assert SECRET not in theirs.text
    assert theirs.headers["Cache-Control"] == "no-store"
    if operation.path in OF_ONES_OWN:
        return
    assert theirs.status_code == nobodys.status_code
    if addressed:
        # Another owner's lecture and one that does not exist give the same answer.
        assert theirs.status_code == 404
        shown = [answer.get_json(force=True) for answer in (theirs, nobodys)]
        for document, given in zip(shown, (ids, NOBODYS), strict=True):
            del document["requestId"]
            for name in addressed:
                document["detail"] = document["detail"].replace(given[name], "…")
        assert shown[0] == shown[1]


def _by_its_owner(
    client: FlaskClient, operation: Operation, ids: dict[str, str], issuer: Issuer
) -> None:
    operated = operation.tag in OPERATORS
    token = issuer.operator_token() if operated else issuer.id_token(sub="bob")

    answer = ask(client, operation, ids, f"Bearer {token}")

    # 412: the ETag matches no revision.
    assert answer.status_code in (200, 201, 202, 302, 409, 412), answer.text
    # No cache keeps an answer about a lecture.
    assert answer.headers["Cache-Control"] == "no-store", answer.status


def test_its_owner_reads_everything(
    client: FlaskClient,
    cloud: Runtime,
    bobs: WholeLecture,
    issuer: Issuer,
    subtests: pytest.Subtests,
) -> None:
    ids = ids_of(cloud, bobs)
    for operation in GUARDED:
        if not operation.is_write:
            with subtests.test(name_of(operation)):
                _by_its_owner(client, operation, ids, issuer)


@pytest.mark.parametrize(
    "operation", [operation for operation in GUARDED if operation.is_write], ids=name_of
)
def test_its_owner_changes_everything(
    operation: Operation, client: FlaskClient, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    _by_its_owner(client, operation, ids_of(cloud, bobs), issuer)


class TestIdsInBodiesAndQueries:
    @pytest.fixture
    def alice(self, cloud: Runtime, issuer: Issuer) -> dict[str, str]:
        add_whole_lecture(
            cloud, owner=ALICE, course="alices-course", slug="alices-lecture", secret="aether"
        )
        return {"Authorization": f"Bearer {issuer.id_token(sub='alice')}"}

    def test_anothers_names_may_be_used_and_mean_ones_own(
        self, client: FlaskClient, cloud: Runtime, bobs: WholeLecture, alice: dict[str, str]
    ) -> None:
        answer = client.post(
            "/lectures/ingest",
            json={"courseId": "bobs-course", "lectureId": "bobs-lecture", "title": "Mine"},
            headers=alice,
        )

        assert answer.status_code == 201
        assert str(bobs.lecture.id) not in answer.text
        mine = client.get("/lectures/bobs-lecture", headers=alice).get_json()
        assert (mine["title"], mine["status"]) == ("Mine", "awaiting_upload")
        with cloud.database.unit_of_work() as session:
            owners = session.execute(
                text("SELECT owner, title FROM lectures WHERE slug = 'bobs-lecture' ORDER BY 1")
            ).all()
        assert [tuple(row) for row in owners] == [(ALICE, "Mine"), (BOB, f"On {SECRET}")]

    @pytest.mark.parametrize("stage", ["generate", "export"])
    def test_a_stage_does_not_tell_whether_anothers_course_exists(
        self, client: FlaskClient, bobs: WholeLecture, alice: dict[str, str], stage: str
    ) -> None:
        answers = [
            client.post(
                f"/lectures/alices-lecture/{stage}", json={"courseId": course}, headers=alice
            )
            for course in ("bobs-course", "no-such-course")
        ]

        assert [answer.status_code for answer in answers] == [409, 409]
        first, second = (answer.get_json(force=True)["detail"] for answer in answers)
        assert first.replace("bobs-course", "") == second.replace("no-such-course", "")

    def test_a_batch_replays_no_job_of_another(
        self, client: FlaskClient, cloud: Runtime, bobs: WholeLecture, alice: dict[str, str]
    ) -> None:
        before = everything(cloud)

        answer = client.post(
            "/jobs/dead-letter/replay", json={"jobIds": [str(bobs.job.id)]}, headers=alice
        ).get_json()

        assert answer == {"replayed": [], "skipped": [str(bobs.job.id)]}
        assert everything(cloud) == before

    def test_a_search_finds_only_ones_own(
        self, client: FlaskClient, bobs: WholeLecture, alice: dict[str, str]
    ) -> None:
        for query in (f"q={SECRET}", f"q={SECRET}&courseId=bobs-course"):
            found = client.get(f"/search?{query}", headers=alice).get_json()
            assert (found["hits"], found["pagination"]["total"]) == ([], 0)
        assert len(client.get("/search?q=aether", headers=alice).get_json()["hits"]) == 1

    def test_anothers_cursor_opens_nothing(
        self, client: FlaskClient, bobs: WholeLecture, alice: dict[str, str], issuer: Issuer
    ) -> None:
        bob = {"Authorization": f"Bearer {issuer.id_token(sub='bob')}"}
        for slug in ("one", "two"):
            body = {"courseId": "bobs-course", "lectureId": slug}
            assert client.post("/lectures/ingest", json=body, headers=bob).status_code == 201
        cursor = client.get("/lectures?limit=1", headers=bob).get_json()["pagination"]["nextCursor"]

        seen = client.get(f"/lectures?cursor={cursor}", headers=alice).get_json()

        assert {each["lectureId"] for each in seen["lectures"]} <= {"alices-lecture"}


class TestOperator:
    @pytest.fixture
    def right(self, issuer: Issuer) -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.operator_token()}"}

    def test_an_operator_sees_and_replays_everybodys_failed_jobs(
        self, client: FlaskClient, bobs: WholeLecture, right: dict[str, str]
    ) -> None:
        listed = client.get("/jobs/dead-letter", headers=right).get_json()
        assert [job["jobId"] for job in listed["jobs"]] == [str(bobs.job.id)]
        assert client.get(f"/jobs/{bobs.job.id}", headers=right).status_code == 200

        replayed = client.post("/jobs/dead-letter/replay", headers=right).get_json()

        assert [each["jobId"] for each in replayed["replayed"]] == [str(bobs.job.id)]
        assert client.get("/jobs/dead-letter", headers=right).get_json()["jobs"] == []

    def test_but_reads_nobodys_lectures(self, client: FlaskClient, right: dict[str, str]) -> None:
        assert client.get("/lectures", headers=right).get_json()["lectures"] == []
        assert client.get("/lectures/bobs-lecture", headers=right).status_code == 404


def test_only_an_operator_may_keep_the_objects_of_what_is_deleted(
    client: FlaskClient, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    until = (cloud.clock() + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    before = everything(cloud)

    for path in ("/lectures/bobs-lecture", "/courses/bobs-course"):
        answer = client.delete(
            f"{path}?purgeStorage=false&keepUntil={until}",
            headers={"Authorization": f"Bearer {issuer.id_token(sub='bob')}"},
        )
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (403, "operator_only")

    assert everything(cloud) == before
