"""A person who was recorded objects: an operator takes the lecture down, then lifts or deletes.

Every step is in the audit, and every access in the record of accesses."""

import re
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from functions.ingest.app import create_app
from scripts.recovery.deletions import delete_again, deletions_since
from shared.deletion.restricting import restrict_lecture
from shared.deletion.takedowns import delete_taken_down, lift_takedown, take_down
from shared.errors import ConflictError, NotFoundError
from shared.models import DeletionAuditEvent, Lecture, OperatorAccess
from shared.runtime import Runtime
from tests.integration.access.test_access import BOB, bobs, cloud
from tests.support.access.issuer import OPERATOR, Issuer
from tests.support.clock import HeldClock
from tests.support.database.invariants import violations
from tests.support.lectures.builders import get_lecture
from tests.support.lectures.whole_lecture import WholeLecture
from tests.support.processes.threads import at_once

__all__ = ["bobs", "cloud"]

pytestmark = pytest.mark.usefixtures("owner_conditions")

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbooks" / "takedown.md"
CASE = {"reference": "2026/17"}


@pytest.fixture
def client(cloud: Runtime) -> FlaskClient:
    return create_app(cloud).test_client()


@pytest.fixture
def operator(issuer: Issuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.operator_token()}"}


@pytest.fixture
def owner(issuer: Issuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.id_token(sub='bob')}"}


def audited(rt: Runtime, lecture: Lecture) -> list[tuple[str, str, str]]:
    """The lecture's own entries: kind of subject, actor, outcome; in the order of time."""
    with rt.database.reading() as session:
        rows = session.scalars(
            select(DeletionAuditEvent)
            .where(
                DeletionAuditEvent.lecture_id == lecture.id,
                DeletionAuditEvent.subject.not_like("gs:%"),
            )
            .order_by(DeletionAuditEvent.created_at, DeletionAuditEvent.id)
        ).all()
        return [(row.subject.partition(":")[0], row.actor, row.outcome) for row in rows]


def test_a_lecture_that_is_taken_down_stays_hidden_from_its_owner_too(
    cloud: Runtime,
    client: FlaskClient,
    bobs: WholeLecture,
    operator: dict[str, str],
    owner: dict[str, str],
) -> None:
    address = f"/takedowns/{bobs.lecture.id}"

    taken = client.put(address, json=CASE, headers=operator)
    again = client.put(address, json={"reference": "another"}, headers=operator)

    assert taken.status_code == 200, taken.text
    assert taken.get_json()["takenDownAt"] is not None
    assert again.get_json() == taken.get_json()
    assert client.get("/lectures/bobs-lecture/transcript", headers=owner).status_code == 409
    lifted = client.delete("/lectures/bobs-lecture/restriction", headers=owner)
    assert (lifted.status_code, lifted.get_json(force=True)["code"]) == (409, "taken_down")
    assert get_lecture(cloud, bobs.lecture).restricted_at is not None
    assert sorted(audited(cloud, bobs.lecture)) == [
        ("lecture", "owner", "restricted"),
        ("takedown", "operator:takedown", "taken down: 2026/17"),
    ]


def test_a_lifted_takedown_shows_the_lecture_again(
    cloud: Runtime,
    client: FlaskClient,
    bobs: WholeLecture,
    clock: HeldClock,
    operator: dict[str, str],
) -> None:
    address = f"/takedowns/{bobs.lecture.id}"
    client.put(address, json=CASE, headers=operator)
    clock.advance(60)

    answer = client.delete(address, headers=operator)

    assert answer.status_code == 200, answer.text
    assert answer.get_json() == {
        "lectureKey": str(bobs.lecture.id),
        "takenDownAt": None,
        "restrictedAt": None,
    }
    assert get_lecture(cloud, bobs.lecture).restricted_at is None
    assert sorted(audited(cloud, bobs.lecture)[2:]) == [
        ("lecture", "owner", "restriction lifted"),
        ("takedown", "operator:takedown", "takedown lifted"),
    ]
    assert client.delete(address, headers=operator).status_code == 200
    assert len(audited(cloud, bobs.lecture)) == 4


def test_a_restriction_of_the_owners_own_outlasts_a_takedown(
    cloud: Runtime, bobs: WholeLecture, clock: HeldClock
) -> None:
    since = restrict_lecture(cloud, bobs.lecture)
    clock.advance(60)
    take_down(cloud, bobs.lecture, "17")
    clock.advance(60)

    lifted = lift_takedown(cloud, bobs.lecture)

    assert (lifted.taken_down_at, lifted.restricted_at) == (None, since)


