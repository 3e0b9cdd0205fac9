"""The stream of all of an owner's lectures: what it reports, and to whom."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from functions.ingest.app import create_app
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.following import AllLectures
from functions.retention.repairs.purges import run_purges
from shared.deletion.lectures import delete_course, delete_lecture
from shared.deletion.restricting import lift_restriction, restrict_lecture
from shared.deletion.takedowns import take_down
from shared.models import Course, JobType, LectureStatus
from shared.runtime import Runtime
from tests.support.access.issuer import OPERATOR_OWNER, Issuer
from tests.support.access.signed_in import signed_in
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    OWNER,
    add_lecture,
    enqueue,
    fan_out,
    finish_segment,
    running,
    uploaded,
)
from tests.support.lectures.events import Received, events_since, position, received

pytestmark = pytest.mark.usefixtures("owner_conditions")


UNKNOWN = {"percent": None, "stage": None, "estimatedSecondsLeft": None}


class Following:
    """A client whose stream stays open, from its `reset` on."""

    def __init__(self, rt: Runtime, owner: str = OWNER) -> None:
        self._source = AllLectures(rt, owner, rt.database.autocommit, None, TypicalTimes())
        self.began = self.look()
        assert self.began[0].name == "reset"
        # What a transaction of the database's own has held back.
        self.look()
        assert self.look() == []

    def look(self) -> list[Received]:
        return received(self._source.look())

    def about(self) -> list[str]:
        return [each.about for each in self.look()]


class TestBeginning:
    def test_a_new_client_lists_and_gets_the_lectures_under_way(self, rt: Runtime) -> None:
        lease = fan_out(rt, uploaded(rt, "under-way"), 2)
        finish_segment(rt, lease.job_id, 0)
        add_lecture(rt, "over", status=LectureStatus.COMPLETED)
        add_lecture(rt, "waiting")
        restrict_lecture(rt, uploaded(rt, "restricted"))

        began = Following(rt).began

        assert [each.about for each in began] == ["reset", "lecture under-way"]
        assert 0 < began[1].data["percent"] < 100
        assert len({each.id for each in began}) == 1


class TestChanges:
    def test_a_lecture_is_reported_as_the_list_shows_it_with_its_percentage(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        since = position(client)
        lease = fan_out(rt, uploaded(rt, title="On light", duration_sec=20.0), 2)
        finish_segment(rt, lease.job_id, 0)

        [event] = events_since(client, since)

        [listed] = client.get("/lectures").get_json()["lectures"]
        progress = client.get("/lectures/hashing/progress").get_json()
        assert event.name == "lecture"
        assert event.data == {
            **listed,
            "percent": progress["percent"],
            "stage": "transcription",
            "estimatedSecondsLeft": progress["estimatedSecondsLeft"],
        }
        assert progress["percent"] > 0
        assert progress["estimatedSecondsLeft"] > 0

    def test_each_step_of_a_lecture_is_reported_once(self, rt: Runtime) -> None:
        lecture = add_lecture(rt)
        following = Following(rt)
        steps: list[tuple[str, float]] = []

        def step() -> None:
            steps.extend((each.data["status"], each.data["percent"]) for each in following.look())
            assert following.look() == []

        with rt.database.unit_of_work() as session:
            session.execute(
                text("UPDATE lectures SET status = 'uploaded', source_generation = 1"),
            )
            session.commit()
        step()
        lease = fan_out(rt, lecture, 2)
        step()
        for index in range(2):
            finish_segment(rt, lease.job_id, index)
            step()

        statuses, percents = zip(*steps, strict=True)
        assert statuses == ("uploaded", "processing", "processing", "processing")
        assert list(percents) == sorted(set(percents))

    def test_that_the_estimate_counts_down_is_no_news(self, rt: Runtime, clock: HeldClock) -> None:
        lecture = uploaded(rt, duration_sec=3600.0)
        lease = fan_out(rt, lecture, 2)
        clock.advance(10)
        finish_segment(rt, lease.job_id, 0)
        following = Following(rt)

        clock.advance(5)
        with rt.database.unit_of_work() as session:
            session.execute(text("UPDATE lectures SET updated_at = updated_at"))
            session.commit()

        assert following.look() == []

    def test_a_renewed_lease_is_no_news(self, rt: Runtime, clock: HeldClock) -> None:
        lease = running(rt, uploaded(rt))
        following = Following(rt)

        clock.advance(30)
        rt.jobs.renew(lease)

        assert following.look() == []

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/lectures/hashing", {"title": "Another title"}),
            ("PUT", "/lectures/hashing/consent", {"informed": "all of them"}),
            ("PUT", "/courses/algorithms/retention", {"rawAudioDays": 3}),
            ("PUT", "/lectures/hashing/restriction", None),
        ],
    )
    def test_what_its_owner_changes_is_reported(
        self, rt: Runtime, client: FlaskClient, method: str, path: str, body: Any
    ) -> None:
        add_lecture(rt, status=LectureStatus.COMPLETED)
        following = Following(rt)

        answer = client.open(path, method=method, json=body)

        assert answer.status_code == 200, answer.text
        [event] = following.look()
        assert event.data.pop("percent") in (100, None)
        assert (event.data.pop("stage"), event.data.pop("estimatedSecondsLeft")) == (None, None)
        assert event.data == client.get("/lectures/hashing").get_json()

    def test_a_new_lecture_is_reported(self, rt: Runtime, client: FlaskClient) -> None:
        following = Following(rt)
        client.post("/lectures/ingest", json={"courseId": "algorithms", "lectureId": "new"})

        assert following.about() == ["lecture new"]

    def test_a_lecture_that_is_started_again_is_reported(self, rt: Runtime) -> None:
        lecture = add_lecture(rt, status=LectureStatus.COMPLETED)
        following = Following(rt)
        enqueue(rt, lecture, JobType.EXPORT)

        [event] = following.look()

        assert event.data["status"] == "processing"


class TestRestriction:
    def test_a_restricted_lecture_is_reported_as_the_list_of_restricted_ones_shows_it(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        lecture = uploaded(rt)
        following = Following(rt)
        restrict_lecture(rt, lecture)

        [event] = following.look()

        [listed] = client.get("/lectures?restricted=true").get_json()["lectures"]
        assert event.data == {**listed, **UNKNOWN}
        assert event.data["restrictedAt"] is not None
        lift_restriction(rt, lecture)
        [event] = following.look()
        assert (event.data["restrictedAt"], event.data["percent"]) == (None, 0)

    def test_a_takedown_is_reported_as_a_restriction(
        self, rt: Runtime, client: FlaskClient
    ) -> None:
        lecture = uploaded(rt)
        following = Following(rt)
        take_down(rt, lecture, "2026/17")

        [event] = following.look()

        [listed] = client.get("/lectures?restricted=true").get_json()["lectures"]
        assert event.data == {**listed, **UNKNOWN}
        assert "2026/17" not in json.dumps(event.data)


class TestDeletions:
    def test_a_deletion_is_reported_once_however_often_its_purge_runs(
        self, rt: Runtime, clock: HeldClock
    ) -> None:
        lecture = uploaded(rt)
        following = Following(rt)
        delete_lecture(rt, lecture)

        assert following.about() == [f"deleted {lecture.id}"]
        clock.advance(3600)
        run_purges(rt)
        assert following.look() == []

    def test_of_a_course_each_lecture_is_reported(self, rt: Runtime) -> None:
        lectures = [uploaded(rt, "one"), uploaded(rt, "two")]
        following = Following(rt)
        with rt.database.reading() as session:
            course = session.get_one(Course, lectures[0].course_id)
        delete_course(rt, course, keep_until=rt.clock() + timedelta(days=3))

        assert set(following.about()) == {f"deleted {each.id}" for each in lectures}

    def test_a_name_that_is_taken_again_is_another_lecture(self, rt: Runtime) -> None:
        first = uploaded(rt)
        following = Following(rt)
        delete_lecture(rt, first)
        second = add_lecture(rt)

        deleted, event = following.look()

        assert deleted.data == {"lectureKey": str(first.id)}
        assert event.data["lectureKey"] == str(second.id)
        assert (event.about, event.data["status"]) == ("lecture hashing", "awaiting_upload")

    def test_the_key_is_the_one_that_the_list_gives(self, rt: Runtime, client: FlaskClient) -> None:
        lecture = uploaded(rt)
        [listed] = client.get("/lectures").get_json()["lectures"]
        following = Following(rt)
        delete_lecture(rt, lecture)

        assert following.about() == [f"deleted {listed['lectureKey']}"]


class TestOwners:
    @pytest.fixture
    def cloud(self, rt: Runtime, issuer: Issuer) -> Runtime:
        return signed_in(rt, issuer)

    def test_lectures_of_others_are_never_reported(self, cloud: Runtime, issuer: Issuer) -> None:
        client = create_app(cloud).test_client()
        callers = {
            "user:alice": f"Bearer {issuer.id_token(sub='alice')}",
            "user:bob": f"Bearer {issuer.id_token(sub='bob')}",
            "an operator": f"Bearer {issuer.operator_token()}",
        }
        for owner in ("user:alice", OPERATOR_OWNER):
            add_lecture(cloud, "own", owner=owner)
        since = {who: position(client, Authorization=token) for who, token in callers.items()}
        kept, gone = (uploaded(cloud, slug, owner="user:bob") for slug in ("kept", "gone"))
        fan_out(cloud, kept, 2)
        delete_lecture(cloud, gone)

        seen = {
            who: sorted(
                each.about for each in events_since(client, since[who], Authorization=token)
            )
            for who, token in callers.items()
        }

        assert seen == {
            "user:alice": [],
            "user:bob": [f"deleted {gone.id}", "lecture kept"],
            "an operator": [],
        }
