"""Captions and text are there as soon as there is a transcript, whatever comes of the material."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from functions.export.formats.registry import FORMATS, OF_TRANSCRIPT
from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.retention.repairs.jobs import recover_jobs
from functions.retention.repairs.lectures import STILL_FOR, move_stuck_lectures
from functions.transcribe.join import join_segments
from scripts.integrity.checking import check_bucket
from scripts.integrity.mending import mend
from shared.deletion.lectures import delete_lecture
from shared.documents.transcript import Transcript
from shared.errors import ExportFailedError, ProviderQuotaExhaustedError
from shared.fault_points import listen
from shared.messaging.events import JobMessage
from shared.models import (
    TRANSCRIPT_FILES,
    ExportRow,
    Job,
    JobType,
    Lecture,
    LectureStatus,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.speech.recognition import Recognition
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import DONE, DUPLICATE, Ending, Outcome
from tests.integration.material.test_corrections import correct
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    claim_segment,
    fan_out,
    get_job,
    get_jobs,
    get_lecture,
    segment_transcript,
    uploaded,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.processes.threads import at_once
from tests.unit.generate.lectures import lecture as spoken_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")

SAID = spoken_lecture("hashing-1")
EVERYTHING = {*FORMATS, "zip"}
ADDRESS = "/lectures/hashing"
SEGMENT_SEC = 10.0


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    """One whose transcript has just been joined; nothing is made of it yet."""
    return joined(runtime)


@pytest.fixture
def client(runtime: Runtime, lecture: Lecture) -> FlaskClient:
    return create_app(runtime).test_client()


def joined(rt: Runtime, said: Transcript = SAID) -> Lecture:
    lecture = uploaded(rt, duration_sec=said.duration_sec, title="Hash tables")
    count = int(said.duration_sec // SEGMENT_SEC) + 1
    lease = fan_out(rt, lecture, count)
    join = None
    for index in range(count):
        segment = claim_segment(rt, lease.job_id, index)
        name = segment_transcript(rt, segment)
        recognition = recognized(said, index)
        rt.store.create(name, recognition.to_json(), "application/json")
        join = rt.segments.complete(segment, name)
    assert join is not None
    join_segments(rt, join, Heartbeat(lambda: True, interval_sec=60))
    return get_lecture(rt, lecture)


def recognized(said: Transcript, index: int) -> Recognition:
    """The words that begin in a segment, at their times in it."""
    start = index * SEGMENT_SEC
    words = tuple(
        word.model_copy(
            update={
                "start_sec": word.start_sec - start,
                "end_sec": min(word.end_sec - start, SEGMENT_SEC),
            }
        )
        for each in said.utterances
        for word in each.words
        if start <= word.start_sec < start + SEGMENT_SEC
    )
    return Recognition(
        **{"language": "en", "language_probability": 1, "words": words, "withheld": 0},
        provider="whisper",
        model="base",
    )


def only(rt: Runtime, lecture: Lecture, type: JobType) -> Job:
    """The lecture's live job of a type."""
    [job] = [each for each in get_jobs(rt, lecture, type) if each.status in ("queued", "running")]
    return job


def export(rt: Runtime, lecture: Lecture) -> Outcome:
    return export_lecture(rt, JobMessage(job_id=only(rt, lecture, JobType.EXPORT).id))


def generate(rt: Runtime, lecture: Lecture) -> Outcome:
    return generate_material(rt, JobMessage(job_id=only(rt, lecture, JobType.GENERATION).id))


def fail_material(rt: Runtime, lecture: Lecture) -> None:
    """For good, as where the model's quota is used up."""
    lease = rt.jobs.claim(only(rt, lecture, JobType.GENERATION).id, JobType.GENERATION)
    assert lease is not None
    rt.jobs.fail(lease, Failure.of(ProviderQuotaExhaustedError("No credit is left.")))


def claimed(rt: Runtime, lecture: Lecture) -> Lease:
    lease = rt.jobs.claim(only(rt, lecture, JobType.EXPORT).id, JobType.EXPORT)
    assert lease is not None
    return lease


