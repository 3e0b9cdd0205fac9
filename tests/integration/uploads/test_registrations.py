"""An upload is registered in a bounded number of attempts, whatever goes wrong."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from functions.ingest.admission.auth import Principal
from functions.ingest.app import create_app
from functions.ingest.schemas.uploads import IngestRequest
from functions.ingest.uploads.intake import announce_upload
from functions.ingest.uploads.registration import register_upload
from functions.retention.sweep import sweep
from shared.errors import TransientError
from shared.fault_points import listen
from shared.messaging.events import UploadFinalized
from shared.models import (
    Lecture,
    LectureStatus,
    RejectedUpload,
    UploadRegistration,
)
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from shared.workers.outcomes import DONE, DUPLICATE, Ending
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    OWNER,
    add_lecture,
    get_dead_letters,
    get_jobs,
    get_lecture,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.sound.audio import tone


class Fault:
    """What every registration meets at a named point, until it is mended."""

    def __init__(self) -> None:
        self.point = "upload.inspected"
        self.error: BaseException | None = None
        self.met = 0

    def __call__(self, name: str, _work: str) -> None:
        if name == self.point and self.error is not None:
            self.met += 1
            raise self.error


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def fault() -> Iterator[Fault]:
    fault = Fault()
    listen(fault)
    yield fault
    listen(None)


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    return add_lecture(runtime)


@pytest.fixture
def told(runtime: Runtime, lecture: Lecture) -> UploadFinalized:
    stored = runtime.store.create(lecture.source_object, tone(), "audio/wav")
    return UploadFinalized(
        bucket="lectures",
        name=stored.name,
        generation=stored.generation,
        size=stored.size,
        crc32c=stored.crc32c,
    )


def attempts(rt: Runtime) -> list[int]:
    with rt.database.unit_of_work() as session:
        return list(session.scalars(select(UploadRegistration.attempt)))


def rejections(rt: Runtime) -> list[RejectedUpload]:
    with rt.database.unit_of_work() as session:
        return list(session.scalars(select(RejectedUpload)))


def try_until_over(rt: Runtime, told: UploadFinalized) -> list[Ending]:
    endings = [register_upload(rt, told).ending for _ in range(rt.settings.plc_job_max_attempts)]
    assert register_upload(rt, told) == DUPLICATE, "it should be over"
    return endings


def test_an_unforeseen_error_fails_the_lecture_after_as_many_attempts_as_a_job_has(
    runtime: Runtime, lecture: Lecture, told: UploadFinalized, fault: Fault
) -> None:
    fault.error = TypeError("unexpected keyword argument 'metadata_errors'")

    endings = try_until_over(runtime, told)

    assert endings == [Ending.RETRY] * 4 + [Ending.FAILED]
    row = get_lecture(runtime, lecture)
    assert row.status == LectureStatus.FAILED
    assert row.error is not None
    assert row.error["code"] == "internal"
    assert "TypeError" in row.error["message"]
    assert "metadata_errors" not in row.error["message"], "it may hold anything"
    [letter] = get_dead_letters(runtime)
    assert (letter.source, letter.attributes["reason"]) == ("uploads-push", "internal")
    assert UploadFinalized.model_validate(json.loads(letter.payload)).name == told.name
    assert letter.attributes["request"] in row.error["message"]
    assert [each.error for each in rejections(runtime)] == [row.error]


def test_the_request_it_names_finds_the_trace_in_the_log(
    runtime: Runtime,
    lecture: Lecture,
    told: UploadFinalized,
    fault: Fault,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fault.error = TypeError("unforeseen")
    try_until_over(runtime, told)
    row = get_lecture(runtime, lecture)
    assert row.error is not None
    request = row.error["message"].rpartition("Request ")[2].rstrip(".")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    [trace] = [line for line in lines if line.get("request") == request and "exception" in line]
    assert trace["exception"].endswith("\nTypeError")


def test_after_the_mend_a_replay_registers_it_with_fresh_attempts(
    runtime: Runtime,
    lecture: Lecture,
    told: UploadFinalized,
    fault: Fault,
    messages: RecordingMessages,
) -> None:
    client = create_app(runtime).test_client()
    fault.error = TypeError()
    for _ in range(2):
        try_until_over(runtime, told)
        letter = max(get_dead_letters(runtime), key=lambda each: each.replayed_at is None)
        assert client.post(f"/messages/dead-letter/{letter.id}/replay").status_code == 202
        assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD
    fault.error = None

    again = UploadFinalized.model_validate(messages.to("uploads")[-1])

    assert register_upload(runtime, again) == DONE
    assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED
    assert len(get_jobs(runtime, lecture)) == 1
    assert rejections(runtime) == []


def test_a_recording_that_is_gone_is_not_waited_for_again(
    runtime: Runtime, lecture: Lecture, told: UploadFinalized, fault: Fault
) -> None:
    fault.error = TypeError()
    try_until_over(runtime, told)
    with runtime.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).raw_deleted_at = runtime.clock()
        session.commit()
    [letter] = get_dead_letters(runtime)

    answer = create_app(runtime).test_client().post(f"/messages/dead-letter/{letter.id}/replay")

    assert answer.status_code == 409
    assert get_lecture(runtime, lecture).status == LectureStatus.FAILED
    assert get_dead_letters(runtime)[0].replayed_at is None


def test_the_student_may_upload_again(
    runtime: Runtime, lecture: Lecture, told: UploadFinalized, fault: Fault
) -> None:
    fault.error = TypeError()
    try_until_over(runtime, told)
    fault.error = None

    announce_upload(
        runtime,
        Principal(OWNER),
        IngestRequest(course_id="algorithms", lecture_id=lecture.slug, content_type="audio/wav"),
        generated_id=runtime.new_id(),
    )

    anew = get_lecture(runtime, lecture)
    stored = runtime.store.create(anew.source_object, tone(), "audio/wav")
    upload = UploadFinalized(
        bucket="lectures", name=stored.name, generation=stored.generation, size=stored.size
    )
    assert register_upload(runtime, upload) == DONE
    assert get_lecture(runtime, lecture).error is None


def test_an_object_of_no_lecture_is_bounded_as_well(runtime: Runtime) -> None:
    class Broken(ObjectStore):
        def __init__(self) -> None:
            """Only lent what it needs."""

        def stat(self, name: str) -> StoredObject | None:
            raise KeyError(name)

    rt = replace(runtime, store=Broken())
    name = f"{runtime.names.folder('raw')}x"
    told = UploadFinalized(bucket="lectures", name=name, generation=7, size=1)

    assert try_until_over(rt, told)[-1] == Ending.FAILED

    assert [(each.object, each.lecture_id) for each in rejections(runtime)] == [(name, None)]
    assert len(get_dead_letters(runtime)) == 1


def test_what_is_unavailable_for_long_uses_no_attempt_up(
    runtime: Runtime, lecture: Lecture, told: UploadFinalized, fault: Fault
) -> None:
    fault.error = TransientError("storage is away")
    for _ in range(3 * runtime.settings.plc_job_max_attempts):
        assert register_upload(runtime, told).ending == Ending.RETRY
    assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD
    fault.error = None

    assert register_upload(runtime, told) == DONE
    assert attempts(runtime) == []


class TestWorkersThatDie:
    @pytest.fixture(autouse=True)
    def present(self, clock: HeldClock) -> None:
        """The sweep announces objects that are older than a notification takes."""
        clock.now = datetime.now(UTC)

    @pytest.fixture
    def world(
        self, runtime: Runtime, clock: HeldClock, messages: RecordingMessages
    ) -> tuple[Runtime, HeldClock, RecordingMessages]:
        return runtime, clock, messages

    def lecture_of(self, rt: Runtime, told: UploadFinalized) -> Lecture:
        with rt.database.unit_of_work() as session:
            return session.scalars(select(Lecture).where(Lecture.source_object == told.name)).one()

    def die(self, rt: Runtime, told: UploadFinalized, fault: Fault) -> None:
        fault.error = Killed()
        with pytest.raises(Killed):
            register_upload(rt, told)
        fault.error = None

    def test_another_delivery_leaves_it_to_the_lease(
        self, runtime: Runtime, told: UploadFinalized, fault: Fault
    ) -> None:
        self.die(runtime, told, fault)

        assert register_upload(runtime, told) == DUPLICATE

    def test_the_sweep_has_it_registered_again_when_the_lease_has_run_out(
        self,
        world: tuple[Runtime, HeldClock, RecordingMessages],
        told: UploadFinalized,
        fault: Fault,
    ) -> None:
        runtime, clock, messages = world
        self.die(runtime, told, fault)
        clock.advance(runtime.settings.plc_lease_sec - 1)
        sweep(runtime)
        assert messages.to("uploads") == []
        clock.advance(1)

        sweep(runtime)
        sweep(runtime)

        [resource] = messages.to("uploads")
        assert register_upload(runtime, UploadFinalized.model_validate(resource)) == DONE
        assert self.lecture_of(runtime, told).status == LectureStatus.UPLOADED

    def test_a_recording_that_kills_every_worker_fails_its_lecture(
        self,
        world: tuple[Runtime, HeldClock, RecordingMessages],
        told: UploadFinalized,
        fault: Fault,
    ) -> None:
        runtime, clock, messages = world
        for _ in range(runtime.settings.plc_job_max_attempts):
            self.die(runtime, told, fault)
            clock.advance(runtime.settings.plc_lease_sec)
            sweep(runtime)

        row = self.lecture_of(runtime, told)
        assert row.error is not None
        assert row.error["code"] == "worker_lost"
        [letter] = get_dead_letters(runtime)
        sent = len(messages.to("uploads"))
        clock.advance(days=1)
        sweep(runtime)
        assert len(messages.to("uploads")) == sent, "it should be over"
        answer = create_app(runtime).test_client().post(f"/messages/dead-letter/{letter.id}/replay")
        assert answer.status_code == 202
        assert register_upload(runtime, told) == DONE

    def test_one_that_was_replaced_cannot_fail_it(
        self,
        runtime: Runtime,
        lecture: Lecture,
        told: UploadFinalized,
        fault: Fault,
        clock: HeldClock,
    ) -> None:
        """It stalls, another registers the upload, and it fails then."""

        def overtaken(name: str, _work: str) -> None:
            if name == "upload.inspected":
                listen(None)
                clock.advance(runtime.settings.plc_lease_sec)
                assert register_upload(runtime, told) == DONE
                raise TypeError

        listen(overtaken)

        assert register_upload(runtime, told) == DUPLICATE

        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED
        assert (rejections(runtime), get_dead_letters(runtime), attempts(runtime)) == ([], [], [])
