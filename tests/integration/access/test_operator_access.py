"""Each access of an operator to rows of other owners is recorded, and fails if it cannot be.

The routes are taken from the API itself, and are tried on everything that Bob has.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.ingest.web.idempotency import REPLAYED_HEADER
from functions.ingest.web.operations import Operation
from functions.retention.accounts.rows import account_rows
from functions.retention.dead_letters import record_dead_letter
from functions.retention.policies.expired_rows import OPERATOR_ACCESS_DAYS
from functions.retention.runs.expiry import expire
from shared.messaging.events import Event
from shared.models import OperatorAccess, account_subject
from shared.redaction.log_fields import LOG_FIELDS
from shared.runtime import Runtime
from tests.integration.access.test_access import (
    BOB,
    GUARDED,
    SECRET,
    STATIC_TOKEN,
    ask,
    bobs,
    cloud,
    everything,
    ids_of,
    name_of,
)
from tests.support.access.issuer import OPERATOR, Issuer
from tests.support.clock import HeldClock
from tests.support.lectures.builders import changed
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture

__all__ = ["bobs", "cloud"]

REACHING = {
    "list_dead_letters",
    "read_job",
    "replay_job",
    "replay_dead_letters",
    "cancel_job",
    "list_undelivered_messages",
    "replay_undelivered_message",
    "read_account_export",
    "export_subject",
    "delete_subject",
    "take_down_lecture",
    "lift_takedown",
    "delete_taken_down_lecture",
}
"""Operations by which an operator reaches rows of other owners."""
OF_OPERATORS = [operation for operation in GUARDED if operation.name in REACHING]
WRITES = [operation for operation in OF_OPERATORS if operation.is_write]
SUBJECT = re.compile(r"account:[0-9a-f]{64}|[a-z_]+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RUNBOOK = Path(__file__).parents[3] / "docs" / "runbooks" / "data-breach.md"
TABLE = OperatorAccess.__tablename__


@pytest.fixture
def app(cloud: Runtime, bobs: WholeLecture) -> Flask:
    return create_app(cloud)


def records(rt: Runtime) -> list[OperatorAccess]:
    with rt.database.reading() as session:
        return list(session.scalars(select(OperatorAccess)))


def reaches(
    answer: TestResponse, rt: Runtime, ids: dict[str, str], before: dict[str, list[Any]]
) -> bool:
    """Whether an answer has something of Bob's, or a row of his was changed or deleted."""
    if answer.status_code == 404:
        return False  # It repeats the id that was asked for.
    after = everything(rt)
    changed = any(set(map(str, before[name])) - set(map(str, after[name])) for name in before)
    refused = answer.status_code == 409
    return changed or refused or any(key in answer.text for key in (SECRET, *keys_of(ids)))


def keys_of(ids: dict[str, str]) -> Iterator[str]:
    return (value for name, value in ids.items() if name not in ("lecture_id", "course_id"))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("operation", OF_OPERATORS, ids=name_of)
