"""The HTTP API as a client meets it, on a real database and a real bucket."""

import io
import uuid
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.ingest.uploads.registration import register_upload
from functions.ingest.web.request_body import MAX_BODY_BYTES
from functions.retention.runs.expiry import expire
from shared.database.migrate import head_revision
from shared.documents.artifacts import ArtifactType
from shared.errors import NoSpeechError, TransientError
from shared.messaging.events import UploadFinalized
from shared.models import (
    ArtifactRow,
    Course,
    ExportRow,
    JobType,
    Lecture,
    LectureStatus,
    Thread,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
    WorkStatus,
)
from shared.runtime import Runtime, build_runtime
from shared.storage.bucket import ObjectStore
from shared.work.retry import Failure
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_course,
    add_lecture,
    add_segments,
    changed,
    claim_segment,
    columns,
    complete,
    enqueue,
    fan_out,
    finish_segment,
    get_job,
    get_jobs,
    get_lecture,
    running,
    uploaded,
)
from tests.support.lectures.builders import failed as failed_job
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once
from tests.support.sound.audio import tone

pytestmark = pytest.mark.usefixtures("owner_conditions")

INGEST = {"courseId": "algorithms", "lectureId": "hashing", "contentType": "audio/wav"}


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def body(response: TestResponse) -> Any:
    return response.get_json()


def assert_problem(response: TestResponse, status: int, code: str) -> Any:
    """An RFC 9457 document that can be told apart and traced."""
    document = response.get_json(force=True)
    assert (response.status_code, document["code"]) == (status, code), document
    assert response.content_type == "application/problem+json"
    assert document["status"] == status
    assert document["type"] == f"urn:pegasus:problem:{code}"
    assert document["title"]
    assert document["requestId"] == response.headers["X-Request-Id"] != ""
    return document


def the_lecture(rt: Runtime, slug: str = "hashing") -> Lecture:
    with rt.database.unit_of_work() as session:
        return session.scalars(select(Lecture).where(Lecture.slug == slug)).one()


def arrived(rt: Runtime, lecture: Lecture) -> UploadFinalized:
    """The notification of what now lies under the lecture's name."""
    stored = rt.store.stat(lecture.source_object)
    assert stored is not None
    return UploadFinalized(
        bucket=rt.settings.gcs_bucket,
        name=stored.name,
        generation=stored.generation,
        size=stored.size,
    )


class TestHealth:
    def test_it_is_alive_and_ready(self, client: FlaskClient) -> None:
        assert body(client.get("/health"))["status"] == "ok"
        ready = client.get("/health/ready")
        assert (ready.status_code, body(ready)) == (200, {"status": "ready"})

    def test_behind_its_schema_it_takes_no_work(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        with runtime.database.engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))

        answer = client.get("/health/ready")

        assert answer.status_code == 503
        assert list(body(answer)["failing"]) == ["database"]
        assert head_revision() in body(answer)["failing"]["database"]
        assert client.get("/health").status_code == 200

    def test_on_a_newer_schema_it_goes_on(self, client: FlaskClient, runtime: Runtime) -> None:
        # Migrations add before they take away: old code works until it is replaced.
        with runtime.database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'newer'"))

        assert client.get("/health/ready").status_code == 200

    def test_without_a_schema_it_takes_no_work(self, runtime: Runtime, client: FlaskClient) -> None:
        with runtime.database.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))

        assert list(body(client.get("/health/ready"))["failing"]) == ["database"]

    def test_without_its_bucket_it_takes_no_work(self, runtime: Runtime) -> None:
        settings = changed(runtime, gcs_bucket="nowhere").settings
        rt = build_runtime(
            settings,
            database=runtime.database,
            store=ObjectStore.from_settings(settings),
            messages=runtime.messages,
        )

        answer = create_app(rt).test_client().get("/health/ready")

        assert (answer.status_code, list(body(answer)["failing"])) == (503, ["storage"])

    def test_without_a_way_to_send_it_takes_no_work(
        self, client: FlaskClient, messages: RecordingMessages
    ) -> None:
        messages.away = TransientError("Pub/Sub: away")

        answer = client.get("/health/ready")

        assert (answer.status_code, list(body(answer)["failing"])) == (503, ["queue"])


