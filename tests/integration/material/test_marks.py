"""Moments that a student marks: kept with the lecture, shown in its files, gone with it."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.ingest.corrections.marks import MAX_MARKS
from functions.retention.accounts.rows import lecture_rows
from functions.retention.runs.expiry import expire
from shared.database.locks import lock_lecture
from shared.models import Job, Lecture, LectureMark
from shared.runtime import Runtime
from tests.integration.cuts.conftest import add_recorded, cut
from tests.integration.material.test_card_identity import generate, say
from tests.integration.material.test_item_edits import export, file
from tests.support.clock import HeldClock
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures.builders import changed, uploaded
from tests.support.lectures.retention import there
from tests.support.processes.threads import PATIENCE_SEC
from tests.support.processes.waiting import wait_until
from tests.unit.generate.lectures import lecture as spoken_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")

JSON = dict[str, Any]
SAID = spoken_lecture("hashing-1")
ADDRESS = "/lectures/hashing/marks"
DAY_SEC = 24 * 3600


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


@pytest.fixture
def waiting(client: FlaskClient) -> str:
    """A lecture that is announced, and whose recording is still to be uploaded."""
    body = {"courseId": "algorithms", "lectureId": "hashing"}
    assert client.post("/lectures/ingest", json=body).status_code == 201
    return "hashing"


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    """A lecture with its material."""
    lecture = uploaded(runtime, duration_sec=SAID.duration_sec)
    say(runtime, lecture, SAID)
    generate(runtime, lecture)
    return lecture


def post(client: FlaskClient, *marks: JSON, key: str | None = None) -> TestResponse:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(ADDRESS, json={"marks": list(marks)}, headers=headers)


def add(client: FlaskClient, *marks: JSON) -> JSON:
    answer = post(client, *marks)
    assert answer.status_code == 200, answer.text
    document: JSON = answer.get_json()
    return document


def marks(client: FlaskClient) -> list[JSON]:
    listed: list[JSON] = client.get(ADDRESS).get_json()["marks"]
    return listed


def shown(client: FlaskClient) -> list[tuple[float, str | None]]:
    return [(each["atSec"], each["label"]) for each in marks(client)]


def name(client: FlaskClient, mark: JSON, label: str | None) -> TestResponse:
    return client.patch(
        f"{ADDRESS}/{mark['markId']}", json={"label": label}, headers={"If-Match": mark["etag"]}
    )


def remove(client: FlaskClient, mark: JSON) -> TestResponse:
    return client.delete(f"{ADDRESS}/{mark['markId']}", headers={"If-Match": mark["etag"]})


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def problems(answer: TestResponse) -> set[tuple[str, str]]:
    return {(each["field"], each["code"]) for each in answer.get_json()["errors"]}


class TestAdding:
    def test_marks_are_kept_before_the_recording_has_arrived(
        self, client: FlaskClient, waiting: str
    ) -> None:
        done = add(client, {"atSec": 12.5}, {"atSec": 3, "label": " Proof,\n  again "})

        assert shown(client) == [(3.0, "Proof, again"), (12.5, None)]
        assert done["marks"] == marks(client)
        assert done["jobId"] is None

    def test_the_same_mark_sent_twice_is_one_and_keeps_its_label(
        self, client: FlaskClient, waiting: str
    ) -> None:
        first = add(client, {"atSec": 3.0004, "label": "Proof"})["marks"]

        again = add(client, {"atSec": 3}, {"atSec": 3.0001, "label": "Another"}, {"atSec": 9})

        assert again["marks"][0] == first[0]
        assert shown(client) == [(3.0, "Proof"), (9.0, None)]

    def test_a_repeated_request_does_not_bring_a_removed_mark_back(
        self, client: FlaskClient, waiting: str
    ) -> None:
        """The phone did not get the answer, and meanwhile the mark is removed elsewhere."""
        answer = post(client, {"atSec": 3}, key="upload-1")
        [mark] = answer.get_json()["marks"]
        assert remove(client, mark).status_code == 200

        again = post(client, {"atSec": 3}, key="upload-1")

        assert again.status_code == 200
        assert shown(client) == []

    def test_two_devices_that_send_the_same_marks_make_each_once(
        self, runtime: Runtime, client: FlaskClient, waiting: str
    ) -> None:
        batch = [{"atSec": second} for second in range(20)]
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(
                    lambda _: (
                        create_app(runtime).test_client().post(ADDRESS, json={"marks": batch})
                    ),
                    range(4),
                )
            )

        assert [answer.status_code for answer in answers] == [200] * 4
        assert shown(client) == [(float(second), None) for second in range(20)]

    def test_there_are_at_most_so_many(self, client: FlaskClient, waiting: str) -> None:
        add(client, *({"atSec": second} for second in range(MAX_MARKS)))

        refused = post(client, {"atSec": 1000}, {"atSec": 1001})

        assert code_of(refused) == (409, "too_many_marks")
        assert len(marks(client)) == MAX_MARKS
        assert post(client, {"atSec": 0}).status_code == 200

    @pytest.mark.parametrize(
        ("mark", "field", "code"),
        [
            ({"atSec": -0.1}, "marks.0.atSec", "too_small"),
            ({"atSec": 1e9}, "marks.0.atSec", "too_large"),
            ({"atSec": "3"}, "marks.0.atSec", "wrong_type"),
            ({"atSec": None}, "marks.0.atSec", "wrong_type"),
            ({"label": "Proof"}, "marks.0.atSec", "required"),
            ({"atSec": 3, "label": ""}, "marks.0.label", "wrong_form"),
            ({"atSec": 3, "label": "\u200b"}, "marks.0.label", "wrong_form"),
            ({"atSec": 3, "label": "a\x00b"}, "marks.0.label", "wrong_form"),
            ({"atSec": 3, "label": "x" * 121}, "marks.0.label", "too_long"),
            ({"atSec": 3, "colour": "red"}, "marks.0.colour", "unknown_field"),
        ],
    )
    def test_what_is_no_mark_is_refused(
        self, client: FlaskClient, waiting: str, mark: JSON, field: str, code: str
    ) -> None:
        refused = post(client, mark)

        assert code_of(refused) == (422, "invalid_request")
        assert (field, code) in problems(refused)
        assert shown(client) == []

    def test_a_label_reorders_no_text_around_it(self, client: FlaskClient, waiting: str) -> None:
        add(client, {"atSec": 3, "label": "a\u202eb\u2066c"})

        assert shown(client) == [(3.0, "abc")]

    def test_none_is_after_the_end(self, client: FlaskClient, lecture: Lecture) -> None:
        end = SAID.duration_sec
        add(client, {"atSec": end + 0.5})

        refused = post(client, {"atSec": 1}, {"atSec": end + 2})

        assert code_of(refused) == (422, "invalid_request")
        assert problems(refused) == {("marks.1.atSec", "too_large")}
        assert len(marks(client)) == 1

    def test_those_after_the_end_are_left_out_once_it_is_known(
        self, runtime: Runtime, client: FlaskClient, waiting: str
    ) -> None:
        add(client, {"atSec": 9}, {"atSec": 60.9}, {"atSec": 62})
        with runtime.database.unit_of_work() as session:
            session.execute(update(Lecture).values(duration_sec=60.0))
            session.commit()

        assert [second for second, _ in shown(client)] == [9.0, 60.9]


class TestChanging:
    def test_a_mark_gets_another_label_and_loses_it(
        self, client: FlaskClient, waiting: str
    ) -> None:
        [mark, other] = add(client, {"atSec": 3}, {"atSec": 9})["marks"]

        [named, beside] = name(client, mark, "Proof").get_json()["marks"]

        assert (named["label"], named["markId"]) == ("Proof", mark["markId"])
        assert named["etag"] != mark["etag"]
        assert beside == other
        assert name(client, named, None).status_code == 200
        assert shown(client) == [(3.0, None), (9.0, None)]

    def test_a_mark_that_was_changed_meanwhile_is_left_as_it_is(
        self, client: FlaskClient, waiting: str
    ) -> None:
        [mark] = add(client, {"atSec": 3})["marks"]
        assert name(client, mark, "Proof").status_code == 200

        assert code_of(name(client, mark, "Lemma")) == (412, "mark_changed")
        assert code_of(remove(client, mark)) == (412, "mark_changed")
        assert code_of(client.delete(f"{ADDRESS}/{mark['markId']}")) == (428, "condition_missing")
        assert shown(client) == [(3.0, "Proof")]

    def test_other_marks_do_not_matter(self, client: FlaskClient, waiting: str) -> None:
        [mark] = add(client, {"atSec": 3})["marks"]
        add(client, {"atSec": 9})

        assert name(client, mark, "Proof").status_code == 200

    def test_a_removed_mark_is_gone(self, client: FlaskClient, waiting: str) -> None:
        [mark, other] = add(client, {"atSec": 3}, {"atSec": 9})["marks"]

        assert remove(client, mark).get_json()["marks"] == [other]

        assert code_of(remove(client, mark)) == (404, "not_found")
        assert shown(client) == [(9.0, None)]

    @pytest.mark.parametrize("mark_id", ["", "x", "1" * 32, str(uuid.UUID(int=1))])
    def test_what_is_no_mark_of_the_lecture_is_not_found(
        self, client: FlaskClient, waiting: str, mark_id: str
    ) -> None:
        [mark] = add(client, {"atSec": 3})["marks"]

        assert name(client, {**mark, "markId": mark_id}, "Proof").status_code in (404, 405)

    def test_nor_is_that_of_another_lecture(
        self, runtime: Runtime, client: FlaskClient, waiting: str
    ) -> None:
        uploaded(runtime, "sorting")
        [mark] = add(client, {"atSec": 3})["marks"]

        answer = client.delete(
            f"/lectures/sorting/marks/{mark['markId']}", headers={"If-Match": mark["etag"]}
        )

        assert code_of(answer) == (404, "not_found")


class TestReading:
    def test_what_is_known_is_not_sent_again(self, client: FlaskClient, waiting: str) -> None:
        add(client, {"atSec": 3})
        etag = client.get(ADDRESS).headers["ETag"]
        known = {"If-None-Match": etag}
        assert client.get(ADDRESS, headers=known).status_code == 304

        add(client, {"atSec": 9})

        assert client.get(ADDRESS, headers=known).status_code == 200

    def test_the_lectures_screen_has_them(self, client: FlaskClient, lecture: Lecture) -> None:
        address = "/lectures/hashing/study?include=marks"
        before = client.get(address)
        assert before.get_json()["marks"] == []

        add(client, {"atSec": 3, "label": "Proof"})

        after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
        assert after.get_json()["marks"] == marks(client)
        assert after.get_json()["lecture"] is None
        assert client.get("/lectures/hashing/study?include=threads").get_json()["marks"] is None
        assert client.get("/lectures/hashing/study").get_json()["marks"] == marks(client)


class TestFiles:
    def test_they_show_the_marks_where_something_was_said(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
    ) -> None:
        export(runtime, lecture)
        said = SAID.utterances[7]
        clock.advance(60)
        at_sec = round(said.start_sec + 0.2, 3)
        done = add(client, {"atSec": at_sec, "label": "Important here"}, {"atSec": 0})
        assert done["jobId"]
        assert client.get("/lectures/hashing/exports").get_json()["outdated"] is True

        export(runtime, lecture)

        assert client.get("/lectures/hashing/exports").get_json()["outdated"] is False
        assert json.loads(file(runtime, lecture, "json"))["marks"] == [
            {"atSec": 0.0, "label": None},
            {"atSec": at_sec, "label": "Important here"},
        ]
        text = " ".join(file(runtime, lecture, "txt").decode().split())
        assert f"Important here] {said.text}" in text
        section = file(runtime, lecture, "markdown").decode().partition("## Marked moments")[2]
        first, second = section.split("\n##")[0].strip().splitlines()
        assert SAID.utterances[0].text[:20] in first
        assert "**Important here**" in second
        assert said.text[:20] in second

    def test_many_changes_make_them_again_in_one_job(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)
        [mark, other] = add(client, {"atSec": 3}, {"atSec": 9})["marks"]

        jobs = {
            name(client, mark, "Proof").get_json()["jobId"],
            remove(client, other).get_json()["jobId"],
            add(client, {"atSec": 17})["jobId"],
        }

        assert len(jobs) == 1
        assert None not in jobs

    def test_what_changes_nothing_leaves_them_alone(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        [mark] = add(client, {"atSec": 3, "label": "Proof"})["marks"]
        export(runtime, lecture)

        assert add(client, {"atSec": 3})["jobId"] is None
        assert name(client, mark, "Proof").get_json()["jobId"] is None
        assert client.get("/lectures/hashing/exports").get_json()["outdated"] is False

    def test_without_material_none_are_made(
        self, runtime: Runtime, client: FlaskClient, waiting: str
    ) -> None:
        add(client, {"atSec": 3})

        with runtime.database.reading() as session:
            assert session.scalars(select(Job)).all() == []


class TestGoing:
    @pytest.mark.parametrize("path", ["/lectures/hashing", "/courses/algorithms", "/me"])
    def test_with_what_they_belong_to(
        self, runtime: Runtime, client: FlaskClient, waiting: str, path: str
    ) -> None:
        add(client, {"atSec": 3})

        assert client.delete(path).status_code in (200, 202)

        assert remaining(runtime) == []

    def test_a_recording_of_the_same_name_begins_without_marks(
        self, runtime: Runtime, client: FlaskClient, waiting: str
    ) -> None:
        add(client, {"atSec": 3})
        assert client.delete("/lectures/hashing").status_code == 200
        body = {"courseId": "algorithms", "lectureId": "hashing"}
        assert client.post("/lectures/ingest", json=body).status_code == 201

        assert shown(client) == []

    def test_not_with_a_move(self, client: FlaskClient, lecture: Lecture) -> None:
        add(client, {"atSec": 3, "label": "Proof"})
        assert client.post("/courses", json={"courseId": "elsewhere"}).status_code == 201

        moved = client.patch("/lectures/hashing", json={"courseId": "elsewhere"})

        assert moved.status_code == 200
        assert shown(client) == [(3.0, "Proof")]

    def test_with_a_cut_of_their_second(self, runtime: Runtime, client: FlaskClient) -> None:
        add_recorded(runtime)
        quoting = "Mister Miller has failed his examination"
        add(
            client,
            *({"atSec": at_sec} for at_sec in (9, 10, 15, 19, 25)),
            {"atSec": 40, "label": f"Why {quoting}?"},
            {"atSec": 41, "label": "Mister Miller"},
        )

        assert cut(client).status_code == 202

        left = shown(client)
        assert (15.0, None) not in left
        assert {9.0, 25.0, 41.0} <= {second for second, _ in left}
        assert all(quoting not in (label or "") for _, label in left)

    def test_with_the_last_of_recording_transcript_and_material(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
    ) -> None:
        """In this order here: material may also be kept for good, and marks with it."""
        stored = runtime.store.create(lecture.source_object, b"audio", "audio/wav")
        with runtime.database.unit_of_work() as session:
            session.execute(update(Lecture).values(source_generation=stored.generation))
            session.commit()
        add(client, {"atSec": 3, "label": "Proof"})
        export(runtime, lecture)
        days = {"plc_retention_raw_audio_days": 10, "plc_retention_transcript_days": 20}
        until = changed(runtime, **days, plc_retention_material_days=30)
        for _ in range(2):
            clock.advance(11 * DAY_SEC)
            expire(until)
            assert shown(client) == [(3.0, "Proof")]
        assert not there(runtime, lecture.source_object)

        clock.advance(11 * DAY_SEC)
        until_then = (clock.now + timedelta(days=1)).isoformat()
        hold = {"hold": {"until": until_then}}
        assert client.put("/courses/algorithms/retention", json=hold).status_code == 200
        expire(until)
        assert remaining(runtime) == ["Proof"]
        assert client.put("/courses/algorithms/retention", json={}).status_code == 200
        expire(until)

        assert remaining(runtime) == []

    def test_a_copy_of_the_account_has_them(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        add(client, {"atSec": 3, "label": "Proof"})

        with runtime.database.reading() as session:
            [row] = lecture_rows(session, lecture.id)["lecture_marks"]

        assert (row["at_sec"], row["label"]) == (3.0, "Proof")


def test_of_a_restricted_lecture_none_are_shown_or_changed(
    client: FlaskClient, waiting: str
) -> None:
    [mark] = add(client, {"atSec": 3})["marks"]
    assert client.put("/lectures/hashing/restriction").status_code == 200

    for answer in (
        client.get(ADDRESS),
        post(client, {"atSec": 9}),
        name(client, mark, "Proof"),
        remove(client, mark),
    ):
        assert code_of(answer) == (409, "lecture_restricted")


def test_those_that_wait_for_a_restriction_are_not_added(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    """The request has found the lecture, and waits at its lock."""
    with ThreadPoolExecutor(1) as pool, runtime.database.unit_of_work() as session:
        lock_lecture(session, lecture.id)
        waiting = pool.submit(post, client, {"atSec": 3})
        wait_until(
            lambda: a_transaction_waits(runtime.database),
            timeout_sec=PATIENCE_SEC,
            what="the mark at the lock",
        )
        session.execute(update(Lecture).values(restricted_at=runtime.clock()))
        session.commit()
        answer = waiting.result(PATIENCE_SEC)

    assert code_of(answer) == (409, "lecture_restricted")
    assert remaining(runtime) == []


def remaining(rt: Runtime) -> list[str | None]:
    with rt.database.reading() as session:
        return list(session.scalars(select(LectureMark.label)))