def test_each_access_is_recorded_once(
    operation: Operation, app: Flask, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    ids, before = ids_of(cloud, bobs), everything(cloud)

    with capture_logs() as lines:
        answer = ask(app.test_client(), operation, ids, f"Bearer {issuer.operator_token()}")

    assert reaches(answer, cloud, ids, before), answer.text
    [record] = records(cloud)
    assert (record.operator, record.method) == (OPERATOR, operation.method)
    assert record.route == operation.path.replace("{", "<").replace("}", ">")
    assert record.accessed_at == cloud.clock()
    owner = [] if operation.tag == "messages" else [account_subject(BOB)]
    assert [each for each in record.subjects if each.startswith("account:")] == owner
    named = {each.partition(":")[2] for each in record.subjects}
    assert {ids[name] for name in operation.path_parameters} <= named
    assert all(SUBJECT.fullmatch(each) for each in record.subjects), "holds more than ids"
    [line] = [line for line in lines if line["event"] == "operator.access"]
    assert line == {
        "event": "operator.access",
        "log_level": "info",
        "access": str(record.id),
        "method": record.method,
        "route": record.route,
        "accessed": len(record.subjects),
    }
    fields = line.keys() - {"event", "log_level"}
    assert all(LOG_FIELDS[name].shown(line[name]) == line[name] for name in fields)


def test_an_access_that_cannot_be_recorded_fails_and_changes_nothing(
    app: Flask, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    ids, before = ids_of(cloud, bobs), everything(cloud)
    rename(cloud, TABLE, "out_of_reach")

    for operation in OF_OPERATORS:
        answer = ask(app.test_client(), operation, ids, f"Bearer {issuer.operator_token()}")

        assert answer.status_code >= 500, operation.name
        assert not any(key in answer.text for key in (SECRET, *keys_of(ids))), operation.name
    rename(cloud, "out_of_reach", TABLE)
    assert everything(cloud) == before


@pytest.mark.sampled(2)
@pytest.mark.parametrize("operation", WRITES, ids=name_of)
def test_an_answer_that_is_repeated_is_recorded_again_and_only_an_operators(
    operation: Operation, app: Flask, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    ids = ids_of(cloud, bobs)

    def send(to: Flask) -> TestResponse:
        authorization = f"Bearer {issuer.operator_token()}"
        return ask(to.test_client(), operation, ids, authorization, key="4711")

    first, again = send(app), send(app)

    kept = first.status_code < 300  # What was refused is tried again.
    assert (again.status_code, REPLAYED_HEADER in again.headers) == (first.status_code, kept)
    assert not kept or first.text == again.text
    one, other = records(cloud)
    assert (one.id != other.id, one.subjects, one.route) == (True, other.subjects, other.route)

    dismissed = send(create_app(changed(cloud, plc_operators="")))
    assert dismissed.status_code == 404
    assert SECRET not in dismissed.text

    rename(cloud, TABLE, "out_of_reach")
    assert send(app).status_code >= 500
    rename(cloud, "out_of_reach", TABLE)


def test_a_message_about_a_job_leads_to_its_lecture_and_owner(
    app: Flask, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    data = json.dumps({"jobId": str(bobs.job.id)}).encode()
    record_dead_letter(
        cloud, Event(id="18", source="export-push", data=data, attributes={}, delivery=1)
    )
    headers = {"Authorization": f"Bearer {issuer.operator_token()}"}

    assert app.test_client().get("/messages/dead-letter", headers=headers).status_code == 200

    [record] = records(cloud)
    assert sorted(name for name in record.subjects if not name.startswith("message:")) == [
        account_subject(BOB),
        f"job:{bobs.job.id}",
        f"lecture:{bobs.lecture.id}",
    ]


def test_no_other_operation_reaches_another_owner(
    app: Flask, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    ids, before = ids_of(cloud, bobs), everything(cloud)
    for operation in GUARDED:
        if operation not in OF_OPERATORS:
            answer = ask(app.test_client(), operation, ids, f"Bearer {issuer.operator_token()}")
            assert not reaches(answer, cloud, ids, before), operation.name
    assert records(cloud) == []


def test_the_static_token_reaches_nothing_in_the_cloud(
    app: Flask, cloud: Runtime, bobs: WholeLecture
) -> None:
    ids, before = ids_of(cloud, bobs), everything(cloud)
    for operation in OF_OPERATORS:
        answer = ask(app.test_client(), operation, ids, f"Bearer {STATIC_TOKEN}")
        assert not reaches(answer, cloud, ids, before), operation.name
    assert everything(cloud) == before


def test_users_who_reach_their_own_are_not_recorded(
    app: Flask, cloud: Runtime, bobs: WholeLecture, issuer: Issuer
) -> None:
    ids = ids_of(cloud, bobs)
    for operation in OF_OPERATORS:
        ask(app.test_client(), operation, ids, f"Bearer {issuer.id_token('bob')}")
    assert records(cloud) == []


def rename(rt: Runtime, name: str, other: str) -> None:
    with rt.database.unit_of_work() as session:
        session.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))
        session.commit()


def test_accesses_to_an_account_are_found_as_the_runbook_says_and_are_in_its_copy(
    app: Flask, cloud: Runtime, issuer: Issuer, bobs: WholeLecture
) -> None:
    carols = add_whole_lecture(
        cloud, owner="user:carol", course="carols", slug="carols", secret="aether"
    )
    _, query = re.findall(r"```sql\n(.*?)```", RUNBOOK.read_text(), re.DOTALL)
    headers = {"Authorization": f"Bearer {issuer.operator_token()}"}
    for path in (f"/jobs/{bobs.job.id}", "/jobs/dead-letter"):
        assert app.test_client().get(path, headers=headers).status_code == 200

    found, copied = {}, {}
    for owner in (BOB, "user:carol", "user:alice"):
        with cloud.database.reading() as session:
            rows = session.execute(text(query), {"owner": owner}).all()
            assert {row.operator for row in rows} <= {OPERATOR}
            found[owner] = [row.route for row in rows]
            copy = account_rows(session, owner)[TABLE]
        assert sorted(row["route"] for row in copy) == sorted(found[owner])
        copied[owner] = repr(copy)
    assert {owner: len(routes) for owner, routes in found.items()} == {
        BOB: 2,
        "user:carol": 1,
        "user:alice": 0,
    }
    # A copy names no operator, and nothing of others whom the same request reached.
    assert OPERATOR not in repr(copied)
    assert str(carols.job.id) not in copied[BOB]
    assert account_subject("user:carol") not in copied[BOB]


def test_records_are_deleted_after_their_time(runtime: Runtime, clock: HeldClock) -> None:
    with runtime.database.unit_of_work() as session:
        for days in (OPERATOR_ACCESS_DAYS - 1, OPERATOR_ACCESS_DAYS):
            session.add(
                OperatorAccess(
                    id=runtime.new_id(),
                    operator=OPERATOR,
                    method="GET",
                    route="/jobs/<job_id>",
                    subjects=[],
                    accessed_at=clock.now - timedelta(days=days),
                )
            )
        session.commit()

    expire(runtime, dry_run=False)

    [left] = records(runtime)
    assert left.accessed_at == clock.now - timedelta(days=OPERATOR_ACCESS_DAYS - 1)
