"""What the database says is in the bucket, and what is not as it says is found, and mended."""

import dataclasses
import hashlib
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from scripts.integrity.__main__ import CLEAN, FINDINGS, UNABLE, check
from scripts.integrity.checking import check_bucket
from scripts.integrity.mending import mend
from scripts.integrity.merging import BATCH
from shared.deletion.lectures import delete_lecture
from shared.deletion.purging import request_purge
from shared.models import (
    Course,
    DeletionAuditEvent,
    ExportRow,
    JobType,
    Lecture,
    LectureStatus,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from shared.work.leases import Lease
from shared.work.retry import Failure
from shared.work.stages import STAGES
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    claim_segment,
    complete,
    enqueue,
    fan_out,
    finish_segment,
    get_job,
    get_jobs,
    get_lecture,
    get_segments,
    running,
    segment_transcript,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.lectures.whole_lecture import add_whole_lecture

Line = dict[str, Any]
NOTES = b"phlogiston"


@pytest.fixture(autouse=True)
def present(clock: HeldClock) -> None:
    """Objects are as old as the storage server says."""
    clock.now = datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    """A lecture that has everything, all of it as recorded."""
    lecture = add_whole_lecture(
        runtime, owner="local", course="chemistry", slug="fire", secret=NOTES.decode()
    ).lecture
    stored = runtime.store.stat(lecture.source_object)
    assert stored is not None
    with runtime.database.unit_of_work() as session:
        session.execute(
            update(Lecture)
            .where(Lecture.id == lecture.id)
            .values(
                source_generation=stored.generation,
                source_size=stored.size,
                source_crc32c=stored.crc32c,
            )
        )
        session.execute(update(ExportRow).values(sha256=hashlib.sha256(NOTES).hexdigest()))
        session.commit()
    return get_lecture(runtime, lecture)


def checked(rt: Runtime, **options: bool) -> tuple[int, list[Line], Line]:
    """Exit status, findings, summary."""
    lines: list[Line] = []
    status = check(rt, **options, tell=lines.append)
    return status, lines[:-1], lines[-1]["summary"]


def names(rt: Runtime, kind: Any, key: uuid.UUID) -> list[str]:
    return [stored.name for stored in rt.store.list(rt.names.folder(kind, key))]


def delete(rt: Runtime, kind: Any, key: uuid.UUID) -> None:
    for name in names(rt, kind, key):
        rt.store.delete(name)


def overwrite(rt: Runtime, name: str, data: bytes) -> None:
    rt.store.delete(name)
    rt.store.create(name, data, "application/octet-stream")


def audit(rt: Runtime) -> list[DeletionAuditEvent]:
    with rt.database.unit_of_work() as session:
        return list(
            session.scalars(select(DeletionAuditEvent).order_by(DeletionAuditEvent.subject))
        )


def left_over(rt: Runtime, clock: HeldClock, name: str) -> StoredObject:
    """An object no row refers to, too old to be on its way."""
    stored = rt.store.create(name, b"left", "application/json")
    clock.advance(days=8)
    return stored


def old_export(rt: Runtime, lecture: Lecture) -> str:
    return rt.names.export(lecture.id, uuid.uuid4(), 1, "Anna's-notes.md")


def segmented(rt: Runtime, lecture: Lecture) -> uuid.UUID:
    """A failed transcription of three segments, one of them done, with their objects."""
    job_id = fan_out(rt, lecture, 3).job_id
    for segment in get_segments(rt, job_id):
        rt.store.create(segment.audio_object, b"fLaC", "audio/flac")
    done = claim_segment(rt, job_id, 0)
    rt.store.create(segment_transcript(rt, done), b"{}", "application/json")
    rt.segments.complete(done, segment_transcript(rt, done))
    broken = claim_segment(rt, job_id, 1)
    rt.segments.fail(broken, Failure("not_audio", "It is no audio.", permanent=True))
    return job_id


class TestFinding:
    def test_a_house_in_order_is_clean_and_counted(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        segmented(runtime, lecture)
        add_lecture(runtime, "waiting")
        stored = list(runtime.store.list(runtime.names.root))

        status, findings, summary = checked(runtime, deep=True)

        assert (status, findings) == (CLEAN, [])
        assert summary["stored"] == {
            "objects": len(stored),
            "bytes": sum(each.size for each in stored),
        }
        # A recording, a transcript, five artifacts, an export; three segments, one recognized.
        assert summary["rows"] == len(stored) == 8 + 4
        assert summary["in_flight"] == {"objects": 0, "bytes": 0}

    @pytest.mark.parametrize(
        ("folder", "kind", "count"),
        [
            ("raw", "recording", 1),
            ("transcripts", "transcript", 1),
            ("artifacts", "artifact", 5),
            ("exports", "export", 1),
        ],
    )
    def test_a_row_without_its_object_is_found(
        self, runtime: Runtime, lecture: Lecture, folder: Any, kind: str, count: int
    ) -> None:
        gone = names(runtime, folder, lecture.id)
        delete(runtime, folder, lecture.id)

        status, findings, _ = checked(runtime)

        assert status == FINDINGS
        assert [(each["problem"], each["kind"]) for each in findings] == [
            ("row_without_object", kind)
        ] * count
        assert {each["path"] for each in findings} == set(map(runtime.store.uri, gone))
        assert {each["lectureId"] for each in findings} == {str(lecture.id)}

    def test_a_segment_that_a_replay_would_need_is_missed(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        job_id = segmented(runtime, lecture)
        delete(runtime, "segments", job_id)

        _, findings, _ = checked(runtime)

        assert [each["kind"] for each in findings] == ["segment"] * 4

    def test_one_of_a_transcription_that_is_done_is_not(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        job_id = fan_out(runtime, lecture, 1).job_id
        join = finish_segment(runtime, job_id, 0)
        assert join is not None
        complete(runtime, join)

        assert checked(runtime)[0] == CLEAN

    @pytest.mark.parametrize("folder", ["raw", "artifacts", "exports"])
    def test_an_object_that_is_not_as_recorded_is_found(
        self, runtime: Runtime, lecture: Lecture, folder: Any
    ) -> None:
        name = names(runtime, folder, lecture.id)[0]
        overwrite(runtime, name, b"something else")

        status, [finding], _ = checked(runtime)

        assert status == FINDINGS
        assert (finding["problem"], finding["path"]) == ("differs", runtime.store.uri(name))

    def test_a_recording_of_the_right_size_and_another_checksum_differs(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        with runtime.database.unit_of_work() as session:
            session.get_one(Lecture, lecture.id).source_crc32c = "AAAAAA=="
            session.commit()

        assert [each["problem"] for each in checked(runtime)[1]] == ["differs"]

    @pytest.mark.parametrize(
        ("folder", "data"),
        [
            ("exports", lambda old: old[::-1]),
            ("transcripts", lambda _: b'{"language": "en"}'),
            ("artifacts", lambda old: old.replace(b'"artifactType"', b'"artefactType"')),
        ],
    )
    def test_what_only_reading_tells_is_found_by_reading(
        self, runtime: Runtime, lecture: Lecture, folder: Any, data: Callable[[bytes], bytes]
    ) -> None:
        name = names(runtime, folder, lecture.id)[0]
        overwrite(runtime, name, data(runtime.store.read(name)))

        assert checked(runtime)[0] == CLEAN
        status, [finding], _ = checked(runtime, deep=True)

        assert status == FINDINGS
        assert (finding["problem"], finding["path"]) == ("unreadable", runtime.store.uri(name))

    def test_what_retention_has_deleted_is_not_missed(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        delete(runtime, "raw", lecture.id)
        delete(runtime, "transcripts", lecture.id)
        with runtime.database.unit_of_work() as session:
            row = session.get_one(Lecture, lecture.id)
            row.raw_deleted_at = runtime.clock()
            row.transcript_object = None
            session.commit()

        assert checked(runtime)[0] == CLEAN

    def test_what_changes_while_it_is_looked_at_is_no_finding(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        """The rows are read, an export replaces them and their files, the files are listed."""
        [old] = names(runtime, "exports", lecture.id)
        new = old_export(runtime, lecture)

        def export_again() -> None:
            runtime.store.create(new, NOTES, "text/markdown")
            with runtime.database.unit_of_work() as session:
                session.execute(update(ExportRow).values(object=new))
                session.commit()
            runtime.store.delete(old)

        store = _Changing(runtime.store, runtime.names.folder("exports"), export_again)
        changing = dataclasses.replace(runtime, store=store)

        status, findings, summary = checked(changing)

        assert store.changed
        assert (status, findings) == (CLEAN, [])
        assert summary["in_flight"]["objects"] == 1

    def test_many_lectures_are_compared_in_the_order_of_both_sides(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        """More than are read at a time, with foreign folders before, between and behind."""
        done, waiting = LectureStatus.COMPLETED, LectureStatus.AWAITING_UPLOAD
        lectures = [
            add_lecture(runtime, f"l{n}", status=waiting if n % 25 else done)
            for n in range(BATCH + 50)
        ]
        for each in lectures[::50]:
            runtime.store.create(each.source_object, b"sound", "audio/wav")
        strangers = [uuid.UUID(int=0), uuid.uuid4(), uuid.UUID(int=(1 << 128) - 1)]
        for key in strangers:
            runtime.store.create(runtime.names.raw(key, uuid.uuid4(), "wav"), b"x", "audio/wav")
        runtime.store.create(f"{runtime.names.folder('raw')}x.wav", b"x", "audio/wav")
        clock.advance(days=8)

        _, findings, summary = checked(runtime)

        problems = [each["problem"] for each in findings]
        assert problems.count("row_without_object") == 5
        # The rows were made up by the test: what they say of generation and size is another.
        assert problems.count("differs") == 5
        assert problems.count("object_without_row") == 4
        assert summary["stored"]["objects"] == 5 + 4


class TestObjectsWithoutRows:
    def test_a_young_one_may_be_on_its_way(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        runtime.store.create(old_export(runtime, lecture), b"left", "text/markdown")
        clock.advance(days=7)

        status, findings, summary = checked(runtime, mends=True)

        assert (status, findings) == (CLEAN, [])
        assert summary["in_flight"] == {"objects": 1, "bytes": 4}

    def test_an_old_one_is_a_finding_and_goes_only_when_that_is_asked_for(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        stored = left_over(runtime, clock, old_export(runtime, lecture))

        status, [finding], _ = checked(runtime)
        assert (status, finding["problem"]) == (FINDINGS, "object_without_row")
        assert (finding["bytes"], finding["ageDays"]) == (4, 8)
        assert runtime.store.stat(stored.name) is not None
        assert audit(runtime) == []

        status, [finding], summary = checked(runtime, mends=True)

        assert (status, finding["mending"], summary["mended"]) == (CLEAN, "deleted", 1)
        assert runtime.store.stat(stored.name) is None
        [event] = audit(runtime)
        assert (event.actor, event.outcome) == ("operator:integrity", "deleted")
        assert (event.lecture_id, event.generation, event.size) == (
            lecture.id,
            stored.generation,
            4,
        )
        # A file is called after its lecture: that is not kept.
        assert "Anna" not in event.subject
        assert checked(runtime, mends=True)[1] == []

    @pytest.mark.parametrize("folder", ["raw", "transcripts", "artifacts", "exports", "segments"])
    def test_those_of_nobody_go_from_every_folder(
        self, runtime: Runtime, clock: HeldClock, folder: Any
    ) -> None:
        name = f"{runtime.names.folder(folder, uuid.uuid4())}something"
        left_over(runtime, clock, name)

        assert [each["mending"] for each in checked(runtime, mends=True)[1]] == ["deleted"]
        assert audit(runtime)[0].lecture_id is None

    def test_one_that_was_replaced_meanwhile_stays(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        name = left_over(runtime, clock, old_export(runtime, lecture)).name
        [found] = [each for each in check_bucket(runtime, deep=False) if each.findings]
        overwrite(runtime, name, b"new")

        assert [fate for _, fate, _ in mend(runtime, found)] == ["already gone"]
        assert runtime.store.read(name) == b"new"

    @pytest.mark.parametrize("state", ["queued", "running"])
    def test_nothing_goes_while_somebody_works_on_the_lecture(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock, state: str
    ) -> None:
        name = left_over(runtime, clock, old_export(runtime, lecture)).name
        if state == "running":
            running(runtime, lecture, JobType.EXPORT)
        else:
            enqueue(runtime, lecture, JobType.EXPORT)

        _, findings, summary = checked(runtime, mends=True)

        assert findings == []
        assert summary["in_flight"]["objects"] == 1
        assert runtime.store.stat(name) is not None

    def test_what_its_owner_wanted_to_keep_stays(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        segmented(runtime, lecture)
        _delete_keeping_objects(runtime, lecture)
        kept = [stored.name for stored in runtime.store.list(runtime.names.root)]
        clock.advance(days=29)

        status, findings, summary = checked(runtime, mends=True)

        assert (status, findings) == (CLEAN, [])
        assert summary["kept"]["objects"] == summary["stored"]["objects"] == len(kept)
        assert summary["in_flight"]["objects"] == 0
        assert [stored.name for stored in runtime.store.list(runtime.names.root)] == kept

    def test_what_was_kept_for_a_time_is_left_to_its_deletion_afterwards(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        segmented(runtime, lecture)
        _delete_keeping_objects(runtime, lecture)
        clock.advance(days=31)

        status, findings, summary = checked(runtime, mends=True)

        assert (status, findings) == (CLEAN, [])
        assert summary["in_flight"]["objects"] == summary["stored"]["objects"] > 0
        assert summary["kept"]["objects"] == 0

    def test_what_a_deletion_is_still_removing_is_left_to_it(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        segmented(runtime, lecture)
        with runtime.database.unit_of_work() as session:
            row = session.get_one(Lecture, lecture.id)
            request_purge(runtime, session, row)
            session.delete(row)
            session.commit()
        clock.advance(days=30)

        _, findings, summary = checked(runtime, mends=True)

        assert findings == []
        assert summary["in_flight"]["objects"] == 12

    def test_nothing_of_a_course_on_hold_goes(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        name = left_over(runtime, clock, old_export(runtime, lecture)).name
        with runtime.database.unit_of_work() as session:
            course = session.get_one(Course, lecture.course_id)
            course.held_until = runtime.clock() + timedelta(seconds=1)
            session.commit()

        assert checked(runtime, mends=True)[1] == []
        clock.advance(1)
        assert [each["path"] for each in checked(runtime, mends=True)[1]] == [
            runtime.store.uri(name)
        ]

    def test_a_recording_that_waits_to_be_accepted_stays(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        waiting = add_lecture(runtime)
        left_over(runtime, clock, waiting.source_object)

        assert checked(runtime, mends=True)[1] == []
        assert runtime.store.stat(waiting.source_object) is not None

    def test_segments_stay_that_a_replay_took_over(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        old = segmented(runtime, lecture)
        with runtime.database.unit_of_work() as session:
            new = runtime.jobs.replay(session, get_job(runtime, old))
            session.commit()
        lease = runtime.jobs.claim(new.job_id, JobType.TRANSCRIPTION)
        assert lease is not None
        _adopt_and_fail(runtime, lease)
        _forget_segments(runtime, old)
        clock.advance(days=8)

        status, findings, _ = checked(runtime, mends=True)

        assert (status, findings) == (CLEAN, [])
        assert len(names(runtime, "segments", old)) == 4


class TestMending:
    @pytest.fixture
    def whole(self, runtime: Runtime, lecture: Lecture) -> Lecture:
        with runtime.database.unit_of_work() as session:
            row = session.get_one(Lecture, lecture.id)
            row.status, row.error = LectureStatus.COMPLETED, None
            session.commit()
        return lecture

    @pytest.mark.parametrize(
        ("folders", "type"),
        [
            (["exports"], JobType.EXPORT),
            (["artifacts"], JobType.GENERATION),
            (["exports", "artifacts"], JobType.GENERATION),
            (["transcripts", "exports"], JobType.TRANSCRIPTION),
            (["artifacts", "transcripts", "exports"], JobType.TRANSCRIPTION),
        ],
    )
    def test_what_is_missing_is_made_again_from_the_first_stage_that_is_needed(
        self,
        runtime: Runtime,
        whole: Lecture,
        messages: RecordingMessages,
        folders: list[Any],
        type: JobType,
    ) -> None:
        for folder in folders:
            delete(runtime, folder, whole.id)
        messages.sent.clear()

        status, findings, _ = checked(runtime, mends=True)

        assert status == CLEAN
        queued = get_jobs(runtime, whole)[-1]
        assert (queued.type, queued.status) == (type, WorkStatus.QUEUED)
        assert {each["mending"] for each in findings} == {f"{type.value} queued: job {queued.id}"}
        assert [(sent.destination, sent.payload) for sent in messages.sent] == [
            (STAGES[type].topic, {"jobId": str(queued.id)})
        ]
        assert get_lecture(runtime, whole).status == LectureStatus.PROCESSING

    def test_it_is_made_as_it_was_asked_for_last(
        self, runtime: Runtime, whole: Lecture, clock: HeldClock
    ) -> None:
        for preset in ("exam", "research"):
            clock.advance(1)
            job_id = enqueue(runtime, whole, JobType.GENERATION, params={"preset_id": preset})
            lease = runtime.jobs.claim(job_id, JobType.GENERATION)
            assert lease is not None
            complete(runtime, lease)
        delete(runtime, "artifacts", whole.id)
        clock.advance(1)

        checked(runtime, mends=True)

        assert get_jobs(runtime, whole, JobType.GENERATION)[-1].params == {"preset_id": "research"}

    def test_an_object_that_differs_is_made_again_too(
        self, runtime: Runtime, whole: Lecture
    ) -> None:
        overwrite(runtime, names(runtime, "transcripts", whole.id)[0], b"{")

        status, [finding], _ = checked(runtime, deep=True, mends=True)

        assert status == CLEAN
        assert finding["mending"].startswith("transcription queued")

    def test_mending_twice_queues_one_job(self, runtime: Runtime, whole: Lecture) -> None:
        delete(runtime, "exports", whole.id)

        checked(runtime, mends=True)
        status, [finding], _ = checked(runtime, mends=True)

        assert (status, finding["mending"]) == (
            FINDINGS,
            "left alone: in use by a job or a deletion",
        )
        assert len(get_jobs(runtime, whole, JobType.EXPORT)) == 1

    def test_a_recording_that_is_gone_is_written_down_as_gone(
        self, runtime: Runtime, whole: Lecture, clock: HeldClock
    ) -> None:
        delete(runtime, "raw", whole.id)

        status, [finding], _ = checked(runtime, mends=True)

        assert (status, finding["mending"]) == (
            FINDINGS,
            "cannot be mended: recorded as gone",
        )
        assert get_lecture(runtime, whole).raw_deleted_at == clock.now
        assert [(event.actor, event.outcome) for event in audit(runtime)] == [
            ("operator:integrity", "found_missing")
        ]
        assert checked(runtime, mends=True)[0] == CLEAN

    def test_one_that_was_exchanged_is_left_as_evidence(
        self, runtime: Runtime, whole: Lecture
    ) -> None:
        overwrite(runtime, whole.source_object, b"another talk")

        for _ in range(2):
            status, [finding], _ = checked(runtime, mends=True)
            assert (status, finding["mending"]) == (FINDINGS, "cannot be mended")
        assert runtime.store.read(whole.source_object) == b"another talk"

    def test_a_transcript_whose_recording_is_gone_cannot_be_made_again(
        self, runtime: Runtime, whole: Lecture
    ) -> None:
        delete(runtime, "raw", whole.id)
        delete(runtime, "transcripts", whole.id)

        status, findings, _ = checked(runtime, mends=True)

        assert status == FINDINGS
        assert [each["mending"] for each in findings] == [
            "cannot be mended: recorded as gone",
            "cannot be mended: the recording is gone",
        ]
        assert [job.status for job in get_jobs(runtime, whole)] == [WorkStatus.FAILED]

    def test_segments_that_are_gone_are_cut_anew_by_a_replay(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        job_id = segmented(runtime, lecture)
        delete(runtime, "segments", job_id)

        status, findings, _ = checked(runtime, mends=True)

        assert (status, len(findings)) == (CLEAN, 4)
        assert get_segments(runtime, job_id) == []
        assert get_job(runtime, job_id).segment_count is None
        assert checked(runtime)[0] == CLEAN

    def test_two_that_mend_at_once_do_it_once(self, runtime: Runtime, whole: Lecture) -> None:
        delete(runtime, "exports", whole.id)
        [found] = [each for each in check_bucket(runtime, deep=False) if each.findings]

        first, second = (list(mend(runtime, found)) for _ in range(2))

        assert [fate for _, fate, _ in first] == [fate for _, fate, _ in second]
        assert len(get_jobs(runtime, whole, JobType.EXPORT)) == 1


class TestCommand:
    @pytest.fixture
    def environment(self, runtime: Runtime) -> dict[str, str]:
        settings = runtime.settings
        return {
            "PLC_ENVIRONMENT": "local",
            "GOOGLE_CLOUD_PROJECT": settings.google_cloud_project,
            "GCS_BUCKET": settings.gcs_bucket,
            "GCS_PREFIX": settings.gcs_prefix,
            "STORAGE_EMULATOR_HOST": str(settings.storage_emulator_host),
            "DATABASE_URL": runtime.database.engine.url.render_as_string(hide_password=False),
        }

    def run(self, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scripts.integrity", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @pytest.mark.slow
    def test_it_says_what_it_found_in_lines(
        self, environment: dict[str, str], runtime: Runtime, lecture: Lecture
    ) -> None:
        assert self.run(environment, "--json").returncode == CLEAN
        delete(runtime, "exports", lecture.id)

        told = self.run(environment, "--json")

        assert told.returncode == FINDINGS
        finding, summary = map(json.loads, told.stdout.splitlines())
        assert (finding["problem"], finding["kind"]) == ("row_without_object", "export")
        assert summary["summary"]["findings"] == {"row_without_object": 1}
        line = self.run(environment).stdout.splitlines()[0]
        assert line == f"row_without_object: {finding['path']}, lecture {lecture.id}"

    @pytest.mark.sampled(1)
    @pytest.mark.parametrize(
        "wrong", [{"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, {"GCS_BUCKET": ""}]
    )
    def test_what_cannot_be_checked_is_not_clean(
        self, environment: dict[str, str], wrong: dict[str, str]
    ) -> None:
        told = self.run(environment | wrong)

        assert told.returncode == UNABLE
        assert told.stderr.startswith("could not be checked: ")


class _Changing(ObjectStore):
    """The bucket; something happens just before one folder of it is listed."""

    def __init__(self, inner: ObjectStore, folder: str, change: Callable[[], None]) -> None:
        self._inner, self._folder, self._change = inner, folder, change
        self.changed = False

    def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
        if prefix == self._folder:
            self._change()
            self.changed = True
        yield from self._inner.list(prefix, start=start)

    def stat(self, name: str) -> StoredObject | None:
        return self._inner.stat(name)


def _delete_keeping_objects(rt: Runtime, lecture: Lecture) -> None:
    delete_lecture(rt, lecture, keep_until=rt.clock() + timedelta(days=30))


def _adopt_and_fail(rt: Runtime, lease: Lease) -> None:
    with rt.database.unit_of_work() as session:
        rt.segments.adopt(session, lease)
        session.commit()
    rt.jobs.fail(lease, Failure("not_audio", "It is no audio.", permanent=True))


def _forget_segments(rt: Runtime, job_id: uuid.UUID) -> None:
    with rt.database.unit_of_work() as session:
        for segment in get_segments(rt, job_id):
            session.delete(session.merge(segment))
        session.commit()
