"""Reads: known versions, request ids, other pages' scripts, the description, watching."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.ingest.app import create_app
from shared.models import JobType, LectureStatus
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    add_segments,
    changed,
    complete,
    enqueue,
    fan_out,
    finish_segment,
    running,
    uploaded,
)
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


@pytest.fixture
def whole(runtime: Runtime) -> WholeLecture:
    return add_whole_lecture(
        runtime, owner="local", course="algorithms", slug="hashing", secret="collisions"
    )


class TestConditionalReads:
    @pytest.mark.parametrize(
        "path",
        [
            "/lectures/hashing/transcript",
            "/lectures/hashing/summary",
            "/lectures/hashing/artifacts/flashcards",
            "/openapi.json",
        ],
    )
    def test_what_the_client_has_is_not_sent_again(
        self, client: FlaskClient, whole: WholeLecture, path: str
    ) -> None:
        first = client.get(path)
        etag = first.headers["ETag"]

        second = client.get(path, headers={"If-None-Match": etag})
        other = client.get(path, headers={"If-None-Match": '"something-else"'})

        assert (first.status_code, second.status_code, other.status_code) == (200, 304, 200)
        assert second.get_data() == b""
        assert second.headers["ETag"] == etag
        assert other.get_data() == first.get_data() != b""

    def test_nothing_is_read_for_it(
        self, client: FlaskClient, runtime: Runtime, whole: WholeLecture
    ) -> None:
        etag = client.get("/lectures/hashing/transcript").headers["ETag"]
        for stored in runtime.store.list(runtime.names.folder("transcripts", whole.lecture.id)):
            runtime.store.delete(stored.name)

        known = client.get("/lectures/hashing/transcript", headers={"If-None-Match": etag})

        assert known.status_code == 304
        assert client.get("/lectures/hashing/transcript").status_code == 404


class TestRequestIds:
    def test_the_clients_is_kept(self, client: FlaskClient) -> None:
        answer = client.get("/lectures", headers={"X-Request-Id": "trace-1.a_B"})

        assert answer.headers["X-Request-Id"] == "trace-1.a_B"

    @pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "ü"])
    def test_one_that_is_none_is_replaced(self, client: FlaskClient, given: str) -> None:
        answer = client.get("/lectures", headers={"X-Request-Id": given})

        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])


class TestCors:
    ASKING = {  # noqa: RUF012
        "Origin": "https://app.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key, last-event-id",
    }

    def test_no_page_may_call_unless_the_settings_say_so(self, client: FlaskClient) -> None:
        for answer in (
            client.options("/lectures", headers=self.ASKING),
            client.get("/lectures", headers={"Origin": "https://app.example.org"}),
        ):
            assert "Access-Control-Allow-Origin" not in answer.headers

    def test_those_that_are_named_may(self, runtime: Runtime) -> None:
        rt = changed(runtime, plc_cors_origins="https://app.example.org, https://b.example.org")
        client = create_app(rt).test_client()

        asked = client.options("/lectures/ingest", headers=self.ASKING)
        got = client.get("/lectures", headers={"Origin": "https://b.example.org"})
        other = client.get("/lectures", headers={"Origin": "https://evil.example.org"})

        assert asked.status_code == 200
        assert asked.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
        allowed = asked.headers["Access-Control-Allow-Headers"].lower()
        assert {"idempotency-key", "last-event-id"} <= {*allowed.split(", ")}
        assert got.headers["Access-Control-Allow-Origin"] == "https://b.example.org"
        assert "ETag" in got.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Origin" not in other.headers


class TestDescription:
    def test_the_page_shows_every_operation_and_runs_nothing(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").get_json()
        page = client.get("/docs")

        assert page.mimetype == "text/html"
        assert "<script" not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        for path, methods in document["paths"].items():
            assert path in page.text
            for operation in methods.values():
                assert f'id="{operation["operationId"]}"' in page.text

    def test_every_field_that_clients_read_is_described_in_one_document(
        self, client: FlaskClient
    ) -> None:
        names = set(client.get("/openapi.json").get_json()["components"]["schemas"])

        assert {"LectureResponse", "ProgressResponse", "ProblemDocument", "Transcript"} <= names


class TestIntegrity:
    def test_a_whole_lecture_is_whole(self, client: FlaskClient, whole: WholeLecture) -> None:
        answer = client.get("/lectures/hashing/integrity").get_json()

        kinds = [each["kind"] for each in answer["objects"]]
        assert sorted(set(kinds)) == ["artifact", "export", "recording", "transcript"]
        # The recording's row was made up by the test: its generation is another.
        differing = [each["kind"] for each in answer["objects"] if each["status"] != "ok"]
        assert differing == ["recording"]
        assert not answer["ok"]

    def test_what_is_missing_is_named(
        self, client: FlaskClient, runtime: Runtime, whole: WholeLecture
    ) -> None:
        for stored in runtime.store.list(runtime.names.folder("exports", whole.lecture.id)):
            runtime.store.delete(stored.name)

        answer = client.get("/lectures/hashing/integrity").get_json()

        assert ["export", "markdown", "missing"] in [
            [each["kind"], each["type"], each["status"]] for each in answer["objects"]
        ]


class TestEstimate:
    def left(self, client: FlaskClient) -> Any:
        return client.get("/lectures/hashing/progress").get_json()["estimatedSecondsLeft"]

    def seen(self, runtime: Runtime, clock: HeldClock) -> None:
        """One lecture of 100 s that took 50 s to transcribe and 10 s for each other stage."""
        lecture = uploaded(runtime, "before", duration_sec=100.0)
        for type, seconds in (
            (JobType.TRANSCRIPTION, 50),
            (JobType.GENERATION, 10),
            (JobType.EXPORT, 10),
        ):
            lease = running(runtime, lecture, type)
            clock.advance(seconds)
            complete(runtime, lease)

    def test_the_first_lecture_is_estimated_from_the_benchmarks(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        enqueue(runtime, uploaded(runtime, duration_sec=100.0))

        assert self.left(client) == pytest.approx(100 * 0.071 + 3 + 3, abs=0.1)

    def test_where_the_length_is_unknown_there_is_none(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        enqueue(runtime, uploaded(runtime))

        assert self.left(client) is None

    def test_before_the_first_segment_the_last_lectures_tell(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        self.seen(runtime, clock)
        enqueue(runtime, uploaded(runtime, duration_sec=200.0))

        assert self.left(client) == 100 + 10 + 10

    def test_afterwards_its_own_segments_do(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        self.seen(runtime, clock)
        lease = fan_out(runtime, uploaded(runtime, duration_sec=40.0), 4)
        clock.advance(30)
        finish_segment(runtime, lease.job_id, 0)

        assert self.left(client) == 90 + 10 + 10

    def test_what_takes_longer_than_ever_has_none(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        self.seen(runtime, clock)
        lease = running(runtime, uploaded(runtime, duration_sec=20.0))
        add_segments(runtime, lease, range(2))
        clock.advance(3600)

        assert self.left(client) is None

    def test_nothing_is_left_of_what_is_over_or_has_not_begun(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        self.seen(runtime, clock)
        add_lecture(runtime)

        assert self.left(client) is None


class TestStreams:
    def events(self, text: str) -> list[tuple[str, Any]]:
        found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
        return [(name, json.loads(data)) for name, data in found]

    def test_what_is_over_is_told_and_the_stream_ends(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        add_lecture(runtime, status=LectureStatus.COMPLETED)

        answer = client.get("/lectures/hashing/progress/stream")

        assert answer.mimetype == "text/event-stream"
        names = [name for name, _ in self.events(answer.text)]
        assert names == ["progress", "end"]

    def test_only_so_many_are_open_and_each_gives_its_room_back(self, runtime: Runtime) -> None:
        # Two are wanted, of four threads; with as many as threads no other request would get one.
        rt = changed(runtime, plc_progress_streams_max=50, threads=4)
        uploaded(rt)
        client = create_app(rt).test_client()
        path = "/lectures/hashing/progress/stream"
        first, second = (client.get(path, buffered=False) for _ in range(2))
        began = iter(first.response)
        assert "progress" in "".join(str(next(began)) for _ in range(2))

        third = client.get(path)

        assert third.status_code == 503
        assert third.get_json(force=True)["code"] == "streams_busy"
        assert third.headers["Retry-After"]
        assert client.get("/lectures/hashing/progress").status_code == 200
        first.close()
        fourth = client.get(path, buffered=False)
        assert fourth.status_code == 200
        for stream in (second, fourth):
            stream.close()
