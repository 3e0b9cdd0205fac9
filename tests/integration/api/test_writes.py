"""Writes that behave: repeated with a key, counted, and paged through afterwards."""

import base64
import io
from typing import Any

import google_crc32c
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.ingest.web import idempotency
from shared.database.connections import Database
from shared.errors import TransientError
from shared.models import IdempotencyKey, Lecture, LectureStatus
from shared.runtime import Runtime, build_runtime
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    changed,
    enqueue,
    failed,
    get_jobs,
    get_lecture,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once
from tests.support.sound.audio import tone

ANNOUNCED = {"courseId": "algorithms"}
KEY = {"Idempotency-Key": "4711"}


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def lectures(rt: Runtime) -> int:
    with rt.database.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Lecture)) or 0


def code(answer: TestResponse) -> tuple[int, Any]:
    return answer.status_code, answer.get_json(force=True)["code"]


class TestIdempotency:
    def test_the_same_request_is_answered_and_not_done_again(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        first = client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)
        second = client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)

        assert (first.status_code, second.status_code) == (201, 201)
        assert second.get_data() == first.get_data()
        assert second.headers[idempotency.REPLAYED_HEADER] == "true"
        assert idempotency.REPLAYED_HEADER not in first.headers
        assert lectures(runtime) == 1

    def test_without_a_key_it_is_done_again(self, client: FlaskClient, runtime: Runtime) -> None:
        for _ in range(2):
            client.post("/lectures/ingest", json=ANNOUNCED)

        assert lectures(runtime) == 2

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/lectures/ingest", {**ANNOUNCED, "title": "Another"}),
            ("/lectures/hashing/generate", ANNOUNCED),
        ],
    )
    def test_another_request_with_its_key_is_refused(
        self, client: FlaskClient, runtime: Runtime, path: str, body: dict[str, Any]
    ) -> None:
        uploaded(runtime)
        client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)
        before = lectures(runtime)

        answer = client.post(path, json=body, headers=KEY)

        assert code(answer) == (409, "idempotency_key_reused")
        assert lectures(runtime) == before

    def test_of_twins_at_once_one_runs(self, runtime: Runtime) -> None:
        app = create_app(runtime)

        answers = at_once(
            lambda _: app.test_client().post("/lectures/ingest", json=ANNOUNCED, headers=KEY),
            range(8),
        )

        assert lectures(runtime) == 1
        done = [answer for answer in answers if answer.status_code == 201]
        assert len({answer.get_data() for answer in done}) == 1
        for answer in answers:
            if answer not in done:
                assert code(answer) == (409, "idempotency_in_progress")
                assert int(answer.headers["Retry-After"]) > 0

    def test_what_failed_may_be_tried_again_with_its_key(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = add_lecture(runtime)
        path = f"/lectures/{lecture.slug}/transcribe"
        assert code(client.post(path, headers=KEY)) == (409, "conflict")
        runtime.store.create(lecture.source_object, tone(), "audio/wav")

        assert client.post(path, headers=KEY).status_code == 202

    def test_a_key_whose_request_died_is_free_again(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        with runtime.database.unit_of_work() as session:
            session.add(
                IdempotencyKey(
                    scope="local",
                    key="4711",
                    request_hash="",
                    claim=runtime.new_id(),
                    response=None,
                    expires_at=clock.now + idempotency.ABANDONED_AFTER,
                )
            )
            session.commit()
        busy = client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)
        assert code(busy) == (409, "idempotency_in_progress")
        clock.advance(idempotency.ABANDONED_AFTER.total_seconds())

        assert client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY).status_code == 201

    def test_a_crash_after_the_write_makes_no_second_lecture(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)
        with runtime.database.unit_of_work() as session:
            # As if the process had died before it could keep its answer.
            session.delete(session.get_one(IdempotencyKey, ("local", "4711")))
            session.commit()

        again = client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)

        assert again.status_code == 201
        assert lectures(runtime) == 1

    def test_a_key_is_kept_for_its_time_and_no_longer(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        client.post("/lectures/ingest", json=ANNOUNCED, headers=KEY)
        clock.advance(runtime.settings.plc_idempotency_ttl_sec)

        answer = client.post("/lectures/ingest", json={"courseId": "biology"}, headers=KEY)

        assert answer.status_code == 201
        assert idempotency.REPLAYED_HEADER not in answer.headers

    def test_a_form_with_its_file_is_known_again_by_its_bytes(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        def send(data: bytes) -> TestResponse:
            form = {**ANNOUNCED, "audio": (io.BytesIO(data), "x.wav", "audio/wav")}
            return client.post("/lectures/ingest", data=form, headers=KEY)

        first, second = send(tone()), send(tone())

        assert first.status_code == second.status_code == 201, second.text
        assert first.get_data() == second.get_data()
        assert code(send(tone() + b"\0")) == (409, "idempotency_key_reused")
        assert lectures(runtime) == 1

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "ä", 'a"'])
    def test_a_key_that_is_none_is_refused(self, client: FlaskClient, key: str) -> None:
        answer = client.post("/lectures/ingest", json=ANNOUNCED, headers={"Idempotency-Key": key})

        assert code(answer) == (422, "invalid_request")


