"""A course may have days of its own, and be held: nothing of it expires then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from functions.ingest.app import create_app
from shared.models import DeletionAuditEvent
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.lectures.builders import add_course, changed
from tests.support.lectures.retention import recorded, retain, there, transcribed

pytestmark = pytest.mark.usefixtures("owner_conditions")

RULES = "/courses/algorithms/retention"
USUAL = {"rawAudioDays": 30, "transcriptDays": 14, "materialDays": None, "held": False}


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def set_rules(client: FlaskClient, **rules: Any) -> dict[str, Any]:
    answer = client.put(RULES, json=rules)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.get_json()
    return shown


class TestRules:
    def test_a_course_without_any_is_kept_as_all_are(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        add_course(runtime)

        assert client.get(RULES).get_json() == {
            "courseId": "algorithms",
            "rules": {
                "rawAudioDays": None,
                "transcriptDays": None,
                "materialDays": None,
                "hold": None,
            },
            "inForce": USUAL,
        }

    def test_what_is_set_is_shown_and_setting_nothing_takes_it_back(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        add_course(runtime)
        until = (clock.now + timedelta(days=9)).isoformat().replace("+00:00", "Z")

        shown = set_rules(
            client, rawAudioDays=3, hold={"until": until, "reason": "An appeal is under way."}
        )

        assert client.get(RULES).get_json() == shown
        assert shown["rules"]["hold"] == {"until": until, "reason": "An appeal is under way."}
        assert shown["inForce"] == {**USUAL, "rawAudioDays": 3, "held": True}
        assert set_rules(client)["inForce"] == USUAL

    @pytest.mark.parametrize(
        "wrong",
        [
            {"rawAudioDays": 0},
            {"rawAudioDays": 3651},
            {"transcriptDays": 1.5},
            {"transcriptDays": "7"},
            {"hold": {}},
            {"hold": {"until": "2026-12-24T00:00:00"}},
            {"hold": {"until": "tomorrow"}},
            {"heldUntil": "2026-12-24T00:00:00Z"},
        ],
        ids=str,
    )
    def test_what_is_no_rule_is_refused(
        self, client: FlaskClient, runtime: Runtime, wrong: dict[str, Any]
    ) -> None:
        add_course(runtime)

        assert client.put(RULES, json=wrong).status_code == 422
        assert client.get(RULES).get_json()["inForce"] == USUAL

    def test_the_beginning_of_time_is_a_moment_too(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        add_course(runtime)

        assert not set_rules(client, hold={"until": "0001-01-01T00:00:00+23:59"})["inForce"]["held"]
        assert not client.get(RULES).get_json()["inForce"]["held"]

    def test_no_hold_and_no_days_are_longer_than_the_installation_allows(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        add_course(runtime)
        client = create_app(
            changed(runtime, plc_retention_hold_days_max=90, plc_retention_course_days_max=60)
        ).test_client()
        longest = clock.now + timedelta(days=90)

        for rules, field in (
            ({"hold": {"until": "9999-12-31T23:59:59-23:59"}}, "hold.until"),
            ({"hold": {"until": (longest + timedelta(seconds=1)).isoformat()}}, "hold.until"),
            ({"rawAudioDays": 61}, "rawAudioDays"),
            ({"transcriptDays": 61}, "transcriptDays"),
            ({"materialDays": 61}, "materialDays"),
        ):
            answer = client.put(RULES, json=rules)
            assert answer.status_code == 422
            assert [each["field"] for each in answer.get_json()["errors"]] == [field]
        assert client.get(RULES).get_json()["inForce"] == USUAL
        set_rules(client, rawAudioDays=60, hold={"until": longest.isoformat()})

    def test_who_asks_later_finds_in_the_audit_which_rules_there_were(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        course = add_course(runtime)
        set_rules(client, transcriptDays=7)

        with runtime.database.unit_of_work() as session:
            [event] = session.scalars(select(DeletionAuditEvent)).all()
        assert (event.subject, event.actor, event.outcome, event.created_at) == (
            f"course:{course.id}",
            "owner",
            "rules: recordings as usual, transcripts 7 days, material as usual, not held",
            clock.now,
        )

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE courses SET retention_raw_audio_days = 0",
            "UPDATE courses SET retention_transcript_days = 3651",
            "UPDATE courses SET retention_material_days = 0",
            "UPDATE courses SET hold_reason = 'none'",
        ],
    )
    def test_the_database_itself_refuses_what_is_no_rule(
        self, runtime: Runtime, statement: str
    ) -> None:
        add_course(runtime)

        with (
            pytest.raises(DBAPIError, match="check constraint"),
            runtime.database.engine.begin() as connection,
        ):
            connection.exec_driver_sql(statement)


class TestTheirEffect:
    def test_days_of_its_own_come_before_everybodys(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        short, [short_said] = transcribed(runtime, "short")
        usual, [usual_said] = transcribed(runtime, "usual", course="logic")
        long, [long_said] = transcribed(runtime, "long", course="biology")
        set_rules(client, rawAudioDays=2, transcriptDays=1)
        client.put("/courses/biology/retention", json={"rawAudioDays": 60, "transcriptDays": 50})

        def left() -> set[str]:
            return {
                name
                for lecture, said in ((short, short_said), (usual, usual_said), (long, long_said))
                for name in (lecture.source_object, said)
                if there(runtime, name)
            }

        clock.advance(days=1)
        retain(runtime)
        assert short_said not in left()
        assert len(left()) == 5
        clock.advance(days=1)
        retain(runtime)
        assert left() == {usual.source_object, usual_said, long.source_object, long_said}
        clock.advance(days=28)
        retain(runtime)
        assert left() == {long.source_object, long_said}
        clock.advance(days=20)
        retain(runtime)
        assert left() == {long.source_object}
        clock.advance(days=10)
        retain(runtime)
        assert left() == set()

    def test_a_hold_keeps_everything_until_it_is_over_and_the_report_counts_it(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture, [said] = transcribed(runtime)
        other = recorded(runtime, "other", course="logic")
        set_rules(client, hold={"until": (clock.now + timedelta(days=40)).isoformat()})
        clock.advance(-1, days=40)

        report = retain(runtime)

        assert there(runtime, lecture.source_object)
        assert there(runtime, said)
        assert not there(runtime, other.source_object)
        held = {name: each.lectures_held for name, each in report.policies.items()}
        assert (held["raw_audio"], held["transcript"]) == (1, 1)
        clock.advance(1)
        assert retain(runtime).total.deleted == 2

    def test_its_owner_may_delete_what_is_held(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        set_rules(client, hold={"until": (clock.now + timedelta(days=40)).isoformat()})

        assert client.delete("/lectures/hashing").get_json()["storage"] == "purged"

        assert not there(runtime, lecture.source_object)
