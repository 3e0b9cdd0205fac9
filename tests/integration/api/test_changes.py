"""What an owner changes by hand: titles, presets, courses; and what follows from it."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.ingest.app import create_app
from shared.models import Course, ExportRow, Job, JobType, Lecture, ThreadAccount
from shared.runtime import Runtime
from shared.work.stages import GenerationParams
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    OWNER,
    add_lecture,
    complete,
    get_lecture,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture
from tests.support.sound.audio import tone

TITLE = "On hashing, once more"


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


@pytest.fixture
def whole(runtime: Runtime) -> WholeLecture:
    return add_whole_lecture(
        runtime, owner=OWNER, course="algorithms", slug="hashing", secret="aether"
    )


@pytest.fixture
def sibling(runtime: Runtime, whole: WholeLecture, clock: HeldClock) -> WholeLecture:
    """A lecture of the course that speaks of the same thread."""
    clock.advance(60)
    sibling = add_whole_lecture(
        runtime, owner=OWNER, course="algorithms", slug="trees", secret="phlogiston"
    )
    with runtime.database.unit_of_work() as session:
        for lecture in (whole.lecture, sibling.lecture):
            session.add(
                ThreadAccount(
                    thread_id=whole.thread_id,
                    lecture_id=lecture.id,
                    title="Ether",
                    aliases=[],
                    description="A medium",
                    complexity=1,
                )
            )
        session.commit()
    return sibling


def exports_queued(rt: Runtime) -> set[str]:
    with rt.database.reading() as session:
        return set(
            session.scalars(
                select(Lecture.slug)
                .join(Job, Job.lecture_id == Lecture.id)
                .where(Job.type == JobType.EXPORT, Job.status == "queued")
            )
        )


class TestLecture:
    def test_a_new_title_is_shown_and_its_files_are_made_again(
        self,
        client: FlaskClient,
        runtime: Runtime,
        whole: WholeLecture,
        messages: RecordingMessages,
    ) -> None:
        answer = client.patch("/lectures/hashing", json={"title": TITLE})

        assert (answer.status_code, answer.get_json()["title"]) == (200, TITLE)
        assert client.get("/lectures/hashing").get_json()["title"] == TITLE
        assert exports_queued(runtime) == {"hashing"}
        assert len(messages.to("export")) == 1
        with runtime.database.reading() as session:
            kept = session.scalars(select(ExportRow.lecture_id)).all()
        assert set(kept) == {whole.lecture.id}, "the earlier files stand until there are others"

    def test_files_of_lectures_that_share_a_thread_are_made_again(
        self, client: FlaskClient, runtime: Runtime, sibling: WholeLecture
    ) -> None:
        client.patch("/lectures/hashing", json={"title": TITLE})

        assert exports_queued(runtime) == {"hashing", "trees"}

    def test_the_same_title_makes_nothing(
        self, client: FlaskClient, runtime: Runtime, whole: WholeLecture
    ) -> None:
        before = client.get("/lectures/hashing").get_json()

        answer = client.patch("/lectures/hashing", json={"title": before["title"]})

        assert answer.get_json() == before
        assert exports_queued(runtime) == set()

    def test_null_takes_the_title_away_and_what_is_left_out_stays(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        uploaded(runtime, title="On hashing")

        client.patch("/lectures/hashing", json={})
        assert client.get("/lectures/hashing").get_json()["title"] == "On hashing"

        client.patch("/lectures/hashing", json={"title": None})
        assert client.get("/lectures/hashing").get_json()["title"] is None

    def test_a_preset_counts_for_material_that_is_made_from_then_on(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)

        answer = client.patch("/lectures/hashing", json={"presetId": "beginner"})

        assert answer.status_code == 200
        preset = answer.get_json()["presetId"]
        assert preset == get_lecture(runtime, lecture).preset_id != "exam"
        complete(runtime, running(runtime, lecture))
        params = GenerationParams.defaults(get_lecture(runtime, lecture))
        assert params.preset_id == preset

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": "\u200b"}, "title"),
            ({"title": "t" * 301}, "title"),
            ({"presetId": "none"}, "presetId"),
            ({"courseId": "no slug"}, "courseId"),
            ({"owner": "another"}, "owner"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, client: FlaskClient, runtime: Runtime, given: dict[str, str], field: str
    ) -> None:
        uploaded(runtime)

        answer = client.patch("/lectures/hashing", json=given)

        assert answer.status_code == 422
        assert [each["field"] for each in answer.get_json(force=True)["errors"]] == [field]

    def test_a_restricted_one_is_not_changed(
        self, client: FlaskClient, runtime: Runtime, whole: WholeLecture
    ) -> None:
        client.put("/lectures/hashing/restriction")

        answer = client.patch("/lectures/hashing", json={"title": TITLE})

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (
            409,
            "lecture_restricted",
        )
        assert get_lecture(runtime, whole.lecture).title != TITLE


class TestCourse:
    def test_one_is_made_and_found(self, client: FlaskClient) -> None:
        given = {"courseId": "logic", "title": "Logic", "description": "Proofs and models"}

        answer = client.post("/courses", json=given)

        assert answer.status_code == 201
        shown = client.get("/courses/logic").get_json()
        assert shown == answer.get_json()
        assert {name: shown[name] for name in given} == given

    def test_there_is_one_of_each_name(self, client: FlaskClient) -> None:
        client.post("/courses", json={"courseId": "logic", "title": "Logic"})

        again = client.post("/courses", json={"courseId": "logic", "title": "Another"})

        assert (again.status_code, again.get_json(force=True)["code"]) == (409, "conflict")
        assert client.get("/courses/logic").get_json()["title"] == "Logic"

    def test_a_new_title_makes_the_files_of_its_lectures_again(
        self, client: FlaskClient, runtime: Runtime, sibling: WholeLecture
    ) -> None:
        add_whole_lecture(runtime, owner=OWNER, course="logic", slug="proofs", secret="caloric")

        answer = client.patch("/courses/algorithms", json={"title": "Algorithms"})

        assert (answer.status_code, answer.get_json()["title"]) == (200, "Algorithms")
        assert exports_queued(runtime) == {"hashing", "trees"}

    def test_a_description_is_in_no_file(
        self, client: FlaskClient, runtime: Runtime, whole: WholeLecture
    ) -> None:
        answer = client.patch("/courses/algorithms", json={"description": "Of the second year"})

        assert answer.get_json()["description"] == "Of the second year"
        assert exports_queued(runtime) == set()

    def test_the_announcement_of_a_lecture_does_not_rename_it(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        def announce(lecture: str, title: str) -> None:
            given = {"courseId": "logic", "courseTitle": title, "lectureId": lecture}
            assert client.post("/lectures/ingest", json=given).status_code == 201

        announce("first", "Logic")
        announce("second", "Another")
        announce("second", "A third")

        assert client.get("/courses/logic").get_json()["title"] == "Logic"

    def test_a_deleted_one_is_not_changed(
        self, client: FlaskClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.post("/courses", json={"courseId": "logic"})
        original = type(runtime).transact

        def deleted_before(self: Runtime, work: Any) -> Any:
            with runtime.database.unit_of_work() as session:
                session.delete(session.scalars(select(Course)).one())
                session.commit()
            return original(self, work)

        monkeypatch.setattr(type(runtime), "transact", deleted_before)
        answer = client.patch("/courses/logic", json={"title": "Logic"})

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "not_found")


class TestAvailable:
    def available(self, client: FlaskClient) -> set[str]:
        [listed] = client.get("/lectures").get_json()["lectures"]
        shown = client.get("/lectures/hashing").get_json()["available"]
        assert listed["available"] == shown
        return {name for name, there in shown.items() if there}

    def test_it_follows_what_is_there(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        add_lecture(runtime)
        assert self.available(client) == set()
        client.delete("/lectures/hashing")

        uploaded(runtime)
        assert self.available(client) == {"recording"}
        client.delete("/lectures/hashing")

        whole = add_whole_lecture(
            runtime, owner=OWNER, course="algorithms", slug="hashing", secret="aether"
        )
        assert self.available(client) == {"recording", "transcript", "artifacts", "exports"}

        with runtime.database.unit_of_work() as session:
            lecture = session.get_one(Lecture, whole.lecture.id)
            lecture.raw_deleted_at = lecture.transcript_deleted_at = clock.now
            lecture.transcript_object = None
            session.commit()
        assert self.available(client) == {"artifacts", "exports"}


class TestRecording:
    def test_a_player_reads_it_by_ranges(
        self, client: FlaskClient, runtime: Runtime, whole: WholeLecture
    ) -> None:
        answer = client.get("/lectures/hashing/audio")

        assert answer.status_code == 302
        assert answer.headers["Cache-Control"] == "no-store"
        url = answer.headers["Location"]
        part = requests.get(url, timeout=10, headers={"Range": "bytes=4-11"})
        assert (part.status_code, part.content) == (206, tone()[4:12])
        assert part.headers["Content-Type"] == "audio/wav"
        assert part.headers["Content-Disposition"] == "inline"
        assert int(parse_qs(urlsplit(url).query)["X-Goog-Expires"][0]) == 900

    def test_there_is_none_before_the_upload(self, client: FlaskClient, runtime: Runtime) -> None:
        add_lecture(runtime)

        answer = client.get("/lectures/hashing/audio")

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "not_found")

    def test_what_retention_has_deleted_is_gone(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        uploaded(runtime, raw_deleted_at=clock.now - timedelta(days=1))

        answer = client.get("/lectures/hashing/audio")

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (
            410,
            "deleted_by_retention",
        )