class TestRateLimit:
    @pytest.fixture
    def limited(self, runtime: Runtime) -> Runtime:
        return changed(
            runtime, plc_write_rate_limit_max_requests=3, plc_write_rate_limit_window_sec=60
        )

    def test_a_burst_is_let_through_and_then_one_by_one(
        self, limited: Runtime, clock: HeldClock
    ) -> None:
        client = create_app(limited).test_client()
        statuses = [client.post("/lectures/ingest", json=ANNOUNCED).status_code for _ in range(3)]
        refused = client.post("/lectures/ingest", json=ANNOUNCED)

        assert statuses == [201, 201, 201]
        assert code(refused) == (429, "rate_limited")
        wait = int(refused.headers["Retry-After"])
        assert 0 < wait <= 20
        clock.advance(wait)
        assert client.post("/lectures/ingest", json=ANNOUNCED).status_code == 201
        assert client.post("/lectures/ingest", json=ANNOUNCED).status_code == 429
        assert lectures(limited) == 4

    def test_it_holds_over_all_instances(self, limited: Runtime) -> None:
        instances = [create_app(changed(limited)) for _ in range(4)]

        answers = at_once(
            lambda app: app.test_client().post("/lectures/ingest", json=ANNOUNCED), instances * 3
        )

        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 9

    def test_it_holds_on_connections_that_are_used_again(self, limited: Runtime) -> None:
        url = limited.database.engine.url.set(drivername="postgresql")
        settings = changed(limited, database_url=url.render_as_string(hide_password=False)).settings
        # As in production: a small pool that asks each connection whether it is alive.
        database = Database.from_settings(settings.model_copy(update={"plc_db_pool_size": 1}))
        rt = build_runtime(
            settings,
            database=database,
            store=limited.store,
            messages=limited.messages,
            clock=limited.clock,
        )
        client = create_app(rt).test_client()

        statuses = [client.post("/lectures/ingest", json=ANNOUNCED).status_code for _ in range(5)]

        database.close()
        assert statuses == [201, 201, 201, 429, 429]

    def test_reads_are_not_counted(self, limited: Runtime) -> None:
        client = create_app(limited).test_client()

        assert {client.get("/lectures").status_code for _ in range(10)} == {200}


class TestPages:
    @pytest.fixture
    def seven(self, runtime: Runtime, clock: HeldClock) -> list[str]:
        """Newest first; two of them made at the same moment."""
        names = [f"lecture-{index}" for index in range(7)]
        for index, name in enumerate(names):
            if index != 3:
                clock.advance(1)
            add_lecture(runtime, name)
        return names[::-1]

    def ids(self, page: Any) -> list[str]:
        return [each["lectureId"] for each in page["lectures"]]

    def test_by_offset(self, client: FlaskClient, seven: list[str]) -> None:
        first, second, last = (
            client.get(f"/lectures?limit=3&offset={offset}").get_json() for offset in (0, 3, 6)
        )

        assert len({*self.ids(first), *self.ids(second), *self.ids(last)}) == 7
        assert first["pagination"]["total"] == 7
        assert [page["pagination"]["count"] for page in (first, second, last)] == [3, 3, 1]
        assert [page["pagination"]["hasMore"] for page in (first, second, last)] == [1, 1, 0]
        assert [page["pagination"]["nextOffset"] for page in (first, second, last)] == [3, 6, None]
        assert [page["pagination"]["prevOffset"] for page in (first, second, last)] == [None, 0, 3]

    def test_by_cursor_nothing_is_left_out_or_shown_twice_while_lectures_come(
        self, client: FlaskClient, runtime: Runtime, seven: list[str]
    ) -> None:
        seen: list[str] = []
        query = "limit=2"
        for number in range(10):
            page = client.get(f"/lectures?{query}").get_json()
            seen += self.ids(page)
            if not page["pagination"]["hasMore"]:
                break
            query = f"limit=2&cursor={page['pagination']['nextCursor']}"
            add_lecture(runtime, f"newer-{number}")

        assert sorted(seen) == sorted(seven)

    def test_a_limit_always_applies(self, client: FlaskClient, seven: list[str]) -> None:
        assert client.get("/lectures").get_json()["pagination"]["limit"] == 50
        for limit in ("0", "201", "1_0", "-1", "1.0", ""):
            assert client.get(f"/lectures?limit={limit}").status_code == 422

    @pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzXQ"])
    def test_a_made_up_cursor_is_unknown(self, client: FlaskClient, cursor: str) -> None:
        assert code(client.get(f"/lectures?cursor={cursor}")) == (404, "cursor_unknown")

    def test_another_lists_cursor_is_unknown(self, client: FlaskClient, seven: list[str]) -> None:
        cursor = client.get("/lectures?limit=1").get_json()["pagination"]["nextCursor"]

        assert code(client.get(f"/courses?cursor={cursor}")) == (404, "cursor_unknown")

    def test_a_parameter_that_is_unknown_or_given_twice_is_refused(
        self, client: FlaskClient
    ) -> None:
        assert client.get("/lectures?limt=3").status_code == 422
        assert client.get("/lectures?limit=3&limit=4").status_code == 422


