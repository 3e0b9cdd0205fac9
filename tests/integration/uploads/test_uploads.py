"""What becomes of an object that arrives, however its notification travels."""

import base64
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, Response, request
from sqlalchemy import select

from functions.ingest.admission.auth import Principal
from functions.ingest.schemas.uploads import IngestRequest
from functions.ingest.uploads.intake import announce_upload
from functions.ingest.uploads.registration import register_upload
from functions.transcribe.job import transcribe_lecture
from shared.errors import TransientError
from shared.messaging.events import JobMessage, UploadFinalized
from shared.models import DeletionAuditEvent, JobType, Lecture, LectureStatus, RejectedUpload
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from shared.workers.outcomes import DONE, DUPLICATE, Ending, Outcome, answer_event
from tests.support.lectures.builders import (
    OWNER,
    add_lecture,
    changed,
    columns,
    get_jobs,
    get_lecture,
    get_outbox,
    get_segments,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once
from tests.support.sound.audio import as_file, claiming, tone, without_webm_duration
from tests.support.sound.sounds import tone as sound


def arrive(rt: Runtime, name: str, data: bytes) -> StoredObject:
    """The bytes are in the bucket, the notification is on its way."""
    return rt.store.create(name, data, "audio/wav")


def notification(rt: Runtime, stored: StoredObject) -> UploadFinalized:
    return UploadFinalized(
        bucket=rt.settings.gcs_bucket,
        name=stored.name,
        generation=stored.generation,
        size=stored.size,
    )


def rejections(rt: Runtime) -> list[RejectedUpload]:
    with rt.database.unit_of_work() as session:
        return list(session.scalars(select(RejectedUpload)))


def code(outcome: Outcome) -> str:
    assert outcome.failure is not None
    return outcome.failure.code


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    return add_lecture(runtime)


class TestAccepted:
    def test_a_recording_is_registered_and_its_transcription_queued(
        self, runtime: Runtime, messages: RecordingMessages, lecture: Lecture
    ) -> None:
        stored = arrive(runtime, lecture.source_object, tone(2.5))

        assert register_upload(runtime, notification(runtime, stored)) == DONE

        row = get_lecture(runtime, lecture)
        assert (row.source_generation, row.source_size) == (stored.generation, stored.size)
        assert row.source_crc32c == stored.crc32c
        assert row.duration_sec == pytest.approx(2.5)
        assert row.status == LectureStatus.UPLOADED
        assert row.content_type == "audio/wav"
        [job] = get_jobs(runtime, lecture)
        assert (job.type, job.params["language"]) == (JobType.TRANSCRIPTION, None)
        assert messages.to("transcribe") == [{"jobId": str(job.id)}]

    def test_every_further_notification_changes_nothing(
        self, runtime: Runtime, messages: RecordingMessages, lecture: Lecture
    ) -> None:
        told = notification(runtime, arrive(runtime, lecture.source_object, tone()))
        register_upload(runtime, told)
        before = columns(get_lecture(runtime, lecture))

        assert [register_upload(runtime, told) for _ in range(3)] == [DUPLICATE] * 3

        assert columns(get_lecture(runtime, lecture)) == before
        assert len(get_jobs(runtime, lecture)) == len(messages.sent) == 1
        assert rejections(runtime) == []

    def test_notifications_at_the_same_time_start_one_job(
        self, runtime: Runtime, messages: RecordingMessages, lecture: Lecture
    ) -> None:
        told = notification(runtime, arrive(runtime, lecture.source_object, tone()))

        outcomes = at_once(lambda upload: register_upload(runtime, upload), [told] * 6)

        assert outcomes.count(DONE) == 1
        assert outcomes.count(DUPLICATE) == 5
        assert len(get_jobs(runtime, lecture)) == len(messages.to("transcribe")) == 1

    def test_a_notification_that_comes_after_the_job_is_over_starts_no_second_one(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        told = notification(runtime, arrive(runtime, lecture.source_object, tone()))
        register_upload(runtime, told)
        [job] = get_jobs(runtime, lecture)
        lease = runtime.jobs.claim(job.id, job.type)
        assert lease is not None
        with runtime.database.unit_of_work() as session:
            runtime.jobs.complete(session, lease, result={})
            session.commit()

        assert register_upload(runtime, told) == DUPLICATE
        assert len(get_jobs(runtime, lecture)) == 1

    def test_size_and_checksum_are_the_buckets_whatever_the_notification_says(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        stored = arrive(runtime, lecture.source_object, tone())
        lie = notification(runtime, stored).model_copy(update={"size": 10**12, "crc32c": "AAAA=="})

        assert register_upload(runtime, lie) == DONE
        assert get_lecture(runtime, lecture).source_crc32c == stored.crc32c

    def test_the_recording_job_and_message_are_committed_together(
        self, runtime: Runtime, messages: RecordingMessages, lecture: Lecture
    ) -> None:
        class Crash(BaseException):
            pass

        messages.down["transcribe"] = Crash()
        told = notification(runtime, arrive(runtime, lecture.source_object, tone()))

        with pytest.raises(Crash):
            register_upload(runtime, told)

        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED
        assert len(get_jobs(runtime, lecture)) == 1
        assert [row.published_at for row in get_outbox(runtime)] == [None]

    @pytest.mark.parametrize(
        ("container", "codec", "media_type"),
        [
            ("webm", "libopus", "audio/webm"),
            ("mp4", "aac", "audio/mp4"),
            ("ogg", "libopus", "audio/ogg"),
        ],
    )
    def test_its_media_type_is_what_the_bytes_say(
        self, runtime: Runtime, container: str, codec: str, media_type: str
    ) -> None:
        lecture = add_lecture(runtime)
        data = as_file(sound(2), container=container, codec=codec, rate=48_000)

        register_upload(
            runtime, notification(runtime, arrive(runtime, lecture.source_object, data))
        )

        assert get_lecture(runtime, lecture).content_type == media_type

    def test_a_video_is_called_one(self, runtime: Runtime, lecture: Lecture) -> None:
        data = as_file(sound(2), container="mp4", codec="aac", rate=48_000, video=True)

        register_upload(
            runtime, notification(runtime, arrive(runtime, lecture.source_object, data))
        )

        assert get_lecture(runtime, lecture).content_type == "video/mp4"


class TestSuperseded:
    def test_a_late_notification_of_a_replaced_object_is_ignored(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        old = arrive(runtime, lecture.source_object, tone(1))
        runtime.store.delete(lecture.source_object)
        new = arrive(runtime, lecture.source_object, tone(2))

        assert register_upload(runtime, notification(runtime, new)) == DONE
        assert register_upload(runtime, notification(runtime, old)) == DUPLICATE
        assert get_lecture(runtime, lecture).source_generation == new.generation

    def test_also_when_it_comes_first(self, runtime: Runtime, lecture: Lecture) -> None:
        old = arrive(runtime, lecture.source_object, tone(1))
        runtime.store.delete(lecture.source_object)
        new = arrive(runtime, lecture.source_object, tone(2))

        assert register_upload(runtime, notification(runtime, old)) == DUPLICATE
        assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD
        assert register_upload(runtime, notification(runtime, new)) == DONE

    def test_a_deleted_object_is_no_upload(self, runtime: Runtime, lecture: Lecture) -> None:
        stored = arrive(runtime, lecture.source_object, tone())
        runtime.store.delete(lecture.source_object)

        assert register_upload(runtime, notification(runtime, stored)) == DUPLICATE
        assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD

    def test_a_second_recording_for_a_lecture_that_has_one_changes_nothing(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        first = arrive(runtime, lecture.source_object, tone(1))
        register_upload(runtime, notification(runtime, first))
        before = columns(get_lecture(runtime, lecture))
        runtime.store.delete(lecture.source_object)
        second = arrive(runtime, lecture.source_object, tone(2))

        outcome = register_upload(runtime, notification(runtime, second))

        assert (outcome.ending, code(outcome)) == (Ending.FAILED, "upload_unexpected")
        assert columns(get_lecture(runtime, lecture)) == before
        assert len(get_jobs(runtime, lecture)) == 1
        [rejected] = rejections(runtime)
        assert (rejected.generation, rejected.lecture_id) == (second.generation, lecture.id)


def _live_webm(seconds: float) -> bytes:
    """As a browser records it: the header names no duration."""
    data = as_file(sound(seconds), container="webm", codec="libopus", rate=48_000)
    return without_webm_duration(data)


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("notes.txt", "not audio")
    return buffer.getvalue()


NOT_RECORDINGS = {
    "empty": (b"", "upload_empty"),
    "text": (b"Dear professor, here are my notes. " * 50, "not_audio"),
    "zip": (_zip(), "not_audio"),
    "noise": (bytes(range(256)) * 40, "not_audio"),
    "playlist": (b"#EXTM3U\nhttp://127.0.0.1/secret\n", "not_audio"),
    "header without sound": (tone(0.0), "not_audio"),
}


class TestTurnedAway:
    @pytest.mark.parametrize("kind", NOT_RECORDINGS)
    def test_what_is_no_recording_fails_the_lecture_with_a_reason(
        self, runtime: Runtime, messages: RecordingMessages, lecture: Lecture, kind: str
    ) -> None:
        data, reason = NOT_RECORDINGS[kind]
        stored = arrive(runtime, lecture.source_object, data)

        outcome = register_upload(runtime, notification(runtime, stored))

        assert (outcome.ending, code(outcome)) == (Ending.FAILED, reason)
        row = get_lecture(runtime, lecture)
        assert row.status == LectureStatus.FAILED
        assert row.error is not None
        assert row.error["code"] == reason
        [rejected] = rejections(runtime)
        assert (rejected.object, rejected.error) == (stored.name, row.error)
        assert get_jobs(runtime, lecture) == []
        assert messages.sent == []

    def test_one_larger_than_the_limit_is_not_even_opened(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        rt = changed(runtime, plc_max_audio_upload_mb=1)
        stored = arrive(rt, lecture.source_object, b"\0" * 1_000_001)

        assert code(register_upload(rt, notification(rt, stored))) == "upload_too_large"

    def test_one_of_exactly_the_limit_is_accepted(self, runtime: Runtime, lecture: Lecture) -> None:
        rt = changed(runtime, plc_max_audio_upload_mb=1)
        data = tone(31).ljust(1_000_000, b"\0")
        stored = arrive(rt, lecture.source_object, data)

        assert register_upload(rt, notification(rt, stored)) == DONE

    @pytest.mark.parametrize("announced", [{"expected_size": 1}, {"expected_crc32c": "AAAAAA=="}])
    def test_one_that_is_not_what_was_announced_is_damaged(
        self, runtime: Runtime, announced: dict[str, Any]
    ) -> None:
        lecture = add_lecture(runtime, **announced)
        stored = arrive(runtime, lecture.source_object, tone())

        assert code(register_upload(runtime, notification(runtime, stored))) == "upload_corrupt"
        row = get_lecture(runtime, lecture)
        assert row.error is not None
        assert "announced" in row.error["message"]
        assert get_jobs(runtime, lecture) == []

    def test_one_that_is_what_was_announced_is_accepted(self, runtime: Runtime) -> None:
        data = tone()
        crc32c = runtime.store.create("elsewhere", data, "audio/wav").crc32c
        lecture = add_lecture(runtime, expected_size=len(data), expected_crc32c=crc32c)
        stored = arrive(runtime, lecture.source_object, data)

        assert register_upload(runtime, notification(runtime, stored)) == DONE

    def test_an_object_nobody_expects_is_recorded_and_touches_no_lecture(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        stored = arrive(runtime, f"{runtime.names.folder('raw')}stranger.wav", tone())

        outcome = register_upload(runtime, notification(runtime, stored))

        assert code(outcome) == "upload_unexpected"
        [rejected] = rejections(runtime)
        assert (rejected.object, rejected.lecture_id) == (stored.name, None)
        assert get_lecture(runtime, lecture).status == LectureStatus.AWAITING_UPLOAD

    def test_its_notification_may_come_again_and_at_once(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        told = notification(runtime, arrive(runtime, lecture.source_object, b"text " * 100))

        at_once(lambda upload: register_upload(runtime, upload), [told] * 4)
        before = columns(get_lecture(runtime, lecture))
        register_upload(runtime, told)

        assert columns(get_lecture(runtime, lecture)) == before
        assert len(rejections(runtime)) == 1

    def test_the_student_may_try_again_with_a_real_recording(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        register_upload(
            runtime, notification(runtime, arrive(runtime, lecture.source_object, b"text"))
        )

        announce_upload(
            runtime,
            Principal(OWNER),
            IngestRequest(
                course_id="algorithms", lecture_id=lecture.slug, content_type="audio/wav"
            ),
            generated_id=runtime.new_id(),
        )
        anew = get_lecture(runtime, lecture)
        assert anew.source_object != lecture.source_object
        stored = arrive(runtime, anew.source_object, tone())

        assert register_upload(runtime, notification(runtime, stored)) == DONE
        assert get_lecture(runtime, lecture).error is None


class TestTooLarge:
    @pytest.fixture
    def rt(self, runtime: Runtime) -> Runtime:
        return changed(runtime, plc_max_audio_upload_mb=1)

    @pytest.fixture
    def stored(self, rt: Runtime, lecture: Lecture) -> StoredObject:
        return arrive(rt, lecture.source_object, b"\0" * 1_000_001)

    def removals(self, rt: Runtime) -> list[tuple[str, int | None, str, str]]:
        with rt.database.unit_of_work() as session:
            return [
                (event.subject, event.generation, event.actor, event.outcome)
                for event in session.scalars(select(DeletionAuditEvent))
            ]

    def test_it_is_recorded_and_then_removed(
        self, rt: Runtime, lecture: Lecture, stored: StoredObject
    ) -> None:
        register_upload(rt, notification(rt, stored))

        assert rt.store.stat(stored.name) is None
        row = get_lecture(rt, lecture)
        assert row.error == {
            "code": "upload_too_large",
            "message": "The uploaded file is larger than 1 MB.",
        }
        assert row.raw_deleted_at == rt.clock()
        assert len(rejections(rt)) == 1
        uri = rt.store.uri(stored.name)
        event = (uri, stored.generation, "policy:upload_too_large", "deleted")
        assert self.removals(rt) == [event]

    def test_whoever_dies_in_between_leaves_the_removal_to_the_next_delivery(
        self, rt: Runtime, lecture: Lecture, stored: StoredObject
    ) -> None:
        class Dying(ObjectStore):
            def __init__(self) -> None:
                """Only lent what it needs."""

            def stat(self, name: str) -> StoredObject | None:
                return rt.store.stat(name)

            def delete(self, name: str, *, generation: int | None = None) -> bool:
                raise TransientError

        outcome = register_upload(replace(rt, store=Dying()), notification(rt, stored))
        assert (outcome.ending, code(outcome)) == (Ending.RETRY, "unavailable")
        assert get_lecture(rt, lecture).status == LectureStatus.FAILED
        assert rt.store.stat(stored.name) is not None

        assert register_upload(rt, notification(rt, stored)) == DUPLICATE

        assert rt.store.stat(stored.name) is None
        assert len(rejections(rt)) == len(self.removals(rt)) == 1

    def test_one_that_nobody_expects_is_none_of_our_business(self, rt: Runtime) -> None:
        name = f"{rt.names.folder('raw')}stranger.wav"
        stored = arrive(rt, name, b"\0" * 1_000_001)

        assert code(register_upload(rt, notification(rt, stored))) == "upload_unexpected"
        assert rt.store.stat(name) is not None


class TestTooLong:
    @pytest.fixture
    def rt(self, runtime: Runtime) -> Runtime:
        return changed(runtime, plc_max_audio_duration_sec=36)

    def test_a_recording_over_the_limit_is_turned_away(self, rt: Runtime, lecture: Lecture) -> None:
        stored = arrive(rt, lecture.source_object, tone(37))

        assert code(register_upload(rt, notification(rt, stored))) == "upload_too_long"
        row = get_lecture(rt, lecture)
        assert row.error is not None
        assert row.error["message"] == "The recording is longer than 0.01 hours."

    def test_one_whose_header_exaggerates_is_accepted(self, rt: Runtime, lecture: Lecture) -> None:
        data = claiming(as_file(sound(30), container="flac", codec="flac"), hours=300)
        stored = arrive(rt, lecture.source_object, data)

        assert register_upload(rt, notification(rt, stored)) == DONE
        assert get_lecture(rt, lecture).duration_sec == pytest.approx(30)

    def test_one_whose_header_hides_its_length_fails_when_it_is_cut(
        self, rt: Runtime, lecture: Lecture
    ) -> None:
        rt = changed(rt, plc_segment_target_sec=10)
        stored = arrive(rt, lecture.source_object, _live_webm(60))
        register_upload(rt, notification(rt, stored))
        [job] = get_jobs(rt, lecture)

        outcome = transcribe_lecture(rt, JobMessage(job_id=job.id))

        assert (outcome.ending, code(outcome)) == (Ending.FAILED, "upload_too_long")
        row = get_lecture(rt, lecture)
        assert row.status == LectureStatus.FAILED
        assert row.error is not None
        assert "0.01 hours" in row.error["message"]
        assert all(segment.end_sec <= 36 for segment in get_segments(rt, job.id))


class TestFunction:
    """The same through the HTTP answer that decides about another delivery."""

    @pytest.fixture
    def app(self) -> Flask:
        return Flask("test")

    def push(self, app: Flask, rt: Runtime, body: object) -> Response:
        with app.test_request_context("/", method="POST", json=body):
            return answer_event(
                request,
                lambda event: register_upload(rt, UploadFinalized.of(event)),
                settings=rt.settings,
            )

    def test_a_recording_that_is_turned_away_is_not_delivered_again(
        self, app: Flask, runtime: Runtime, lecture: Lecture
    ) -> None:
        stored = arrive(runtime, lecture.source_object, b"text")

        answer = self.push(app, runtime, _envelope(stored))

        assert answer.status_code == 200
        assert answer.get_json()["error"]["code"] == "not_audio"

    def test_a_recording_is_accepted(self, app: Flask, runtime: Runtime, lecture: Lecture) -> None:
        stored = arrive(runtime, lecture.source_object, tone())

        answer = self.push(app, runtime, _envelope(stored))

        assert (answer.status_code, answer.get_json()["outcome"]) == (200, "done")
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED

    def test_while_the_database_is_away_the_message_is_kept(
        self, app: Flask, runtime: Runtime, lecture: Lecture
    ) -> None:
        stored = arrive(runtime, lecture.source_object, tone())
        with runtime.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE lectures RENAME TO gone")

        assert self.push(app, runtime, _envelope(stored)).status_code == 503

        with runtime.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO lectures")
        assert self.push(app, runtime, _envelope(stored)).status_code == 200
        assert get_lecture(runtime, lecture).status == LectureStatus.UPLOADED


def _envelope(stored: StoredObject) -> object:
    resource = {
        "kind": "storage#object",
        "bucket": "lectures",
        "name": stored.name,
        "generation": str(stored.generation),
        "size": str(stored.size),
        "contentType": "audio/wav",
    }
    return {
        "subscription": "projects/p/subscriptions/uploads-push",
        "message": {
            "messageId": "1",
            "attributes": {"eventType": "OBJECT_FINALIZE"},
            "data": base64.b64encode(json.dumps(resource).encode()).decode(),
        },
    }
