"""A message that no function could handle becomes a record that operators can read."""

import dataclasses
import json
import uuid

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from functions.ingest.app import create_app
from functions.ingest.uploads.registration import register_upload
from functions.retention.dead_letters import SOURCE_SUBSCRIPTION, record_dead_letter
from functions.retention.runs.expiry import expire
from shared.deletion.lectures import delete_lecture
from shared.errors import TransientError
from shared.messaging.events import Event, JobMessage, UploadFinalized
from shared.models import DeadLetter, JobType, LectureStatus, WorkStatus
from shared.runtime import Runtime
from shared.work.retry import Failure
from shared.workers.outcomes import DONE, DUPLICATE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    columns,
    complete,
    enqueue,
    get_dead_letters,
    get_job,
    get_jobs,
    get_lecture,
    running,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once
from tests.support.sound.audio import tone

LISTED = "/messages/dead-letter"


def replay_of(id: str) -> str:
    return f"{LISTED}/{id}/replay"


def letter(data: bytes, *, id: str = "17", source: str = "transcribe-push") -> Event:
    return Event(
        id=id,
        source="dead-letter-push",
        data=data,
        attributes={SOURCE_SUBSCRIPTION: source},
        delivery=1,
    )


def about(job_id: uuid.UUID) -> Event:
    return letter(JobMessage(job_id=job_id).model_dump_json(by_alias=True).encode())


def test_a_message_that_makes_no_sense_is_recorded_once(runtime: Runtime) -> None:
    event = letter(b"\xff\x00 not JSON")

    assert record_dead_letter(runtime, event) == DONE
    assert record_dead_letter(runtime, event) == DUPLICATE

    [row] = get_dead_letters(runtime)
    assert (row.source, row.message_id, row.job_id) == ("transcribe-push", "17", None)
    assert row.payload == "\\xff\\x00 not JSON"


def test_deliveries_at_the_same_time_make_one_record(runtime: Runtime) -> None:
    outcomes = at_once(
        lambda _: record_dead_letter(runtime, letter(b"{}")),
        range(4),
    )

    assert sorted(outcome.ending for outcome in outcomes) == ["done"] + ["duplicate"] * 3
    assert len(get_dead_letters(runtime)) == 1


def test_two_subscriptions_may_give_up_on_the_same_message(runtime: Runtime) -> None:
    for source in ("transcribe-push", "export-push"):
        assert record_dead_letter(runtime, letter(b"{}", source=source)) == DONE

    assert {row.source for row in get_dead_letters(runtime)} == {"transcribe-push", "export-push"}


def test_a_job_that_only_this_message_could_have_started_fails_with_a_reason(
    runtime: Runtime,
) -> None:
    lecture = uploaded(runtime)
    job_id = enqueue(runtime, lecture)

    record_dead_letter(runtime, about(job_id))

    job = get_job(runtime, job_id)
    assert job.status == WorkStatus.FAILED
    assert job.error is not None
    assert job.error["code"] == "delivery_exhausted"
    assert get_lecture(runtime, lecture).status == LectureStatus.FAILED
    assert get_lecture(runtime, lecture).error == job.error
    assert get_dead_letters(runtime)[0].job_id == job_id
    # And it can be tried again.
    with runtime.database.unit_of_work() as session:
        assert runtime.jobs.replay(session, job).deduplicated is False


def test_the_job_is_done_again_if_its_input_has_changed(
    runtime: Runtime, messages: RecordingMessages
) -> None:
    lecture = uploaded(runtime)
    lease = running(runtime, lecture, JobType.GENERATION)
    enqueue(runtime, lecture, JobType.GENERATION, new_input=True)
    runtime.jobs.fail(lease, Failure.of(TransientError("away")))

    record_dead_letter(runtime, about(lease.job_id))

    first, second = get_jobs(runtime, lecture)
    assert (first.status, second.status) == (WorkStatus.FAILED, WorkStatus.QUEUED)
    assert messages.to("generate")[-1] == {"jobId": str(second.id)}


@pytest.mark.parametrize("state", ["running", "succeeded"])
def test_a_job_that_is_running_or_done_is_left_alone(runtime: Runtime, state: str) -> None:
    lecture = uploaded(runtime)
    lease = running(runtime, lecture)
    if state == "succeeded":
        complete(runtime, lease)
    before = columns(get_job(runtime, lease.job_id)), columns(get_lecture(runtime, lecture))

    assert record_dead_letter(runtime, about(lease.job_id)) == DONE

    assert before == (
        columns(get_job(runtime, lease.job_id)),
        columns(get_lecture(runtime, lecture)),
    )
    assert len(get_dead_letters(runtime)) == 1


def test_a_second_delivery_does_not_fail_the_replayed_job(runtime: Runtime) -> None:
    lecture = uploaded(runtime)
    job_id = enqueue(runtime, lecture, JobType.EXPORT)
    record_dead_letter(runtime, about(job_id))
    enqueue(runtime, lecture, JobType.EXPORT)

    record_dead_letter(runtime, about(job_id))

    assert [job.status for job in get_jobs(runtime, lecture)].count(WorkStatus.QUEUED) == 1