class TestAnnouncedUploads:
    def checksum(self, data: bytes) -> str:
        return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()

    def test_the_announced_size_is_part_of_the_signature(self, client: FlaskClient) -> None:
        answer = client.post("/lectures/ingest", json={**ANNOUNCED, "sizeBytes": 1234}).get_json()

        assert answer["upload"]["headers"]["x-goog-content-length-range"] == "1234,1234"

    def test_one_that_is_too_large_is_refused_at_once(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        size = runtime.settings.plc_max_audio_upload_mb * 1_000_000 + 1

        answer = client.post("/lectures/ingest", json={**ANNOUNCED, "sizeBytes": size})

        assert code(answer) == (413, "payload_too_large")
        assert lectures(runtime) == 0

    def test_checksum_and_size_are_kept_for_the_check(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        announced = {**ANNOUNCED, "lectureId": "x", "sizeBytes": 9, "crc32c": self.checksum(b"a")}
        client.post("/lectures/ingest", json=announced)

        with runtime.database.unit_of_work() as session:
            row = session.scalars(select(Lecture)).one()
        assert (row.expected_size, row.expected_crc32c) == (9, self.checksum(b"a"))

    def test_an_unfinished_upload_gets_a_fresh_url_for_the_same_object(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        first = client.post("/lectures/ingest", json={**ANNOUNCED, "lectureId": "x"}).get_json()

        fresh = client.post("/lectures/x/upload-url")

        assert fresh.status_code == 200
        assert fresh.get_json()["url"].split("?")[0] == first["uploadUrl"].split("?")[0]

    def test_a_finished_one_does_not(self, client: FlaskClient, runtime: Runtime) -> None:
        uploaded(runtime)

        assert code(client.post("/lectures/hashing/upload-url")) == (409, "conflict")


class TestJobs:
    def test_a_job_is_cancelled_and_may_be_replayed(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        job = str(enqueue(runtime, lecture))

        cancelled = client.post(f"/jobs/{job}/cancel").get_json()

        assert (cancelled["status"], cancelled["error"]["code"]) == ("failed", "cancelled")
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED
        assert code(client.post(f"/jobs/{job}/cancel")) == (409, "conflict")
        assert client.get("/jobs/dead-letter").get_json()["jobs"] == []
        assert client.post(f"/jobs/{job}/replay").status_code == 202

    def test_a_batch_replays_each_failed_job_once_also_twice_at_once(
        self, runtime: Runtime
    ) -> None:
        wanted = {str(failed(runtime, uploaded(runtime, f"l{n}")).id) for n in range(5)}
        app = create_app(runtime)

        batches = at_once(
            lambda _: app.test_client().post("/jobs/dead-letter/replay").get_json(), range(3)
        )

        replayed = [each["jobId"] for batch in batches for each in batch["replayed"]]
        assert sorted(replayed) == sorted(wanted)
        again = app.test_client().post("/jobs/dead-letter/replay").get_json()
        assert again == {"replayed": [], "skipped": []}

    def test_a_lecture_lists_all_its_jobs(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = uploaded(runtime)
        old = failed(runtime, lecture)
        clock.advance(1)
        client.post(f"/jobs/{old.id}/replay")

        listed = client.get("/lectures/hashing/jobs").get_json()

        assert [job["replayedFrom"] for job in listed["jobs"]] == [str(old.id), None]
        assert len(get_jobs(runtime, lecture)) == 2

    def test_a_queue_that_is_away_refuses_no_write(
        self, client: FlaskClient, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        failed(runtime, uploaded(runtime))
        messages.away = TransientError("Pub/Sub: away")

        # The message is in the outbox; the sweep sends it.
        assert client.post("/lectures/hashing/transcribe").status_code == 202