def files(client: FlaskClient) -> set[str]:
    return {each["type"] for each in client.get(f"{ADDRESS}/exports").get_json()["exports"]}


def text_of(rt: Runtime, lecture: Lecture, type: str) -> str:
    """The lecture's file of a kind, as its row names it."""
    with rt.database.reading() as session:
        name = session.scalars(
            select(ExportRow.object).where(
                ExportRow.lecture_id == lecture.id, ExportRow.type == type
            )
        ).one()
    return rt.store.read(name).decode()


def progress(client: FlaskClient) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{ADDRESS}/progress").get_json()
    return answer


def stage(client: FlaskClient, name: str) -> str:
    [found] = [each["status"] for each in progress(client)["stages"] if each["stage"] == name]
    return str(found)


def test_the_kinds_that_are_made_early_are_those_that_the_database_knows() -> None:
    assert {each.type for each in OF_TRANSCRIPT} == TRANSCRIPT_FILES
    assert {each.type for each in FORMATS.values() if each.needs_transcript} == TRANSCRIPT_FILES


class TestBeforeTheMaterial:
    def test_the_join_queues_them_beside_the_material(
        self, runtime: Runtime, lecture: Lecture, messages: RecordingMessages
    ) -> None:
        material = only(runtime, lecture, JobType.GENERATION)
        early = only(runtime, lecture, JobType.EXPORT)

        assert early.params == {"transcript_only": True}
        assert messages.to("export") == [{"jobId": str(early.id)}]
        assert messages.to("generate") == [{"jobId": str(material.id)}]

    def test_they_can_be_downloaded_while_the_material_hangs(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        hanging = only(runtime, lecture, JobType.GENERATION).id
        assert runtime.jobs.claim(hanging, JobType.GENERATION) is not None

        assert export(runtime, lecture) == DONE

        assert files(client) == TRANSCRIPT_FILES
        for type in TRANSCRIPT_FILES:
            assert client.get(f"/exports/hashing/{type}").status_code == 302
        assert text_of(runtime, lecture, "vtt").startswith("WEBVTT")
        assert "00:00:00,800 --> " in text_of(runtime, lecture, "srt")
        assert SAID.utterances[0].text in text_of(runtime, lecture, "txt")
        assert client.get("/exports/hashing/pdf").status_code == 404
        assert client.get(ADDRESS).get_json()["available"] == {
            **{"recording": True, "transcript": True},
            **{"artifacts": False, "exports": True},
        }

    def test_the_lecture_and_its_progress_are_as_if_they_were_not_made(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        def shown() -> dict[str, Any]:
            unlike = {"filesMadeAt", "estimatedSecondsLeft"}
            return {key: each for key, each in progress(client).items() if key not in unlike}

        before = shown()
        lease = claimed(runtime, lecture)
        assert shown() == before
        runtime.jobs.fail(lease, Failure.of(TimeoutError()))
        assert shown() == before

        export(runtime, lecture)

        assert shown() == before
        assert (before["overallStatus"], before["percent"]) == ("in_progress", 80)
        assert stage(client, "export") == "not_started"

    def test_the_progress_says_when_they_were_made(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
    ) -> None:
        assert progress(client)["filesMadeAt"] is None

        export(runtime, lecture)

        made = datetime.fromisoformat(progress(client)["filesMadeAt"])
        assert made == clock.now

    def test_a_second_delivery_changes_nothing(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        message = JobMessage(job_id=only(runtime, lecture, JobType.EXPORT).id)
        assert export_lecture(runtime, message) == DONE
        before = client.get(f"{ADDRESS}/exports").get_json()

        assert export_lecture(runtime, message) == DUPLICATE

        assert client.get(f"{ADDRESS}/exports").get_json() == before
        assert len(get_jobs(runtime, lecture, JobType.EXPORT)) == 1

    def test_two_deliveries_at_the_same_moment_make_them_once(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        message = JobMessage(job_id=only(runtime, lecture, JobType.EXPORT).id)

        endings = at_once(lambda _: export_lecture(runtime, message).ending, range(4))

        assert sorted(endings) == sorted([Ending.DONE, *[Ending.DUPLICATE] * 3])

    def test_a_worker_that_dies_is_replaced_and_the_job_stays_what_it_was(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
    ) -> None:
        lease = claimed(runtime, lecture)
        clock.advance(runtime.settings.plc_lease_sec)

        assert recover_jobs(runtime) == 1

        assert get_job(runtime, lease.job_id).status == WorkStatus.QUEUED
        assert export(runtime, lecture) == DONE
        assert files(client) == TRANSCRIPT_FILES


class TestMaterialThatFails:
    def test_they_are_there_although_the_material_cannot_be_made(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)

        fail_material(runtime, lecture)

        assert files(client) == TRANSCRIPT_FILES
        shown = client.get(ADDRESS).get_json()
        assert (shown["status"], shown["error"]["code"]) == ("failed", "provider_quota_exhausted")

    def test_nor_does_the_lecture_wait_for_them_or_recover_by_them(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        fail_material(runtime, lecture)
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED

        lease = claimed(runtime, lecture)
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED
        runtime.jobs.fail(lease, Failure.of(TimeoutError()))
        export(runtime, lecture)

        assert files(client) == TRANSCRIPT_FILES
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED

    def test_a_material_that_fails_while_they_are_made_ends_the_lecture_even_if_it_was_complete(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        """Made again, it goes back to completed, and not only when its captions are done."""
        export(runtime, lecture)
        generate(runtime, lecture)
        export(runtime, lecture)
        correct(create_app(runtime).test_client(), {0: "Something else."}, regenerate=True)
        claimed(runtime, lecture)

        fail_material(runtime, lecture)

        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED

    def test_they_fail_alone(self, runtime: Runtime, client: FlaskClient, lecture: Lecture) -> None:
        runtime.jobs.fail(claimed(runtime, lecture), Failure.of(ExportFailedError("No.")))
        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING

        assert generate(runtime, lecture) == DONE
        assert export(runtime, lecture) == DONE

        assert files(client) == EVERYTHING
        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED

    def test_a_failure_of_theirs_can_be_replayed(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        lease = claimed(runtime, lecture)
        runtime.jobs.fail(lease, Failure.of(ExportFailedError("No.")))
        fail_material(runtime, lecture)

        assert client.post(f"/jobs/{lease.job_id}/replay").status_code == 202
        assert export(runtime, lecture) == DONE

        assert files(client) == TRANSCRIPT_FILES
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED

    def test_an_export_of_everything_that_failed_is_not_done_by_them(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
    ) -> None:
        export(runtime, lecture)
        generate(runtime, lecture)
        lease = claimed(runtime, lecture)
        runtime.jobs.fail(lease, Failure.of(ExportFailedError("No.")))
        clock.advance(1)
        correct(client, {0: "Something else."})
        assert export(runtime, lecture) == DONE

        listed = client.get("/jobs/dead-letter").get_json()["jobs"]

        assert [each["jobId"] for each in listed] == [str(lease.job_id)]


class TestBothExports:
    def test_one_that_is_queued_becomes_the_export_of_everything(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        early = only(runtime, lecture, JobType.EXPORT).id

        generate(runtime, lecture)

        assert only(runtime, lecture, JobType.EXPORT).id == early
        assert export(runtime, lecture) == DONE
        assert files(client) == EVERYTHING
        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED
        assert [each.status for each in get_jobs(runtime, lecture, JobType.EXPORT)] == ["succeeded"]

    def test_one_that_runs_ends_without_completing_the_lecture_and_everything_follows(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        def generate_meanwhile(point: str, _work: str) -> None:
            if point == "transcript_files.stored":
                listen(None)
                assert generate(runtime, lecture) == DONE

        listen(generate_meanwhile)

        assert export(runtime, lecture) == DONE

        assert files(client) == TRANSCRIPT_FILES
        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING
        assert stage(client, "export") == "queued"
        assert only(runtime, lecture, JobType.EXPORT).params == {}
        [early] = [
            each
            for each in get_jobs(runtime, lecture, JobType.EXPORT)
            if each.status == "succeeded"
        ]
        assert early.params == {"transcript_only": True}
        assert export(runtime, lecture) == DONE
        assert files(client) == EVERYTHING
        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED

    def test_one_that_fails_for_good_while_everything_is_asked_for_is_followed_by_that(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        lease = claimed(runtime, lecture)
        generate(runtime, lecture)

        runtime.jobs.fail(lease, Failure.of(ExportFailedError("No.")))

        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING
        assert export(runtime, lecture) == DONE
        assert files(client) == EVERYTHING

    def test_an_export_of_everything_that_runs_does_their_work(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)
        generate(runtime, lecture)
        corrected = "Everything here is different."

        def correct_meanwhile(point: str, _work: str) -> None:
            if point == "export.stored":
                listen(None)
                assert correct(client, {0: corrected}).status_code == 200

        listen(correct_meanwhile)

        assert export(runtime, lecture) == DONE

        assert only(runtime, lecture, JobType.EXPORT).params == {}
        assert export(runtime, lecture) == DONE
        assert corrected in text_of(runtime, lecture, "txt")
        assert files(client) == EVERYTHING
        assert get_lecture(runtime, lecture).status == LectureStatus.COMPLETED

    def test_the_export_of_everything_takes_the_place_of_their_rows(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        def rows() -> dict[str, tuple[str, str]]:
            with runtime.database.reading() as session:
                found = session.scalars(select(ExportRow).where(ExportRow.lecture_id == lecture.id))
                return {each.type: (each.object, each.sha256) for each in found}

        export(runtime, lecture)
        early = rows()
        generate(runtime, lecture)
        export(runtime, lecture)

        for type, (name, sha256) in early.items():
            assert rows()[type][1] == sha256
            assert rows()[type][0] != name


class TestAnotherTranscript:
    @pytest.mark.parametrize("regenerate", [False, True])
    def test_a_correction_makes_them_anew_without_any_material(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture, regenerate: bool
    ) -> None:
        export(runtime, lecture)
        fail_material(runtime, lecture)
        said = SAID.utterances[0].text

        assert correct(client, {0: "No one said this."}, regenerate=regenerate).status_code == 200
        assert export(runtime, lecture) == DONE

        for type in TRANSCRIPT_FILES:
            text = " ".join(text_of(runtime, lecture, type).split())
            assert "No one said this." in text
            assert said not in text

    def test_a_restored_revision_does_so_too(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        fail_material(runtime, lecture)
        correct(client, {0: "No one said this."})
        export(runtime, lecture)
        etag = client.get(f"{ADDRESS}/transcript").headers["ETag"]

        restored = client.post(
            f"{ADDRESS}/transcript/restore", json={"revision": 1}, headers={"If-Match": etag}
        )

        assert restored.status_code == 200
        assert export(runtime, lecture) == DONE
        assert "No one said this." not in text_of(runtime, lecture, "txt")
        assert SAID.utterances[0].text in text_of(runtime, lecture, "txt")

    def test_a_correction_that_changes_nothing_makes_none(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)

        assert correct(client, {0: SAID.utterances[0].text}).status_code == 200

        assert len(get_jobs(runtime, lecture, JobType.EXPORT)) == 1

    def test_files_of_the_former_do_not_count_once_there_is_another(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        def correct_meanwhile(point: str, _work: str) -> None:
            if point == "transcript_files.stored":
                listen(None)
                assert correct(client, {0: "No one said this."}).status_code == 200

        listen(correct_meanwhile)

        assert export(runtime, lecture) == DONE

        assert files(client) == set()
        assert export(runtime, lecture) == DONE
        assert "No one said this." in text_of(runtime, lecture, "txt")

    def test_nor_once_there_is_none(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        def forget(point: str, _work: str) -> None:
            if point == "transcript_files.stored":
                with runtime.database.unit_of_work() as session:
                    session.execute(update(Lecture).values(transcript_object=None))
                    session.commit()

        listen(forget)

        assert export(runtime, lecture) == DONE
        assert files(client) == set()

    def test_without_a_transcript_there_is_nothing_to_do(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        with runtime.database.unit_of_work() as session:
            session.execute(update(Lecture).values(transcript_object=None))
            session.commit()

        assert export(runtime, lecture) == DONE
        assert files(client) == set()

    def test_files_that_retention_has_deleted_do_not_come_back_by_a_correction(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)
        with runtime.database.unit_of_work() as session:
            session.execute(delete(ExportRow))
            session.execute(update(Lecture).values(material_deleted_at=runtime.clock()))
            session.commit()

        assert correct(client, {0: "No one said this."}).status_code == 200

        assert len(get_jobs(runtime, lecture, JobType.EXPORT)) == 1

    def test_another_title_is_in_them_without_any_material(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)
        fail_material(runtime, lecture)

        assert client.patch(ADDRESS, json={"title": "Trees"}).status_code == 200
        assert export(runtime, lecture) == DONE

        assert text_of(runtime, lecture, "txt").startswith("Trees\n")
        assert get_lecture(runtime, lecture).status == LectureStatus.FAILED


class TestWhatElseHappens:
    def test_a_deletion_meanwhile_leaves_nothing(self, runtime: Runtime, lecture: Lecture) -> None:
        def delete_meanwhile(point: str, _work: str) -> None:
            if point == "transcript_files.stored":
                listen(None)
                delete_lecture(runtime, lecture)

        listen(delete_meanwhile)

        assert export(runtime, lecture) == DUPLICATE

        assert list(runtime.store.list(runtime.names.folder("exports", lecture.id))) == []
        with runtime.database.reading() as session:
            assert session.scalars(select(ExportRow)).all() == []

    def test_a_restriction_cancels_them_and_lifting_it_makes_them(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        assert client.put(f"{ADDRESS}/restriction").status_code < 300
        [cancelled] = get_jobs(runtime, lecture, JobType.EXPORT)
        assert cancelled.status == WorkStatus.FAILED

        assert client.delete(f"{ADDRESS}/restriction").status_code < 300

        assert export(runtime, lecture) == DONE
        assert files(client) == TRANSCRIPT_FILES

    def test_a_lecture_that_is_stuck_goes_on_with_its_material(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        """Although the last job that ended was theirs."""
        export(runtime, lecture)
        with runtime.database.unit_of_work() as session:
            session.execute(delete(Job).where(Job.type == JobType.GENERATION))
            session.commit()
        clock.advance(STILL_FOR.total_seconds() + 1)

        assert move_stuck_lectures(runtime) == 1

        assert only(runtime, lecture, JobType.GENERATION).status == WorkStatus.QUEUED

    def test_one_that_hangs_does_not_keep_a_stuck_lecture_where_it_is(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        with runtime.database.unit_of_work() as session:
            session.execute(delete(Job).where(Job.type == JobType.GENERATION))
            session.commit()
        clock.advance(STILL_FOR.total_seconds() + 1)

        assert move_stuck_lectures(runtime) == 1

    def test_a_file_that_is_missing_is_made_again_without_any_material(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        export(runtime, lecture)
        fail_material(runtime, lecture)
        with runtime.database.reading() as session:
            name = session.scalars(select(ExportRow.object)).first()
        assert name is not None
        runtime.store.delete(name)

        fates = {
            finding.name: mended
            for checked in check_bucket(runtime, deep=False)
            for finding, _, mended in mend(runtime, checked)
        }

        assert fates[name]
        assert export(runtime, lecture) == DONE
        assert all(text_of(runtime, lecture, type) for type in TRANSCRIPT_FILES)

    def test_a_job_of_an_earlier_release_makes_everything(
        self, runtime: Runtime, client: FlaskClient, lecture: Lecture
    ) -> None:
        """Its parameters are empty, and its message has never said more than its id."""
        export(runtime, lecture)
        generate(runtime, lecture)
        job = only(runtime, lecture, JobType.EXPORT)

        assert job.params == {}
        assert export_lecture(runtime, JobMessage(job_id=job.id)) == DONE
        assert files(client) == EVERYTHING