def test_a_job_that_is_no_more_is_no_obstacle(runtime: Runtime) -> None:
    assert record_dead_letter(runtime, about(uuid.uuid4())) == DONE


@pytest.mark.parametrize("state", ["waiting", "has one"])
def test_an_upload_nobody_could_register_fails_the_lecture_that_waits_for_it(
    runtime: Runtime, state: str
) -> None:
    lecture = add_lecture(runtime) if state == "waiting" else uploaded(runtime)
    upload = {
        "bucket": "lectures",
        "name": lecture.source_object,
        "generation": "5",
        "size": "10",
    }
    record_dead_letter(runtime, letter(json.dumps(upload).encode(), source="uploads-push"))

    row = get_lecture(runtime, lecture)
    if state == "waiting":
        assert row.status == LectureStatus.FAILED
        assert row.error is not None
        assert row.error["code"] == "delivery_exhausted"
    else:
        assert (row.status, row.error) == (LectureStatus.UPLOADED, None)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.fixed_dictionaries(
            {
                "bucket": st.text(max_size=10),
                "name": st.text(max_size=40),
                "generation": st.integers(),
                "size": st.integers(),
            }
        ).map(lambda value: json.dumps(value).encode()),
    ),
    attributes=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=3),
)
def test_whatever_a_message_holds_it_can_be_recorded(
    runtime: Runtime, data: bytes, attributes: dict[str, str]
) -> None:
    event = Event(id=str(uuid.uuid4()), source="s", data=data, attributes=attributes, delivery=1)

    assert record_dead_letter(runtime, event) == DONE


class TestReplayingMessages:
    @pytest.fixture
    def client(self, runtime: Runtime) -> FlaskClient:
        return create_app(runtime).test_client()

    def lost(self, rt: Runtime, event: Event) -> str:
        """The id of a message that was given up."""
        record_dead_letter(rt, event)
        return str(get_dead_letters(rt)[-1].id)

    def test_its_payload_goes_back_to_its_topic_once(
        self, runtime: Runtime, messages: RecordingMessages
    ) -> None:
        payload = {"anything": [1, {"ü": None}]}
        id = self.lost(runtime, letter(json.dumps(payload).encode(), source="generate-push"))
        app = create_app(runtime)

        answers = at_once(lambda _: app.test_client().post(replay_of(id)), range(4))

        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
        assert messages.to("generate") == [payload]
        assert len(messages.sent) == 1
        [shown] = app.test_client().get(LISTED).get_json()["messages"]
        assert shown["replayedAt"] is not None
        assert app.test_client().get(f"{LISTED}?pending=true").get_json()["messages"] == []

    def test_a_job_that_failed_for_want_of_it_is_replayed_as_a_new_one(
        self, runtime: Runtime, client: FlaskClient, messages: RecordingMessages
    ) -> None:
        lecture = uploaded(runtime)
        params = {"model": "small", "language": "de"}
        old = enqueue(runtime, lecture, params=params)
        id = self.lost(runtime, about(old))
        messages.sent.clear()

        answer = client.post(replay_of(id))

        assert answer.status_code == 202
        new = get_job(runtime, uuid.UUID(answer.get_json()["newJobId"]))
        assert (new.replayed_from, new.params, new.status) == (old, params, WorkStatus.QUEUED)
        assert messages.to("transcribe") == [{"jobId": str(new.id)}]
        assert answer.get_json()["topic"] is None
        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING

    def test_a_job_that_was_taken_up_since_is_not_replayed_a_second_time(
        self, runtime: Runtime, client: FlaskClient
    ) -> None:
        lecture = uploaded(runtime)
        old = enqueue(runtime, lecture)
        id = self.lost(runtime, about(old))
        assert client.post(f"/jobs/{old}/replay").status_code == 202

        assert client.post(replay_of(id)).status_code == 409

        assert len(get_jobs(runtime, lecture)) == 2
        assert get_dead_letters(runtime)[0].replayed_at is None

    def test_the_message_of_a_job_that_runs_is_only_sent_again(
        self, runtime: Runtime, client: FlaskClient, messages: RecordingMessages
    ) -> None:
        lease = running(runtime, uploaded(runtime))
        id = self.lost(runtime, about(lease.job_id))
        messages.sent.clear()

        assert client.post(replay_of(id)).get_json()["topic"] == "transcribe"

        assert messages.to("transcribe") == [{"jobId": str(lease.job_id)}]
        assert runtime.jobs.claim(lease.job_id, JobType.TRANSCRIPTION) is None

    def test_a_lecture_that_failed_for_want_of_its_notification_gets_it(
        self, runtime: Runtime, client: FlaskClient, messages: RecordingMessages
    ) -> None:
        lecture = add_lecture(runtime)
        stored = runtime.store.create(lecture.source_object, tone(), "audio/wav")
        upload = UploadFinalized(
            bucket="lectures", name=stored.name, generation=stored.generation, size=stored.size
        )
        data = json.dumps(upload.payload()).encode()
        id = self.lost(runtime, letter(data, source="uploads-push"))
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED

        assert client.post(replay_of(id)).status_code == 202

        assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD
        [resource] = messages.to("uploads")
        assert register_upload(runtime, UploadFinalized.model_validate(resource)) == DONE
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED

    def test_a_lecture_that_failed_for_another_reason_keeps_it(
        self, runtime: Runtime, client: FlaskClient
    ) -> None:
        error = {"code": "not_audio", "message": "It is none."}
        lecture = add_lecture(runtime, status=LectureStatus.FAILED, error=error)
        upload = {"bucket": "b", "name": lecture.source_object, "generation": 1, "size": 1}
        id = self.lost(runtime, letter(json.dumps(upload).encode(), source="uploads-push"))

        client.post(replay_of(id))

        assert get_lecture(runtime, lecture).error == error

    @pytest.mark.parametrize(
        ("data", "source"),
        [
            (b"\xff no JSON", "transcribe-push"),
            (b"[1]", "transcribe-push"),
            (b"[" * 100_000, "transcribe-push"),
            (b"{}", "a-trigger-of-somebody"),
            (
                JobMessage(job_id=uuid.UUID(int=7)).model_dump_json(by_alias=True).encode(),
                "export-push",
            ),
        ],
    )
    def test_one_that_could_do_nothing_is_refused_and_stays(
        self,
        runtime: Runtime,
        client: FlaskClient,
        messages: RecordingMessages,
        data: bytes,
        source: str,
    ) -> None:
        id = self.lost(runtime, letter(data, source=source))

        answer = client.post(replay_of(id))

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "conflict")
        assert messages.sent == []
        assert get_dead_letters(runtime)[0].replayed_at is None

    @pytest.mark.parametrize("id", ["no-id", str(uuid.UUID(int=7))])
    def test_one_that_is_not_there_is_not_found(self, client: FlaskClient, id: str) -> None:
        assert client.post(replay_of(id)).status_code == 404

    def test_they_are_listed_newest_first_as_they_came(
        self, runtime: Runtime, client: FlaskClient, clock: HeldClock
    ) -> None:
        for number in range(3):
            clock.advance(1)
            record_dead_letter(runtime, letter(b"\xff" * number, id=str(number)))

        first = client.get(f"{LISTED}?limit=2").get_json()
        cursor = first["pagination"]["nextCursor"]
        rest = client.get(f"{LISTED}?limit=2&cursor={cursor}").get_json()

        shown = [*first["messages"], *rest["messages"]]
        assert [each["payload"] for each in shown] == ["\\xff\\xff", "\\xff", ""]
        assert shown[0]["attributes"] == {SOURCE_SUBSCRIPTION: "transcribe-push"}
        assert first["pagination"]["total"] == 3


