"""The recording is withheld until it is silent where it was cut, whatever happens on the way."""

import json
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.ingest.app import create_app
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from functions.transcribe.join import join_segments
from shared.errors import NoSpeechError
from shared.fault_points import listen
from shared.models import Job, JobType, Lecture, LectureStatus, WorkStatus
from shared.runtime import Runtime
from shared.speech.recognition import Recognition
from shared.work.leases import SegmentLease
from shared.work.retry import Failure
from shared.workers.outcomes import DONE, DUPLICATE, Ending
from tests.integration.cuts.conftest import (
    ADDRESS,
    add_recorded,
    code_of,
    cut,
    heard,
    is_silent,
    silence,
    states,
    work,
)
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_segments,
    claim_segment,
    failed,
    get_job,
    get_jobs,
    get_lecture,
    get_segments,
    hand_over,
    running,
    segment_transcript,
)
from tests.support.lectures.retention import there


def listens(client: FlaskClient) -> tuple[int, str]:
    """Whether the recording is played; the code of the refusal if it is not."""
    answer = client.get(f"{ADDRESS}/audio")
    return answer.status_code, "" if answer.status_code == 302 else code_of(answer)[1]


PLAYED, WITHHELD = (302, ""), (409, "recording_withheld")


class TestTheRecording:
    def test_it_is_withheld_and_then_silent(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        assert listens(client) == PLAYED
        answer = cut(client)
        assert listens(client) == WITHHELD
        assert states(client) == ["silencing"]
        assert not client.get(ADDRESS).get_json()["available"]["recording"]

        assert silence(runtime, answer) == DONE

        assert listens(client) == PLAYED
        assert states(client) == ["silenced"]
        shown = client.get(ADDRESS).get_json()
        assert shown["available"]["recording"]
        assert shown["contentType"] == "audio/mp4"
        samples = heard(runtime, lecture)
        assert is_silent(samples, 10, 19)
        assert not is_silent(samples, 0, 10)
        assert not is_silent(samples, 19, 60)

    def test_the_old_one_goes_by_the_sweep(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        silence(runtime, cut(client))

        sweep(runtime)

        assert not there(runtime, lecture.source_object)
        assert there(runtime, get_lecture(runtime, lecture).source_object)
        assert listens(client) == PLAYED

    def test_it_can_be_examined_by_its_row(self, client: FlaskClient, runtime: Runtime) -> None:
        silence(runtime, cut(client))

        found = client.get(f"{ADDRESS}/integrity").get_json()

        assert {each["status"] for each in found["objects"] if each["kind"] == "recording"} == {
            "ok"
        }

    def test_the_lecture_is_completed_as_it_was(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        answer = cut(client)
        assert get_lecture(runtime, lecture).status is LectureStatus.PROCESSING
        assert client.post(f"/jobs/{answer.get_json()['jobId']}/cancel").status_code == 200

        silence(runtime, answer)

        assert get_lecture(runtime, lecture).status is not LectureStatus.PROCESSING

    def test_a_lecture_that_had_failed_fails_as_before(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        """Without a transcript there is nothing to make of it."""
        clock.advance(60)
        with runtime.database.unit_of_work() as session:
            session.get_one(Lecture, lecture.id).transcript_object = None
            session.commit()
        failed(runtime, lecture, reason=NoSpeechError())
        answer = cut(client)
        assert answer.get_json()["jobId"] is None

        silence(runtime, answer)

        row = get_lecture(runtime, lecture)
        assert row.status is LectureStatus.FAILED
        assert row.error is not None
        assert row.error["code"] == "no_speech"
        assert listens(client) == PLAYED

    def test_retention_takes_the_silent_one_at_its_time(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        answer = cut(client)
        client.post(f"/jobs/{answer.get_json()['jobId']}/cancel")
        client.post(f"/jobs/{_live(runtime, lecture, JobType.EXPORT)}/cancel")
        silence(runtime, answer)
        name = get_lecture(runtime, lecture).source_object

        clock.advance(days=runtime.settings.plc_retention_raw_audio_days + 1)
        expire(runtime)

        assert not there(runtime, name)
        assert listens(client) == (410, "deleted_by_retention")


class TestWhateverHappens:
    @pytest.mark.parametrize(
        "point", ["job.claimed", "silencing.stored", "silencing.recorded", "job.completing"]
    )
    def test_a_worker_that_dies_is_succeeded_by_another(
        self,
        client: FlaskClient,
        runtime: Runtime,
        lecture: Lecture,
        clock: HeldClock,
        point: str,
    ) -> None:
        answer = cut(client)

        def dies(reached: str, _work: str) -> None:
            if reached == point:
                raise SystemExit

        listen(dies)
        with pytest.raises(SystemExit):
            silence(runtime, answer)
        listen(None)
        assert (listens(client) == PLAYED) is (point in {"silencing.recorded", "job.completing"})
        clock.advance(runtime.settings.plc_lease_sec + 1)
        sweep(runtime)

        assert silence(runtime, answer) == DONE

        assert listens(client) == PLAYED
        assert is_silent(heard(runtime, lecture), 10, 19)
        sweep(runtime)
        assert not there(runtime, lecture.source_object)

    def test_a_message_that_comes_twice(self, client: FlaskClient, runtime: Runtime) -> None:
        answer = cut(client)

        assert [silence(runtime, answer) for _ in range(2)] == [DONE, DUPLICATE]

    def test_a_second_cut_while_the_first_is_silenced(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        answer = cut(client)

        def cut_meanwhile(point: str, _work: str) -> None:
            if point == "silencing.stored":
                listen(None)
                assert cut(client, {"startSec": 30, "endSec": 40}).status_code == 202

        listen(cut_meanwhile)
        assert silence(runtime, answer) == DONE

        assert listens(client) == WITHHELD
        assert sorted(states(client)) == ["silenced", "silencing"]
        [again] = [
            job
            for job in get_jobs(runtime, lecture, JobType.TRANSCRIPTION)
            if job.status is WorkStatus.QUEUED
        ]
        sweep(runtime)
        assert work(runtime, again.id) == DONE
        assert listens(client) == PLAYED
        samples = heard(runtime, lecture)
        assert is_silent(samples, 10, 19)
        assert is_silent(samples, 30, 40)
        sweep(runtime)
        folder = runtime.names.folder("silenced", lecture.id)
        assert len(list(runtime.store.list(folder))) == 1

    def test_one_that_is_being_written_is_not_deleted(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        """The sweep meets its object before the row refers to it."""
        answer = cut(client)

        def sweep_meanwhile(point: str, _work: str) -> None:
            if point == "silencing.stored":
                listen(None)
                sweep(runtime)

        listen(sweep_meanwhile)
        assert silence(runtime, answer) == DONE

        assert listens(client) == PLAYED
        assert there(runtime, _recording(runtime))

    @pytest.mark.parametrize("recording", [b"This is no sound.", b""])
    def test_what_cannot_be_decoded_is_withheld_for_good(
        self, runtime: Runtime, recording: bytes
    ) -> None:
        lecture = add_recorded(runtime, recording=recording)
        client = create_app(runtime).test_client()
        answer = cut(client)

        outcome = silence(runtime, answer)

        assert outcome.ending is Ending.FAILED
        job = get_job(runtime, uuid.UUID(answer.get_json()["silencingJobId"]))
        assert job.error is not None
        assert job.error["code"] == "recording_not_silenced"
        [shown] = client.get(f"{ADDRESS}/cuts").get_json()["cuts"]
        assert (shown["state"], shown["error"]["code"]) == ("failed", "recording_not_silenced")
        sweep(runtime)
        assert listens(client) == WITHHELD
        # Asked for again, it is tried again.
        again = cut(client).get_json()["silencingJobId"]
        assert again not in {None, str(job.id)}
        assert states(client) == ["silencing"]
        assert get_lecture(runtime, lecture).source_object == lecture.source_object

    def test_a_failed_one_can_be_replayed(self, runtime: Runtime) -> None:
        add_recorded(runtime, recording=b"This is no sound.")
        client = create_app(runtime).test_client()
        job = cut(client).get_json()["silencingJobId"]
        work(runtime, job)

        answer = client.post(f"/jobs/{job}/replay")

        assert answer.status_code == 202
        assert states(client) == ["silencing"]

    def test_a_restricted_lecture_is_silenced_once_it_may_be(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        answer = cut(client)
        client.put(f"{ADDRESS}/restriction")
        assert silence(runtime, answer) == DUPLICATE
        client.delete(f"{ADDRESS}/restriction")
        assert listens(client) == WITHHELD

        assert silence(runtime, cut(client)) == DONE

        assert listens(client) == PLAYED

    def test_one_that_retention_has_taken_meanwhile(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        answer = cut(client)
        with runtime.database.unit_of_work() as session:
            session.get_one(Lecture, lecture.id).raw_deleted_at = runtime.clock()
            session.commit()

        assert silence(runtime, answer) == DONE

        assert states(client) == ["silenced"]

    def test_a_lecture_that_is_deleted_meanwhile(
        self, client: FlaskClient, runtime: Runtime, clock: HeldClock, lecture: Lecture
    ) -> None:
        answer = cut(client)

        def delete(point: str, _work: str) -> None:
            if point == "silencing.stored":
                listen(None)
                assert client.delete(ADDRESS).status_code == 200

        listen(delete)
        assert silence(runtime, answer) == DUPLICATE

        clock.advance(36 * 60)
        sweep(runtime)
        assert [o.name for o in runtime.store.list("") if str(lecture.id) in o.name] == []


class TestTranscribingAgain:
    def test_it_has_to_wait_for_the_silencing(self, client: FlaskClient) -> None:
        cut(client)

        assert code_of(client.post(f"{ADDRESS}/transcribe")) == WITHHELD

    def test_it_hears_the_silent_recording(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        silence(runtime, cut(client))
        sweep(runtime)

        answer = client.post(f"{ADDRESS}/transcribe")

        assert answer.status_code == 202, answer.text
        assert work(runtime, answer.get_json()["jobId"]).ending is not Ending.RETRY
        assert is_silent(heard(runtime, lecture), 10, 19)

    def test_one_that_had_failed_before_the_cut_silences_first(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        """Nothing that it had recognized is taken over."""
        broken = _recognized_in_part(runtime, lecture)
        answer = cut(client)
        assert client.post(f"/jobs/{answer.get_json()['silencingJobId']}/cancel").status_code == 200
        assert list(runtime.store.list(runtime.names.folder("segments", broken.id))) == []
        assert get_segments(runtime, broken.id) == []
        # As an operator's batch would: the failed job itself.
        with runtime.database.unit_of_work() as session:
            row = session.get_one(Job, broken.id)
            replayed = runtime.jobs.replay(session, row).job_id
            session.commit()

        work(runtime, replayed)

        assert is_silent(heard(runtime, lecture), 10, 19)
        assert states(client) == ["silenced"]

    def test_what_a_recognizer_writes_into_the_silence_is_left_out(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        silence(runtime, cut(client))
        client.post(f"/jobs/{_live(runtime, lecture, JobType.GENERATION)}/cancel")
        lease = running(runtime, lecture)
        add_segments(runtime, lease, range(3))
        hand_over(runtime, lease, 3)
        join = None
        for index in range(3):
            segment = claim_segment(runtime, lease.job_id, index)
            join = runtime.segments.complete(segment, _recognition(runtime, segment))
        assert join is not None

        join_segments(runtime, join, _Heart())  # type: ignore[arg-type]

        answer = client.get(f"{ADDRESS}/transcript").get_json()
        said = [word["text"] for each in answer["utterances"] for word in each["words"]]
        assert said == ["Heard0.", "Heard2."]


class _Heart:
    def check(self) -> None:
        return None


def _recognition(rt: Runtime, lease: SegmentLease) -> str:
    """A word at the second second of the segment, which is ten seconds long."""
    word: dict[str, Any] = {"text": f"Heard{lease.index}.", "startSec": 2, "endSec": 3}
    name = segment_transcript(rt, lease)
    recognition = Recognition.model_validate(
        {
            "language": "en",
            "languageProbability": 1,
            "withheld": 0,
            "words": [{**word, "probability": 0.9}],
        }
    )
    rt.store.create(name, recognition.to_json(), "application/json")
    return name


def _recognized_in_part(rt: Runtime, lecture: Lecture) -> Job:
    """A transcription that has recognized a segment, and failed."""
    lease = running(rt, lecture)
    add_segments(rt, lease, range(2))
    segment = claim_segment(rt, lease.job_id, 0)
    rt.segments.complete(segment, _recognition(rt, segment))
    rt.store.create(segment.audio_object, json.dumps("sound").encode(), "audio/flac")
    rt.jobs.fail(lease, Failure.of(NoSpeechError()))
    return get_job(rt, lease.job_id)


def _live(rt: Runtime, lecture: Lecture, type: JobType) -> uuid.UUID:
    [live] = [job for job in get_jobs(rt, lecture, type) if job.status is WorkStatus.QUEUED]
    return live.id


def _recording(rt: Runtime) -> str:
    with rt.database.reading() as session:
        return session.scalars(select(Lecture.source_object)).one()