class TestIngest:
    def test_a_recording_goes_straight_to_the_bucket_by_the_url_it_was_given(
        self, client: FlaskClient, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        data = tone()

        answer = client.post("/lectures/ingest", json=INGEST)

        assert answer.status_code == 201
        document = body(answer)
        assert (document["lectureId"], document["status"]) == ("hashing", "awaiting_upload")
        upload = document["upload"]
        assert document["uploadUrl"] == upload["url"]
        session = requests.post(upload["url"], headers=upload["headers"], timeout=10)
        assert session.status_code == 201, session.text
        done = requests.put(session.headers["Location"], data=data, timeout=10)
        assert done.status_code == 200, done.text

        lecture = the_lecture(runtime)
        assert document["audioPath"] == runtime.store.uri(lecture.source_object)
        assert runtime.store.read(lecture.source_object) == data
        assert register_upload(runtime, arrived(runtime, lecture)) == DONE
        assert len(messages.to("transcribe")) == 1

    def test_the_url_is_bound_to_type_and_size(self, runtime: Runtime) -> None:
        client = create_app(changed(runtime, plc_max_audio_upload_mb=1)).test_client()
        upload = body(client.post("/lectures/ingest", json=INGEST))["upload"]
        assert upload["maxBytes"] == 1_000_000

        for header, value in (
            ("content-type", "text/html"),
            ("x-goog-content-length-range", "1,999999999"),
            ("x-goog-if-generation-match", "1"),
        ):
            headers = {**upload["headers"], header: value}
            refused = requests.post(upload["url"], headers=headers, timeout=10)
            assert refused.status_code == 403, header

    def test_it_carries_no_credential(self, client: FlaskClient) -> None:
        url = body(client.post("/lectures/ingest", json=INGEST))["uploadUrl"]

        assert "token" not in url.lower()

    def test_a_small_file_may_come_with_the_request(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        data = tone()

        answer = client.post(
            "/lectures/ingest",
            data={
                "courseId": "algorithms",
                "lectureId": "hashing",
                "title": "On hashing",
                "audio": (io.BytesIO(data), "hashing.wav", "audio/wav"),
            },
        )

        assert answer.status_code == 201, answer.text
        lecture = the_lecture(runtime)
        assert body(answer)["audioPath"] == runtime.store.uri(lecture.source_object)
        assert lecture.title == "On hashing"
        assert lecture.source_object.endswith(".wav")
        assert runtime.store.read(lecture.source_object) == data
        assert register_upload(runtime, arrived(runtime, lecture)) == DONE

    @pytest.mark.parametrize("field", ["contentType", "content_type"])
    def test_a_form_may_say_what_kind_of_file_it_is(
        self, client: FlaskClient, runtime: Runtime, field: str
    ) -> None:
        form = {"courseId": "algorithms", "lectureId": "hashing", field: "audio/mp4"}

        answer = client.post(
            "/lectures/ingest",
            data={**form, "audio": (io.BytesIO(tone()), "x", "application/octet-stream")},
        )

        assert answer.status_code == 201, answer.text
        assert the_lecture(runtime).content_type == "audio/mp4"

    def test_the_name_of_an_uploaded_file_decides_nothing(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        client.post(
            "/lectures/ingest",
            data={**INGEST, "audio": (io.BytesIO(tone()), "../../../etc/passwd", "audio/wav")},
        )

        name = the_lecture(runtime).source_object
        assert name.startswith(runtime.names.folder("raw"))
        assert ".." not in name

    def test_a_form_without_a_file_is_refused(self, client: FlaskClient) -> None:
        answer = client.post(
            "/lectures/ingest", data={"courseId": "a", "file": (io.BytesIO(b""), "x.wav")}
        )

        assert_problem(answer, 422, "invalid_request")

    def test_a_body_beyond_the_platforms_limit_is_refused_with_advice(
        self, client: FlaskClient
    ) -> None:
        answer = client.post(
            "/lectures/ingest",
            content_type="multipart/form-data; boundary=x",
            environ_overrides={"CONTENT_LENGTH": str(MAX_BODY_BYTES + 1)},
        )

        assert "upload URL" in assert_problem(answer, 413, "payload_too_large")["detail"]

    def test_a_lecture_without_a_name_gets_one(self, client: FlaskClient) -> None:
        first, second = (
            body(client.post("/lectures/ingest", json={"courseId": "algorithms"}))["lectureId"]
            for _ in range(2)
        )

        assert first != second
        assert client.get(f"/lectures/{first}").status_code == 200

    def test_what_a_title_does_not_show_is_removed_from_it(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        title = " On\tthe \u202egnihsah\u202c\x07 of \u0645\u06cc\u200c\u062e "
        client.post("/lectures/ingest", json={**INGEST, "title": title})
        assert body(client.get("/lectures/hashing"))["title"] == (
            "On the gnihsah of \u0645\u06cc\u200c\u062e"
        )

    def test_an_announcement_names_a_course_that_it_makes(self, client: FlaskClient) -> None:
        client.post("/lectures/ingest", json={**INGEST, "courseTitle": "Algorithms I"})
        client.post("/lectures/ingest", json=INGEST)

        assert body(client.get("/courses/algorithms"))["title"] == "Algorithms I"

    def test_requests_at_the_same_time_make_one_lecture(self, runtime: Runtime) -> None:
        app = create_app(runtime)

        answers = at_once(
            lambda _: app.test_client().post("/lectures/ingest", json=INGEST), range(6)
        )

        assert {answer.status_code for answer in answers} == {201}
        assert len({body(answer)["audioPath"] for answer in answers}) == 1
        with runtime.database.unit_of_work() as session:
            assert len(session.scalars(select(Lecture)).all()) == 1
            assert len(session.scalars(select(Course)).all()) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lectureId": "../../etc"},
            {"lectureId": "a/b"},
            {"lectureId": ""},
            {"lectureId": "-x"},
            {"lectureId": "x" * 65},
            {"lectureId": "x\n"},
            {"lectureId": 7},
            {"courseId": None},
            {"courseId": "ko\u0308ln"},
            {"title": "\x00"},
            {"title": "nothing\x00 is stored"},
            {"title": "  "},
            {"title": "\u200b\u2060\ufeff"},
            {"title": "\u202e\x07"},
            {"title": "t" * 301},
            {"title": "\ud800"},
            {"presetId": "no such preset"},
            {"contentType": "text/html"},
            {"contentType": "audio/wav\r\nx-evil: 1"},
            {"sourceObject": "raw/of/somebody/else.wav"},
        ],
        ids=repr,
    )
    def test_what_does_not_fit_is_refused_and_leaves_nothing(
        self, client: FlaskClient, runtime: Runtime, wrong: dict[str, Any]
    ) -> None:
        answer = client.post("/lectures/ingest", json={**INGEST, **wrong})

        assert_problem(answer, 422, "invalid_request")
        with runtime.database.unit_of_work() as session:
            assert session.scalars(select(Lecture)).all() == []
            assert session.scalars(select(Course)).all() == []

    def test_the_answer_names_the_field(self, client: FlaskClient) -> None:
        problem = assert_problem(
            client.post("/lectures/ingest", json={"courseId": "a b"}), 422, "invalid_request"
        )

        assert [error["field"] for error in problem["errors"]] == ["courseId"]

    @pytest.mark.parametrize(
        ("data", "status", "code"),
        [
            (b"not json", 400, "bad_request"),
            (b"[]", 422, "invalid_request"),
            (b"null", 422, "invalid_request"),
        ],
    )
    def test_a_body_that_is_no_object_is_refused(
        self, client: FlaskClient, data: bytes, status: int, code: str
    ) -> None:
        answer = client.post("/lectures/ingest", data=data, content_type="application/json")

        assert_problem(answer, status, code)


class TestIngestAgain:
    def test_a_lecture_that_still_waits_gets_a_fresh_url_for_the_same_object(
        self, client: FlaskClient
    ) -> None:
        first = body(client.post("/lectures/ingest", json=INGEST))
        second = client.post("/lectures/ingest", json={**INGEST, "title": "On hashing"})

        assert second.status_code == 201
        assert body(second)["audioPath"] == first["audioPath"]
        assert body(client.get("/lectures/hashing"))["title"] == "On hashing"

    def test_an_upload_of_another_kind_gets_another_object(self, client: FlaskClient) -> None:
        first = body(client.post("/lectures/ingest", json=INGEST))
        second = body(client.post("/lectures/ingest", json={**INGEST, "contentType": "audio/mp4"}))

        assert second["audioPath"] != first["audioPath"]
        assert second["audioPath"].endswith(".m4a")

    def test_a_lecture_that_has_its_recording_keeps_it(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        client.post("/lectures/ingest", json=INGEST)
        lecture = the_lecture(runtime)
        runtime.store.create(lecture.source_object, tone(), "audio/wav")
        register_upload(runtime, arrived(runtime, lecture))
        before = columns(the_lecture(runtime))

        again = client.post("/lectures/ingest", json=INGEST)
        form = client.post(
            "/lectures/ingest",
            data={**INGEST, "audio": (io.BytesIO(tone(2)), "x.wav", "audio/wav")},
        )

        assert_problem(again, 409, "conflict")
        assert_problem(form, 409, "conflict")
        assert columns(the_lecture(runtime)) == before

    def test_a_lecture_whose_transcription_failed_keeps_its_recording(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        failed_job(runtime, uploaded(runtime))

        assert_problem(client.post("/lectures/ingest", json=INGEST), 409, "conflict")

    def test_a_lecture_stays_in_its_course(self, client: FlaskClient) -> None:
        client.post("/lectures/ingest", json=INGEST)

        moved = client.post("/lectures/ingest", json={**INGEST, "courseId": "biology"})

        assert_problem(moved, 409, "conflict")
        assert body(client.get("/lectures/hashing"))["courseId"] == "algorithms"
        assert client.get("/courses/biology").status_code == 404

    @pytest.mark.slow
    def test_one_that_was_turned_away_and_cleared_out_may_come_again_much_later(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        client.post("/lectures/ingest", json=INGEST)
        lecture = the_lecture(runtime)
        runtime.store.create(lecture.source_object, b"text", "audio/wav")
        register_upload(runtime, arrived(runtime, lecture))
        clock.advance(days=31)
        expire(runtime)

        client.post("/lectures/ingest", json=INGEST)

        anew = the_lecture(runtime)
        assert (anew.status, anew.error) == (LectureStatus.AWAITING_UPLOAD, None)
        assert (anew.raw_deleted_at, anew.source_generation) == (None, None)
        runtime.store.create(anew.source_object, tone(), "audio/wav")
        assert register_upload(runtime, arrived(runtime, anew)) == DONE


class TestStages:
    def test_a_finished_upload_is_found_without_waiting_for_its_notification(
        self, client: FlaskClient, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        client.post("/lectures/ingest", json=INGEST)
        lecture = the_lecture(runtime)
        runtime.store.create(lecture.source_object, tone(), "audio/wav")

        answer = client.post("/lectures/hashing/transcribe")

        assert answer.status_code == 202
        [job] = get_jobs(runtime, lecture)
        assert body(answer) == {
            "jobId": str(job.id),
            "lectureId": "hashing",
            "type": "transcription",
            "status": "queued",
            "deduplicated": True,
            "params": {"model": None, "language": None},
        }
        # And the notification, when it comes, finds it done.
        register_upload(runtime, arrived(runtime, lecture))
        assert len(get_jobs(runtime, lecture)) == len(messages.to("transcribe")) == 1

    def test_nothing_is_transcribed_before_it_is_there(self, client: FlaskClient) -> None:
        client.post("/lectures/ingest", json=INGEST)

        assert_problem(client.post("/lectures/hashing/transcribe"), 409, "conflict")

    @pytest.mark.parametrize("asked", ["at once", "after the notification"])
    def test_what_was_turned_away_is_not_transcribed(
        self, client: FlaskClient, runtime: Runtime, asked: str
    ) -> None:
        client.post("/lectures/ingest", json=INGEST)
        lecture = the_lecture(runtime)
        runtime.store.create(lecture.source_object, b"not a recording", "audio/wav")
        if asked == "after the notification":
            register_upload(runtime, arrived(runtime, lecture))

        assert_problem(client.post("/lectures/hashing/transcribe"), 409, "conflict")
        assert get_jobs(runtime, lecture) == []
        assert the_lecture(runtime).status == LectureStatus.FAILED

    def test_nothing_is_transcribed_whose_recording_is_gone(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = uploaded(runtime, raw_deleted_at=clock.now)
        complete(runtime, running(runtime, lecture))

        assert_problem(client.post("/lectures/hashing/transcribe"), 410, "deleted_by_retention")

    def test_a_lecture_may_be_transcribed_again_in_another_way(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        complete(runtime, running(runtime, lecture))

        answer = client.post("/lectures/hashing/transcribe?model=tiny&language=de")

        assert (answer.status_code, body(answer)["deduplicated"]) == (202, False)
        job = get_job(runtime, uuid.UUID(body(answer)["jobId"]))
        assert job.params == {"model": "tiny", "language": "de"}

    def test_a_language_may_be_an_order(self, client: FlaskClient, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        complete(runtime, running(runtime, lecture))

        answer = client.post("/lectures/hashing/transcribe?language=de&strict=true")

        job = get_job(runtime, uuid.UUID(body(answer)["jobId"]))
        assert job.params == {"model": None, "language": "de", "strict": True}
        refused = client.post("/lectures/hashing/transcribe?language=de&strict=yes")
        assert_problem(refused, 422, "invalid_request")

    @pytest.mark.parametrize(
        "query",
        [
            "provider=parrot",
            "model=/etc",
            "model=../weights",
            "model=gs://bucket/weights",
            "model=%00",
            "language=%00",
            "language=german",
        ],
    )
    def test_a_client_names_no_place_and_no_nonsense(
        self, client: FlaskClient, runtime: Runtime, query: str
    ) -> None:
        lecture = uploaded(runtime)
        complete(runtime, running(runtime, lecture))

        answer = client.post(f"/lectures/hashing/transcribe?{query}")

        assert_problem(answer, 422, "invalid_request")
        assert len(get_jobs(runtime, lecture)) == 1

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("language=xx", "language_unknown"),
            ("language=eng", "language_unknown"),
            ("model=tiny.en&language=de", "language_unknown"),
            ("model=gigantic", "model_unknown"),
            ("model=whisper-1", "model_unknown"),
            ("provider=openai", "provider_not_set_up"),
        ],
    )
    def test_what_cannot_be_had_is_refused_at_the_call(
        self, client: FlaskClient, runtime: Runtime, query: str, code: str
    ) -> None:
        lecture = uploaded(runtime)
        complete(runtime, running(runtime, lecture))
        _set(runtime, lecture, status=LectureStatus.COMPLETED)

        assert_problem(client.post(f"/lectures/hashing/transcribe?{query}"), 422, code)

        assert len(get_jobs(runtime, lecture)) == 1
        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED

    def test_generation_needs_a_transcript(
        self, client: FlaskClient, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)
        assert_problem(client.post("/lectures/hashing/generate"), 409, "conflict")

        _set(runtime, lecture, transcript_object="transcripts/x.json")
        answer = client.post("/lectures/hashing/generate")
        again = client.post("/lectures/hashing/generate", json={"presetId": "beginner"})

        assert (answer.status_code, body(answer)["deduplicated"]) == (202, False)
        assert body(again) == {**body(answer), "deduplicated": True}
        assert body(again)["params"] == {"presetId": "exam"}
        [job] = get_jobs(runtime, lecture)
        assert job.params == {"preset_id": "exam"}
        assert messages.to("generate") == [{"jobId": str(job.id)}]

    @pytest.mark.slow
    def test_generation_takes_the_preset_it_is_asked_for(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime, transcript_object="transcripts/x.json")

        assert_problem(
            client.post("/lectures/hashing/generate", json={"presetId": "x"}),
            422,
            "invalid_request",
        )
        client.post("/lectures/hashing/generate", json={"presetId": "beginner"})

        assert [job.params for job in get_jobs(runtime, lecture)] == [{"preset_id": "beginner"}]

    def test_export_needs_all_the_study_material(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        types = list(ArtifactType)
        for type in types[:-1]:
            _add_artifact(runtime, lecture, type)
        assert_problem(client.post("/lectures/hashing/export"), 409, "conflict")

        _add_artifact(runtime, lecture, types[-1])

        assert client.post("/lectures/hashing/export").status_code == 202
        assert [job.type for job in get_jobs(runtime, lecture)] == [JobType.EXPORT]

    def test_a_lecture_is_not_started_under_another_course(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        uploaded(runtime, transcript_object="transcripts/x.json")

        answer = client.post("/lectures/hashing/generate", json={"courseId": "biology"})

        assert_problem(answer, 409, "conflict")


class TestJobs:
    def test_a_client_that_comes_late_still_sees_what_happened(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        complete(runtime, lease, {"transcript": "gs://somewhere"})

        document = body(client.get(f"/jobs/{lease.job_id}"))

        assert [entry["status"] for entry in document["history"]] == [
            "queued",
            "running",
            "succeeded",
        ]
        assert (document["lectureId"], document["attempt"]) == ("hashing", 1)
        assert document["result"] == {"transcript": "gs://somewhere"}
        assert document["error"] is None

    def test_a_failed_one_is_replayed_once(
        self, client: FlaskClient, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        old = failed_job(runtime, uploaded(runtime), reason=NoSpeechError())
        messages.sent.clear()

        answers = [client.post(f"/jobs/{old.id}/replay") for _ in range(2)]

        first, second = map(body, answers)
        assert [answer.status_code for answer in answers] == [202, 202]
        assert (first["deduplicated"], second["deduplicated"]) == (False, True)
        assert first["jobId"] == second["jobId"] != str(old.id)
        assert messages.to("transcribe") == [{"jobId": first["jobId"]}]
        new = body(client.get(f"/jobs/{first['jobId']}"))
        assert new["replayedFrom"] == str(old.id)
        error = body(client.get(f"/jobs/{old.id}"))["error"]
        assert error["code"] == "no_speech"

    @pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
    def test_only_a_failed_one_is_replayed(
        self, client: FlaskClient, runtime: Runtime, state: str
    ) -> None:
        job_id = enqueue(runtime, uploaded(runtime))
        if state != "queued":
            lease = runtime.jobs.claim(job_id, JobType.TRANSCRIPTION)
            assert lease is not None
            if state == "succeeded":
                complete(runtime, lease)

        assert_problem(client.post(f"/jobs/{job_id}/replay"), 409, "conflict")

    @pytest.mark.parametrize("job_id", [str(uuid.UUID(int=7)), "7", "not-a-job", "%00"])
    def test_one_that_is_not_there_is_not_found(self, client: FlaskClient, job_id: str) -> None:
        assert_problem(client.get(f"/jobs/{job_id}"), 404, "not_found")
        assert_problem(client.post(f"/jobs/{job_id}/replay"), 404, "not_found")


class TestProgress:
    def progress(self, client: FlaskClient) -> tuple[str, float, dict[str, str], Any]:
        document = body(client.get("/lectures/hashing/progress"))
        stages = {stage["stage"]: stage["status"] for stage in document["stages"]}
        assert list(stages) == ["upload", "transcription", "generation", "export"]
        return document["overallStatus"], document["percent"], stages, document

    def test_before_the_upload(self, client: FlaskClient, runtime: Runtime) -> None:
        add_lecture(runtime)

        overall, percent, stages, _ = self.progress(client)

        assert (overall, percent) == ("not_started", 0)
        assert set(stages.values()) == {"not_started"}

    def test_after_an_upload_that_was_turned_away(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = add_lecture(runtime)
        runtime.store.create(lecture.source_object, b"text", "audio/wav")
        register_upload(runtime, arrived(runtime, lecture))

        overall, percent, stages, document = self.progress(client)

        assert (overall, percent, stages["upload"]) == ("failed", 0, "failed")
        assert document["error"]["code"] == "not_audio"
        assert document["stages"][0]["error"] == document["error"]

    def test_while_it_waits_it_says_how_many_are_before_it(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        for slug in ("one", "two"):
            enqueue(runtime, uploaded(runtime, slug))
            clock.advance(1)
        enqueue(runtime, uploaded(runtime, "other stage"), JobType.EXPORT)
        clock.advance(1)
        enqueue(runtime, uploaded(runtime))

        overall, percent, stages, document = self.progress(client)

        assert (overall, percent) == ("in_progress", 2)
        assert (stages["upload"], stages["transcription"]) == ("succeeded", "queued")
        assert document["stages"][1]["jobsAhead"] == 2

    def test_it_grows_with_every_segment(self, client: FlaskClient, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        lease = running(runtime, lecture)
        seen = [self.progress(client)[1]]
        add_segments(runtime, lease, range(4))
        with runtime.database.unit_of_work() as session:
            runtime.segments.hand_over(session, lease, 4)
            session.commit()
        for index in range(4):
            join = finish_segment(runtime, lease.job_id, index)
            seen.append(self.progress(client)[1])
        assert join is not None
        complete(runtime, join)
        seen.append(self.progress(client)[1])

        assert seen == sorted(set(seen))
        assert (seen[0], seen[-1]) == (2, 80)

    def test_segments_tell_where_in_the_lecture_the_work_is(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lease = fan_out(runtime, uploaded(runtime), 2)
        finish_segment(runtime, lease.job_id, 0)
        claim_segment(runtime, lease.job_id, 1)

        _, _, stages, document = self.progress(client)

        assert stages["transcription"] == "running"
        assert document["stages"][1]["segments"] == [
            {"index": 0, "startSec": 0, "endSec": 10, "status": "succeeded", "attempt": 1},
            {"index": 1, "startSec": 10, "endSec": 20, "status": "running", "attempt": 1},
        ]

    def test_a_failure_says_in_which_stage_and_why(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        complete(runtime, running(runtime, lecture))
        failed_job(runtime, lecture, JobType.GENERATION, reason=NoSpeechError("Silence."))

        overall, percent, stages, document = self.progress(client)

        assert (overall, percent) == ("failed", 80)
        assert (stages["transcription"], stages["generation"]) == ("succeeded", "failed")
        reason = {"code": "no_speech", "message": "Silence."}
        assert document["error"] == document["stages"][2]["error"] == reason

    def test_an_attempt_that_will_be_repeated_is_no_failure(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        runtime.jobs.fail(lease, Failure.of(TransientError("away")))

        overall, _, stages, document = self.progress(client)

        assert (overall, stages["transcription"]) == ("in_progress", "queued")
        assert document["stages"][1]["error"] is None

    def test_after_a_replay_only_the_new_job_counts(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        old = failed_job(runtime, uploaded(runtime))
        clock.advance(1)
        client.post(f"/jobs/{old.id}/replay")

        overall, _, stages, document = self.progress(client)

        assert (overall, stages["transcription"]) == ("in_progress", "queued")
        assert document["error"] is None

    def test_at_the_end(self, client: FlaskClient, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        for type in JobType:
            complete(runtime, running(runtime, lecture, type))
        _set(runtime, lecture, status=LectureStatus.COMPLETED)

        overall, percent, stages, _ = self.progress(client)

        assert (overall, percent) == ("completed", 100)
        assert set(stages.values()) == {"succeeded"}

    @pytest.mark.parametrize(
        ("again", "progress"),
        [
            (JobType.TRANSCRIPTION, (["queued", "not_started", "not_started"], 2)),
            (JobType.GENERATION, (["succeeded", "queued", "not_started"], 80)),
            (JobType.EXPORT, (["succeeded", "succeeded", "queued"], 92)),
        ],
    )
    def test_what_follows_a_stage_that_was_started_again_has_not_begun(
        self,
        client: FlaskClient,
        runtime: Runtime,
        clock: HeldClock,
        again: JobType,
        progress: tuple[list[str], float],
    ) -> None:
        lecture = uploaded(runtime)
        for type in JobType:
            complete(runtime, running(runtime, lecture, type))
            clock.advance(1)
        _set(runtime, lecture, status=LectureStatus.COMPLETED)
        enqueue(runtime, lecture, again)

        overall, percent, stages, _ = self.progress(client)

        assert overall == "in_progress"
        upload, *others = stages.values()
        assert (upload, (others, percent)) == ("succeeded", progress)

    def test_a_completed_lecture_whose_second_run_failed_keeps_its_stages(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = uploaded(runtime)
        for type in JobType:
            complete(runtime, running(runtime, lecture, type))
            clock.advance(1)
        failed_job(runtime, lecture, JobType.GENERATION, reason=NoSpeechError("Silence."))
        _set(runtime, lecture, status=LectureStatus.COMPLETED, error=None)

        overall, percent, stages, _ = self.progress(client)

        assert (overall, percent) == ("completed", 100)
        assert list(stages.values()) == ["succeeded", "succeeded", "failed", "succeeded"]


class TestReading:
    def test_a_lecture_tells_its_state(self, client: FlaskClient, runtime: Runtime) -> None:
        lecture = uploaded(runtime, title="On hashing", duration_sec=61.5, language="en")

        document = body(client.get("/lectures/hashing"))

        assert document["audioPath"] == runtime.store.uri(lecture.source_object)
        assert (document["title"], document["durationSec"], document["language"]) == (
            "On hashing",
            61.5,
            "en",
        )
        assert (document["status"], document["audioBytes"]) == ("uploaded", 32_000)

    def test_the_transcript_comes_from_the_bucket(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        assert_problem(client.get("/lectures/hashing/transcript"), 404, "not_found")
        name = runtime.names.transcript(lecture.id, uuid.uuid4(), 1)
        _set(runtime, lecture, transcript_object=name)
        assert_problem(client.get("/lectures/hashing/transcript"), 404, "not_found")
        runtime.store.create(name, '{"language":"de","text":"größer"}'.encode(), "application/json")

        answer = client.get("/lectures/hashing/transcript")

        assert answer.content_type == "application/json"
        assert body(answer) == {"language": "de", "text": "größer"}

    def test_study_material_is_listed_and_read(self, client: FlaskClient, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        assert_problem(client.get("/lectures/hashing/summary"), 404, "not_found")
        row = _add_artifact(runtime, lecture, ArtifactType.SUMMARY)
        runtime.store.create(row.object, b'{"overview":"short"}', "application/json")

        [record] = body(client.get("/lectures/hashing/artifacts"))["artifacts"]
        assert (record["type"], record["path"]) == ("summary", runtime.store.uri(row.object))
        assert (record["version"], record["counts"]) == (1, {"sections": 3})
        for path in ("summary", "artifacts/summary"):
            assert body(client.get(f"/lectures/hashing/{path}")) == {"overview": "short"}
        for unknown in ("outline", "poem"):
            assert_problem(client.get(f"/lectures/hashing/artifacts/{unknown}"), 404, "not_found")

    def test_an_export_is_fetched_from_the_bucket_under_its_own_name(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        lecture = uploaded(runtime)
        _add_export(runtime, lecture, "markdown", b"# Hashing")

        [record] = body(client.get("/lectures/hashing/exports"))["exports"]
        assert (record["type"], record["fileName"]) == ("markdown", "algorithms-hashing.md")
        answer = client.get("/exports/hashing/markdown")
        assert answer.status_code == 302
        assert answer.headers["Cache-Control"] == "no-store"
        fetched = requests.get(answer.headers["Location"], timeout=10)
        assert (fetched.status_code, fetched.content) == (200, b"# Hashing")
        assert "algorithms-hashing.md" in fetched.headers["Content-Disposition"]
        tampered = answer.headers["Location"].replace("markdown", "secrets")
        assert requests.get(tampered, timeout=10).status_code == 403
        assert_problem(client.get("/exports/hashing/pdf"), 404, "not_found")

    @pytest.mark.sampled(5)
    @pytest.mark.parametrize(
        "path",
        [
            "/lectures/none",
            "/lectures/none/progress",
            "/lectures/none/transcript",
            "/lectures/none/artifacts",
            "/lectures/none/artifacts/summary",
            "/lectures/none/exports",
            "/exports/none/pdf",
            "/courses/none",
            "/courses/none/threads",
            "/lectures/%00",
            "/courses/%00/threads",
            "/exports/none/%00",
            "/nowhere",
        ],
    )
    def test_what_is_not_there_is_not_found(self, client: FlaskClient, path: str) -> None:
        assert_problem(client.get(path), 404, "not_found")

    def test_a_wrong_method_is_a_problem_document_too(self, client: FlaskClient) -> None:
        assert_problem(client.delete("/health"), 405, "method_not_allowed")


class TestThreads:
    @pytest.fixture
    def course(self, runtime: Runtime, clock: HeldClock) -> Course:
        """Three threads, one of which two lectures speak of."""
        course = add_course(runtime)
        with runtime.database.unit_of_work() as session:
            for index, title in enumerate(("Collisions", "Buckets", "Load factor")):
                session.add(
                    Thread(
                        id=uuid.UUID(int=index),
                        course_id=course.id,
                        key=title.lower(),
                        title=title,
                        description=f"About {title.lower()}.",
                        complexity=index + 1,
                        created_at=clock.now,
                        updated_at=clock.now,
                    )
                )
            session.commit()
        for slug in ("first", "second"):
            clock.advance(60)
            lecture = uploaded(runtime, slug)
            with runtime.database.unit_of_work() as session:
                session.add(
                    ThreadOccurrence(
                        id=uuid.uuid4(),
                        thread_id=uuid.UUID(int=0),
                        lecture_id=lecture.id,
                        quote=f"collisions, {slug}",
                        start_sec=1.5,
                        end_sec=2.5,
                    )
                )
                if slug == "second":
                    session.add(
                        ThreadUpdate(
                            id=uuid.uuid4(),
                            thread_id=uuid.UUID(int=0),
                            lecture_id=lecture.id,
                            change=ThreadChange.REFINEMENT,
                            summary="Now with chaining.",
                            created_at=clock.now,
                        )
                    )
                session.commit()
        return course

    def test_they_tell_where_a_concept_appears_and_how_it_changed(
        self, client: FlaskClient, course: Course
    ) -> None:
        document = body(client.get(f"/courses/{course.slug}/threads"))

        assert document["pagination"]["total"] == 3
        titles = [thread["title"] for thread in document["threads"]]
        assert titles == ["Buckets", "Collisions", "Load factor"]
        collisions = document["threads"][1]
        assert collisions["occurrences"] == [
            {"lectureId": slug, "quote": f"collisions, {slug}", "startSec": 1.5, "endSec": 2.5}
            for slug in ("first", "second")
        ]
        [update] = collisions["updates"]
        assert (update["lectureId"], update["change"]) == ("second", "refinement")
        assert document["threads"][0]["occurrences"] == []

    def test_they_come_in_pages(self, client: FlaskClient, course: Course) -> None:
        pages = [
            body(client.get(f"/courses/{course.slug}/threads?limit=2&offset={offset}"))
            for offset in (0, 2, 4)
        ]

        assert [[thread["title"] for thread in page["threads"]] for page in pages] == [
            ["Buckets", "Collisions"],
            ["Load factor"],
            [],
        ]
        assert {page["pagination"]["total"] for page in pages} == {3}

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=501", "limit=x", "offset=-1", "offset=99999999999999999999"]
    )
    def test_a_limit_always_applies(self, client: FlaskClient, course: Course, query: str) -> None:
        answer = client.get(f"/courses/{course.slug}/threads?{query}")

        assert_problem(answer, 422, "invalid_request")


class TestAccess:
    TOKEN = "a-long-secret"

    @pytest.fixture
    def cloud(self, runtime: Runtime) -> FlaskClient:
        rt = changed(runtime, plc_environment="cloud", plc_write_api_token=f"{self.TOKEN}\n")
        return create_app(rt).test_client()

    @property
    def right(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.TOKEN}"}

    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \xff"],
    )
    def test_nobody_gets_in_without_the_token(
        self, cloud: FlaskClient, runtime: Runtime, authorization: str | None
    ) -> None:
        uploaded(runtime, owner="operator")
        headers = {} if authorization is None else {"Authorization": authorization}

        for method, path in (
            ("GET", "/lectures/hashing"),
            ("POST", "/lectures/ingest"),
            ("POST", "/lectures/hashing/transcribe"),
            ("GET", "/nowhere"),
        ):
            answer = cloud.open(path, method=method, headers=headers)
            assert_problem(answer, 401, "unauthorized")

    def test_with_it_its_own_lectures_are_opened(
        self, cloud: FlaskClient, runtime: Runtime
    ) -> None:
        answer = cloud.post("/lectures/ingest", json=INGEST, headers=self.right)

        assert answer.status_code == 201
        assert the_lecture(runtime).owner == "operator"
        assert cloud.get("/lectures/hashing", headers=self.right).status_code == 200

    @pytest.mark.parametrize("token", [None, "", " \n"])
    def test_where_no_token_is_set_nobody_gets_in(
        self, runtime: Runtime, token: str | None
    ) -> None:
        rt = changed(runtime, plc_environment="cloud", plc_write_api_token=token)
        client = create_app(rt).test_client()

        for authorization in ("Bearer ", "Bearer  ", "Bearer None"):
            answer = client.get("/lectures/x", headers={"Authorization": authorization})
            assert_problem(answer, 401, "unauthorized")

    def test_health_is_for_everybody(self, cloud: FlaskClient) -> None:
        assert cloud.get("/health").status_code == 200
        assert cloud.get("/health/ready").status_code == 200

    def test_what_belongs_to_others_does_not_exist(
        self, cloud: FlaskClient, runtime: Runtime
    ) -> None:
        theirs = uploaded(runtime, owner="somebody else", transcript_object="t.json")
        failed_job(runtime, theirs)
        _add_export(runtime, theirs, "markdown", b"# Hashing")
        _add_artifact(runtime, theirs, ArtifactType.SUMMARY)
        before = len(get_jobs(runtime, theirs))

        for path in (
            "/lectures/hashing",
            "/lectures/hashing/progress",
            "/lectures/hashing/transcript",
            "/lectures/hashing/artifacts",
            "/lectures/hashing/artifacts/summary",
            "/lectures/hashing/summary",
            "/lectures/hashing/exports",
            "/exports/hashing/markdown",
            "/courses/algorithms",
            "/courses/algorithms/threads",
        ):
            assert_problem(cloud.get(path, headers=self.right), 404, "not_found")
        for path in (
            "/lectures/hashing/transcribe",
            "/lectures/hashing/generate",
            "/lectures/hashing/export",
        ):
            assert_problem(cloud.post(path, headers=self.right), 404, "not_found")
        assert len(get_jobs(runtime, theirs)) == before

    def test_two_owners_may_use_the_same_names(self, cloud: FlaskClient, runtime: Runtime) -> None:
        theirs = uploaded(runtime, owner="somebody else")

        answer = cloud.post("/lectures/ingest", json=INGEST, headers=self.right)

        assert answer.status_code == 201
        assert body(answer)["audioPath"] != runtime.store.uri(theirs.source_object)
        assert get_lecture(runtime, theirs).status == LectureStatus.UPLOADED


class TestTrouble:
    def test_while_the_bucket_is_away_the_client_is_asked_to_come_again(
        self, runtime: Runtime
    ) -> None:
        class Away(ObjectStore):
            def __init__(self) -> None:
                """Needs no bucket."""

            def read(self, name: str, *, generation: int | None = None) -> bytes:
                raise TransientError("storage: away")

        uploaded(runtime, transcript_object="t.json")
        rt = build_runtime(
            runtime.settings, database=runtime.database, store=Away(), messages=runtime.messages
        )

        answer = create_app(rt).test_client().get("/lectures/hashing/transcript")

        assert_problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"]

    def test_an_error_nobody_foresaw_gives_nothing_away(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        uploaded(runtime)
        with runtime.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE jobs RENAME TO gone"))

        problem = assert_problem(client.get("/lectures/hashing/progress"), 500, "internal")

        assert "jobs" not in problem["detail"]

    def test_a_message_that_cannot_be_sent_now_does_not_fail_the_request(
        self, client: FlaskClient, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime, transcript_object="t.json")
        messages.down["generate"] = TransientError("away")

        answer = client.post("/lectures/hashing/generate")

        assert answer.status_code == 202
        assert get_jobs(runtime, lecture)[0].status == WorkStatus.QUEUED


def _set(rt: Runtime, lecture: Lecture, **values: Any) -> None:
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()


def _add_artifact(rt: Runtime, lecture: Lecture, type: ArtifactType) -> ArtifactRow:
    job_id = uuid.uuid4()
    row = ArtifactRow(
        id=uuid.uuid4(),
        lecture_id=lecture.id,
        type=type,
        preset_id="exam",
        version=1,
        object=rt.names.artifact(lecture.id, job_id, 1, type.value),
        size=20,
        counts={"sections": 3},
        job_id=job_id,
        created_at=rt.clock(),
    )
    with rt.database.unit_of_work() as session:
        session.add(row)
        session.commit()
    return row


def _add_export(rt: Runtime, lecture: Lecture, type: str, data: bytes) -> None:
    job_id = uuid.uuid4()
    name = rt.names.export(lecture.id, job_id, 1, "markdown.md")
    rt.store.create(name, data, "text/markdown")
    with rt.database.unit_of_work() as session:
        session.add(
            ExportRow(
                id=uuid.uuid4(),
                lecture_id=lecture.id,
                type=type,
                object=name,
                file_name="algorithms-hashing.md",
                content_type="text/markdown",
                size=len(data),
                sha256="0" * 64,
                job_id=job_id,
                created_at=rt.clock(),
            )
        )
        session.commit()