class TestRejectedUploads:
    def test_a_lecture_tells_what_was_turned_away_and_why(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        client = create_app(runtime).test_client()
        lecture, other = add_lecture(runtime), add_lecture(runtime, "trees")
        stray = runtime.names.raw(lecture.id, uuid.uuid4(), "wav")
        for name, data in (
            (lecture.source_object, b"no audio at all"),
            (stray, tone()),
            (other.source_object, b""),
        ):
            clock.advance(1)
            stored = runtime.store.create(name, data, "audio/wav")
            register_upload(
                runtime,
                UploadFinalized(
                    bucket="lectures", name=name, generation=stored.generation, size=stored.size
                ),
            )

        answer = client.get("/lectures/hashing/uploads").get_json()

        assert [(each["path"], each["error"]["code"]) for each in answer["uploads"]] == [
            (runtime.store.uri(stray), "upload_unexpected"),
            (runtime.store.uri(lecture.source_object), "not_audio"),
        ]
        assert answer["pagination"]["total"] == 2
        assert client.get("/lectures/no-such/uploads").status_code == 404


def test_letters_are_deleted_with_the_lecture_they_are_about(runtime: Runtime) -> None:
    gone, stays = uploaded(runtime, "gone"), uploaded(runtime, "stays")
    upload = UploadFinalized(bucket="lectures", name=gone.source_object, generation=7, size=1)
    record_dead_letter(runtime, letter(json.dumps(upload.payload()).encode(), id="upload"))
    for lecture in (gone, stays):
        event = about(enqueue(runtime, lecture))
        record_dead_letter(runtime, dataclasses.replace(event, id=lecture.slug))
    # As an earlier release has recorded it.
    with runtime.database.unit_of_work() as session:
        session.execute(
            update(DeadLetter).where(DeadLetter.message_id == "gone").values(lecture_id=None)
        )
        session.commit()

    delete_lecture(runtime, gone)

    assert [row.message_id for row in get_dead_letters(runtime)] == ["stays"]


def test_letters_end_after_thirty_days(runtime: Runtime, clock: HeldClock) -> None:
    record_dead_letter(runtime, letter(b"anything"))
    clock.advance(-1, days=30)
    expire(runtime)
    assert len(get_dead_letters(runtime)) == 1

    clock.advance(1)
    expire(runtime)
    assert get_dead_letters(runtime) == []