def test_an_operator_deletes_a_lecture_only_while_it_is_taken_down(
    cloud: Runtime, client: FlaskClient, bobs: WholeLecture, operator: dict[str, str]
) -> None:
    address = f"/takedowns/{bobs.lecture.id}"
    refused = client.post(f"{address}/deletion", headers=operator)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (409, "conflict")
    assert get_lecture(cloud, bobs.lecture) is not None
    client.put(address, json=CASE, headers=operator)

    answer = client.post(f"{address}/deletion", headers=operator)

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["lectures"] == 1
    assert list(cloud.store.list(cloud.names.folder("transcripts", bobs.lecture.id))) == []
    assert {("lecture", "owner", "deleted"), ("takedown", "operator:takedown", "deleted")} <= set(
        audited(cloud, bobs.lecture)
    )
    assert client.post(f"{address}/deletion", headers=operator).status_code == 404


def test_the_owner_may_delete_what_is_taken_down(
    cloud: Runtime, client: FlaskClient, bobs: WholeLecture, owner: dict[str, str]
) -> None:
    take_down(cloud, bobs.lecture, "17")

    assert client.delete("/lectures/bobs-lecture", headers=owner).status_code == 200
    with pytest.raises(NotFoundError):
        lift_takedown(cloud, bobs.lecture)


def test_each_step_is_an_access_that_is_recorded(
    cloud: Runtime, client: FlaskClient, bobs: WholeLecture, operator: dict[str, str]
) -> None:
    address = f"/takedowns/{bobs.lecture.id}"
    client.put(address, json=CASE, headers=operator)
    client.post(f"{address}/deletion", headers=operator)

    with cloud.database.reading() as session:
        accesses = session.scalars(select(OperatorAccess).order_by(OperatorAccess.id)).all()
    assert sorted(each.method for each in accesses) == ["POST", "PUT"]
    assert all(f"lecture:{bobs.lecture.id}" in each.subjects for each in accesses)


@pytest.mark.parametrize("reference", ["", "Professor Quist", "a" * 65, "x@y.example", "é"])
def test_a_reference_has_no_room_for_a_sentence(
    cloud: Runtime,
    client: FlaskClient,
    bobs: WholeLecture,
    operator: dict[str, str],
    reference: str,
) -> None:
    answer = client.put(
        f"/takedowns/{bobs.lecture.id}", json={"reference": reference}, headers=operator
    )

    assert answer.status_code == 422
    [problem] = answer.get_json(force=True)["errors"]
    assert problem["field"] == "reference"
    assert get_lecture(cloud, bobs.lecture).restricted_at is None


def test_users_and_the_static_token_take_nothing_down(
    cloud: Runtime, client: FlaskClient, bobs: WholeLecture, owner: dict[str, str]
) -> None:
    for key in (bobs.lecture.id, uuid.UUID(int=5), "no-key"):
        assert client.put(f"/takedowns/{key}", json=CASE, headers=owner).status_code == 404
    assert audited(cloud, bobs.lecture) == []


def test_a_restored_database_has_takedowns_again(
    cloud: Runtime, bobs: WholeLecture, clock: HeldClock
) -> None:
    before = clock.now
    clock.advance(60)
    take_down(cloud, bobs.lecture, "17")
    entries = deletions_since(cloud.database, before)
    clock.advance(60)
    lift_takedown(cloud, bobs.lecture)
    lifted = deletions_since(cloud.database, before)
    assert delete_again(cloud, lifted).restricted == 0
    assert get_lecture(cloud, bobs.lecture).taken_down_at is None

    assert delete_again(cloud, entries).restricted > 0

    restored = get_lecture(cloud, bobs.lecture)
    assert restored.taken_down_at is not None
    assert delete_again(cloud, entries).restricted == 0


def test_the_queries_of_the_runbook_answer_what_they_are_for(
    cloud: Runtime, client: FlaskClient, bobs: WholeLecture, operator: dict[str, str]
) -> None:
    key = str(bobs.lecture.id)
    client.put(f"/takedowns/{key}", json=CASE, headers=operator)
    finding, frozen, steps, accesses = re.findall(
        r"```sql\n(.*?)```", RUNBOOK.read_text(), re.DOTALL
    )

    with cloud.database.autocommit() as connection:

        def ask(query: str, **given: object) -> list[Any]:
            return list(connection.execute(text(query), given))

        [found] = ask(finding, owner=BOB, title="-", day=date(2000, 1, 1))
        assert str(found.key) == key
        assert [str(row.key) for row in ask(frozen)] == [key]
        assert [row.outcome for row in ask(steps, key=key)] == ["taken down: 2026/17"]
        assert [(row.operator, row.method) for row in ask(accesses, key=key)] == [(OPERATOR, "PUT")]


def test_a_takedown_and_a_deletion_meet_in_any_order(cloud: Runtime, bobs: WholeLecture) -> None:
    take_down(cloud, bobs.lecture, "17")
    fates: list[str] = []

    def attempt(act: object) -> None:
        try:
            act(cloud, bobs.lecture)  # type: ignore[operator]
            fates.append("done")
        except (ConflictError, NotFoundError) as error:
            fates.append(type(error).__name__)

    at_once(attempt, [lift_takedown, delete_taken_down])

    assert sorted(fates) in (["ConflictError", "done"], ["NotFoundError", "done"])
    assert list(violations(cloud)) == []
