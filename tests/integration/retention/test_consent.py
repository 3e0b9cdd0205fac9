"""A lecture's record of who was informed of its recording, on what basis, and when."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from functions.ingest.app import create_app
from functions.retention.accounts.rows import lecture_rows
from shared.models import Lecture, LegalBasis
from shared.runtime import Runtime
from tests.support.lectures.builders import add_course
from tests.support.sound.audio import tone

COURSE = {"courseId": "algorithms", "lectureId": "hashing", "contentType": "audio/wav"}
INFORMED = "all students, on the first slide; Jo Muster, in person"
GIVEN = {
    "consentInformed": INFORMED,
    "consentBasis": "consent",
    "consentAt": "2026-10-05T10:00:00+02:00",
}
RECORD = {"informed": INFORMED, "basis": "consent", "at": "2026-10-05T08:00:00Z"}
NONE = {"informed": None, "basis": None, "at": None}


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def announce(client: FlaskClient, **given: Any) -> int:
    return client.post("/lectures/ingest", json={**COURSE, **given}).status_code


def recorded(client: FlaskClient) -> Any:
    """As each answer that shows the lecture has it."""
    one = client.get("/lectures/hashing").get_json()
    for path in ("/lectures", "/courses/algorithms/lectures"):
        assert client.get(path).get_json()["lectures"] == [one]
    return one["consent"]


@pytest.mark.parametrize("known", [True, False], ids=["known course", "new course"])
def test_it_is_recorded_with_the_announcement(
    client: FlaskClient, runtime: Runtime, known: bool
) -> None:
    if known:
        add_course(runtime)
    assert announce(client, **GIVEN) == 201

    assert recorded(client) == RECORD


def test_or_with_a_form(client: FlaskClient) -> None:
    audio = (io.BytesIO(tone()), "x.wav", "audio/wav")
    answer = client.post("/lectures/ingest", data={**COURSE, **GIVEN, "audio": audio})

    assert answer.status_code == 201
    assert recorded(client) == RECORD


def test_or_later(client: FlaskClient) -> None:
    announce(client)
    assert recorded(client) == NONE

    answer = client.put("/lectures/hashing/consent", json=RECORD)

    assert (answer.status_code, answer.get_json(), recorded(client)) == (200, RECORD, RECORD)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("basis", LegalBasis)
def test_what_is_recorded_later_replaces_all_that_was(
    client: FlaskClient, basis: LegalBasis
) -> None:
    announce(client, **GIVEN)

    client.put("/lectures/hashing/consent", json={"basis": basis})
    assert recorded(client) == {**NONE, "basis": basis}

    client.put("/lectures/hashing/consent", json={})
    assert recorded(client) == NONE


def test_an_announcement_that_is_repeated_without_it_leaves_it(client: FlaskClient) -> None:
    announce(client, **GIVEN)

    announce(client, title="Hashing")
    assert recorded(client) == RECORD

    announce(client, consentBasis="public_task")
    assert recorded(client) == {**NONE, "basis": "public_task"}


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("informed", "\u200b \n"),
        ("informed", "x" * 1001),
        ("informed", 7),
        ("basis", "because"),
        ("at", "2026-10-05T10:00:00"),
        ("at", "yesterday"),
    ],
)
def test_what_is_no_record_is_refused(client: FlaskClient, field: str, value: object) -> None:
    announce(client, **GIVEN)

    later = client.put("/lectures/hashing/consent", json={field: value})
    announced = announce(client, **{f"consent{field.capitalize()}": value})

    assert (later.status_code, announced) == (422, 422)
    assert [each["field"] for each in later.get_json(force=True)["errors"]] == [field]
    assert recorded(client) == RECORD


def test_it_is_in_the_accounts_export_and_goes_with_the_lecture(
    client: FlaskClient, runtime: Runtime
) -> None:
    announce(client, **GIVEN)
    with runtime.database.reading() as session:
        [row] = lecture_rows(session, session.scalars(select(Lecture.id)).one())["lectures"]
    assert (row["consent_informed"], row["consent_basis"]) == (INFORMED, "consent")
    assert row["consent_at"].startswith("2026-10-05T08:00:00")

    assert client.delete("/lectures/hashing").status_code == 200

    assert tables_with(runtime, "Jo Muster") == []


def tables_with(rt: Runtime, words: str) -> list[str]:
    with rt.database.unit_of_work() as session:
        tables = session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        return [
            table
            for table in tables
            if session.scalar(
                text(f"SELECT EXISTS (SELECT FROM {table} t WHERE t::text LIKE :words)"),  # noqa: S608
                {"words": f"%{words}%"},
            )
        ]
