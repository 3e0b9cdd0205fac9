"""What has been promised to go goes, once, and is written down."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from functions.export.formats.registry import FORMATS
from functions.export.renderer import render_all
from functions.ingest.app import create_app
from functions.retention.runs.expiry import expire
from shared.errors import NoSpeechError
from shared.models import (
    REPEATS_TRANSCRIPT,
    IdempotencyKey,
    JobType,
    Lecture,
    LectureStatus,
    OutboxMessage,
)
from shared.runtime import Runtime
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    claim_segment,
    complete,
    enqueue,
    failed,
    fan_out,
    get_job,
    get_lecture,
    get_segments,
    running,
    segment_transcript,
)
from tests.support.lectures.retention import (
    Refusing,
    audit,
    exported,
    outcomes,
    recorded,
    retain,
    there,
    transcribed,
)
from tests.unit.export.documents import lecture as lecture_document

RAW_DAYS, TRANSCRIPT_DAYS = 30, 14


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


class TestRecordings:
    def test_one_that_is_due_goes_and_the_audit_says_so(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        clock.advance(days=RAW_DAYS)

        assert expire(runtime) == DONE

        assert runtime.store.stat(lecture.source_object) is None
        assert get_lecture(runtime, lecture).raw_deleted_at == clock.now
        [event] = audit(runtime)
        assert (event.subject, event.lecture_id, event.actor, event.outcome) == (
            runtime.store.uri(lecture.source_object),
            lecture.id,
            "policy:raw_audio",
            "deleted",
        )
        assert event.created_at == clock.now

    def test_a_second_run_has_nothing_left_to_do(self, runtime: Runtime, clock: HeldClock) -> None:
        recorded(runtime)
        clock.advance(days=RAW_DAYS)
        expire(runtime)
        clock.advance(days=1)

        assert expire(runtime) == DONE
        assert len(audit(runtime)) == 1

    def test_one_that_is_not_due_stays(self, runtime: Runtime, clock: HeldClock) -> None:
        lecture = recorded(runtime)
        clock.advance(-1, days=RAW_DAYS)

        expire(runtime)

        assert runtime.store.stat(lecture.source_object) is not None
        assert audit(runtime) == []

    @pytest.mark.parametrize("state", ["queued", "running"])
    def test_one_that_is_being_worked_on_stays_until_the_work_is_over(
        self, runtime: Runtime, clock: HeldClock, state: str
    ) -> None:
        lecture = recorded(runtime)
        clock.advance(days=RAW_DAYS)
        job_id = enqueue(runtime, lecture)
        lease = runtime.jobs.claim(job_id, JobType.TRANSCRIPTION) if state == "running" else None

        expire(runtime)
        assert runtime.store.stat(lecture.source_object) is not None

        lease = lease or runtime.jobs.claim(job_id, JobType.TRANSCRIPTION)
        assert lease is not None
        complete(runtime, lease)
        expire(runtime)
        assert runtime.store.stat(lecture.source_object) is None

    def test_one_that_is_gone_already_does_not_stop_the_run(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        missing = recorded(runtime, "missing")
        runtime.store.delete(missing.source_object)
        clock.advance(1)
        present = recorded(runtime, "there")
        clock.advance(days=RAW_DAYS)

        assert expire(runtime) == DONE

        assert not there(runtime, present.source_object)
        assert {event.lecture_id: event.outcome for event in audit(runtime)} == {
            missing.id: "already_gone",
            present.id: "deleted",
        }
        assert get_lecture(runtime, missing).raw_deleted_at == clock.now

    def test_one_that_cannot_be_deleted_does_not_stop_the_others_and_is_due_again(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        stuck, other = recorded(runtime, "stuck"), recorded(runtime, "other")
        clock.advance(days=RAW_DAYS)
        limping = dataclasses.replace(runtime, store=Refusing(runtime.store, stuck.source_object))

        report = retain(limping)

        assert not there(runtime, other.source_object)
        assert get_lecture(runtime, stuck).raw_deleted_at is None
        assert (report.total.due, report.total.deleted, report.total.refused) == (2, 1, 1)
        assert not report.complete
        uri = runtime.store.uri
        assert outcomes(runtime) == {
            uri(other.source_object): "deleted",
            uri(stuck.source_object): "refused: PermissionError",
        }
        assert retain(runtime).complete
        assert not there(runtime, stuck.source_object)

    def test_the_audit_names_the_generation_and_the_run(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        clock.advance(days=RAW_DAYS)

        report = retain(runtime)

        [event] = audit(runtime)
        assert (event.generation, event.size) == (lecture.source_generation, len(b"sound"))
        assert event.run_id == report.run_id

    def test_what_came_to_its_name_later_is_another_object_and_stays(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture = recorded(runtime)
        runtime.store.delete(lecture.source_object)
        clock.advance(days=RAW_DAYS)
        runtime.store.create(lecture.source_object, b"anew", "audio/wav")
        clock.now = datetime.now(UTC) + timedelta(days=RAW_DAYS)
        later = runtime.store.stat(lecture.source_object)
        assert later is not None

        report = retain(runtime)

        assert report.policies["raw_audio"].already_gone == 1
        assert (later.name, "already_gone") in {
            (event.subject.removeprefix(runtime.store.uri("")), event.outcome)
            for event in audit(runtime)
            if event.generation == lecture.source_generation
        }

    def test_a_lecture_that_never_got_its_recording_is_left_alone(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        add_lecture(runtime)
        clock.advance(days=365)

        expire(runtime)

        assert audit(runtime) == []


class TestTranscripts:
    def test_all_versions_go_and_the_lecture_says_it_has_none(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture, names = transcribed(runtime, times=2)
        clock.advance(days=TRANSCRIPT_DAYS)

        assert expire(runtime) == DONE

        row = get_lecture(runtime, lecture)
        assert (row.transcript_object, row.transcript_deleted_at) == (None, clock.now)
        assert [runtime.store.stat(name) for name in names] == [None, None]
        by_subject = {event.subject: event.actor for event in audit(runtime)}
        assert by_subject == {
            runtime.store.uri(names[0]): "policy:old_transcripts",
            runtime.store.uri(names[1]): "policy:transcript",
        }
        assert runtime.store.stat(lecture.source_object) is not None
        assert row.status == LectureStatus.COMPLETED

    def test_they_stay_while_they_are_not_due_or_needed(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        _, young = transcribed(runtime, "young")
        clock.advance(-1, days=TRANSCRIPT_DAYS)
        expire(runtime)
        busy, needed = transcribed(runtime, "busy")
        clock.advance(days=TRANSCRIPT_DAYS)
        enqueue(runtime, busy, JobType.GENERATION)

        expire(runtime)

        assert runtime.store.stat(young[-1]) is None
        assert runtime.store.stat(needed[-1]) is not None

    def test_files_that_repeat_the_transcript_go_with_it_and_the_others_stay(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture, _ = transcribed(runtime)
        captions, notes = exported(runtime, lecture, "srt"), exported(runtime, lecture, "markdown")
        clock.advance(days=TRANSCRIPT_DAYS)

        retain(runtime)

        assert (there(runtime, captions), there(runtime, notes)) == (False, True)
        client = create_app(runtime).test_client()
        assert client.get("/exports/hashing/srt").status_code == 410
        assert client.get("/lectures/hashing/transcript").status_code == 410
        assert client.get("/exports/hashing/markdown").status_code == 302
        listed = client.get("/lectures/hashing/exports").get_json()["exports"]
        assert [each["type"] for each in listed] == ["markdown"]

    def test_what_is_exported_without_a_transcript_later_stays(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture, _ = transcribed(runtime)
        clock.advance(days=TRANSCRIPT_DAYS)
        retain(runtime)
        clock.advance(1)
        anew = exported(runtime, lecture, "json")
        clock.advance(days=1)

        report = retain(runtime)

        assert there(runtime, anew)
        assert report.total.due == 0

    def test_captions_that_refuse_to_go_are_due_again_when_the_transcript_is_gone(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture, [transcript] = transcribed(runtime)
        captions = exported(runtime, lecture, "srt")
        clock.advance(days=TRANSCRIPT_DAYS)

        first = retain(dataclasses.replace(runtime, store=Refusing(runtime.store, captions)))
        assert not there(runtime, transcript)
        assert get_lecture(runtime, lecture).transcript_object is None
        assert (first.total.deleted, first.total.refused) == (1, 1)

        assert retain(runtime).policies["transcript"].deleted == 1
        assert not there(runtime, captions)

    def test_the_audit_does_not_name_files_that_are_called_after_their_lecture(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        lecture, _ = transcribed(runtime, "my-secret-course")
        exported(runtime, lecture, "srt", object_name="my-secret-course.srt")
        clock.advance(days=TRANSCRIPT_DAYS)

        retain(runtime)

        assert not [event for event in audit(runtime) if "secret" in event.subject]
        assert [event for event in audit(runtime) if event.subject.endswith("/*.srt")]

    def test_which_files_repeat_it_is_known(self) -> None:
        document = lecture_document()
        assert document.transcript is not None
        backwards = document.transcript.model_copy(
            update={"utterances": document.transcript.utterances[::-1]}
        )
        other = dataclasses.replace(document, transcript=backwards)

        said, unsaid = (
            {file.type: file.data for file in render_all(each, FORMATS.values()).files}
            for each in (document, other)
        )

        assert {kind for kind in said if said[kind] != unsaid[kind]} == REPEATS_TRANSCRIPT


class TestSegments:
    def cut(self, rt: Runtime, lecture: Lecture) -> uuid.UUID:
        """A transcription of two segments, of which the first is done and the second fails."""
        job_id = fan_out(rt, lecture, 2).job_id
        done = claim_segment(rt, job_id, 0)
        for segment in get_segments(rt, job_id):
            rt.store.create(segment.audio_object, b"flac", "audio/flac")
        name = segment_transcript(rt, done)
        rt.store.create(name, b"{}", "application/json")
        rt.segments.complete(done, name)
        broken = claim_segment(rt, job_id, 1)
        rt.segments.fail(broken, Failure.of(NoSpeechError()))
        return job_id

    def replay(self, rt: Runtime, job_id: uuid.UUID) -> Lease:
        with rt.database.unit_of_work() as session:
            new = rt.jobs.replay(session, get_job(rt, job_id))
            session.commit()
        lease = rt.jobs.claim(new.job_id, JobType.TRANSCRIPTION)
        assert lease is not None
        return lease

    def objects(self, rt: Runtime, job_id: uuid.UUID) -> list[str]:
        return [stored.name for stored in rt.store.list(rt.names.folder("segments", job_id))]

    def test_they_go_a_day_after_their_job_is_over(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = self.cut(runtime, recorded(runtime))
        clock.advance(-1, days=1)
        expire(runtime)
        assert len(self.objects(runtime, job_id)) == 3

        clock.advance(1)
        expire(runtime)

        assert self.objects(runtime, job_id) == []
        assert get_segments(runtime, job_id) == []
        assert len(audit(runtime)) == 3

    def test_a_replay_after_that_cuts_the_recording_anew(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = self.cut(runtime, recorded(runtime))
        clock.advance(days=1)
        expire(runtime)

        lease = self.replay(runtime, job_id)

        with runtime.database.unit_of_work() as session:
            assert runtime.segments.adopt(session, lease) is None
        assert runtime.segments.known(lease.job_id) == {}

    def test_what_a_replay_has_adopted_stays_as_long_as_the_replay_needs_it(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = self.cut(runtime, recorded(runtime))
        clock.advance(days=1)
        lease = self.replay(runtime, job_id)
        with runtime.database.unit_of_work() as session:
            runtime.segments.adopt(session, lease)
            session.commit()

        expire(runtime)
        assert len(self.objects(runtime, job_id)) == 3
        runtime.jobs.fail(lease, Failure.of(NoSpeechError()))
        expire(runtime)
        assert len(self.objects(runtime, job_id)) == 3

        clock.advance(days=1)
        expire(runtime)
        assert self.objects(runtime, job_id) == []
        assert get_segments(runtime, job_id) == get_segments(runtime, lease.job_id) == []

    def test_another_lectures_work_does_not_hold_them_back(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        job_id = self.cut(runtime, recorded(runtime, "old"))
        clock.advance(days=1)
        running(runtime, recorded(runtime, "new"))

        expire(runtime)

        assert self.objects(runtime, job_id) == []


class TestRows:
    def test_used_up_rows_go_and_unsent_messages_never(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        with runtime.database.unit_of_work() as session:
            for published in (None, clock.now):
                session.add(
                    OutboxMessage(
                        destination="export",
                        payload={},
                        attributes={},
                        created_at=clock.now,
                        published_at=published,
                    )
                )
            for key, lifetime in (("short", 1), ("long", 30)):
                session.add(
                    IdempotencyKey(
                        scope="s",
                        key=key,
                        request_hash="h",
                        claim=uuid.uuid4(),
                        expires_at=clock.now + timedelta(days=lifetime),
                    )
                )
            session.commit()
        clock.advance(days=8)

        expire(runtime)

        with runtime.database.unit_of_work() as session:
            assert session.scalars(select(OutboxMessage.published_at)).all() == [None]
            assert session.scalars(select(IdempotencyKey.key)).all() == ["long"]


def test_the_audit_outlives_what_it_speaks_of(runtime: Runtime, clock: HeldClock) -> None:
    lecture = recorded(runtime)
    clock.advance(days=RAW_DAYS)
    expire(runtime)

    with runtime.database.unit_of_work() as session:
        session.delete(session.get_one(Lecture, lecture.id))
        session.commit()

    assert [event.lecture_id for event in audit(runtime)] == [lecture.id]


def test_failed_lectures_keep_no_longer_than_others(runtime: Runtime, clock: HeldClock) -> None:
    lecture = recorded(runtime)
    failed(runtime, lecture)
    clock.advance(days=RAW_DAYS)

    expire(runtime)

    assert runtime.store.stat(lecture.source_object) is None
