"""A restricted lecture is kept, and neither processed nor shown, until the restriction is lifted.

The routes are taken from the API itself, and are tried on everything that Bob has.
"""

import io
import uuid
from contextlib import suppress

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from functions.export.gathering import gather
from functions.generate.threads.store import known_threads
from functions.ingest.app import create_app
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.progress import progress_of_id
from functions.ingest.uploads.registration import register_object
from functions.ingest.web.operations import Operation
from functions.retention.accounts.rows import lecture_rows
from functions.retention.repairs.lectures import STILL_FOR, move_stuck_lectures
from functions.retention.runs.expiry import expire
from scripts.integrity.checking import check_bucket
from scripts.integrity.mending import mend
from scripts.recovery.deletions import delete_again, deletions_since
from shared.courses.threads import restate
from shared.courses.vocabulary import learn_terms, vocabulary_of
from shared.deletion.lectures import delete_course, delete_lecture
from shared.deletion.restricting import lift_restriction, restrict_lecture
from shared.errors import LeaseLostError, LectureRestrictedError
from shared.models import (
    Course,
    DeletionAuditEvent,
    ExportRow,
    JobType,
    Lecture,
    LectureStatus,
    Thread,
    ThreadAccount,
    ThreadChange,
    ThreadOccurrence,
    ThreadUpdate,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.work.leases import Lease
from tests.integration.access.test_access import (
    BOB,
    GUARDED,
    SECRET,
    ask,
    bobs,
    cloud,
    everything,
    ids_of,
)
from tests.support.access.issuer import Issuer
from tests.support.clock import HeldClock
from tests.support.database.invariants import violations
from tests.support.lectures.builders import (
    add_course,
    add_lecture,
    changed,
    columns,
    complete,
    enqueue,
    get_job,
    get_jobs,
    get_lecture,
    running,
)
from tests.support.lectures.retention import exported
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture
from tests.support.processes.threads import at_once
from tests.support.sound.audio import tone

__all__ = ["bobs", "cloud"]

pytestmark = pytest.mark.usefixtures("owner_conditions")

ALLOWED = {
    "read_lecture",
    "record_consent",
    "restrict_lecture",
    "lift_restriction",
    "remove_lecture",
}
"""Of a restricted lecture. What they answer with holds nothing of its content."""
REFUSED = [
    operation
    for operation in GUARDED
    if {"lecture_id", "job_id"} & set(operation.path_parameters) and operation.name not in ALLOWED
]
READS = [
    operation
    for operation in GUARDED
    if (not operation.is_write or operation.name == "search_transcripts")
    # A dead letter of the test's holds the word without being about the lecture.
    and operation.tag != "messages"
]


ALONE = uuid.UUID(int=4)
"""A thread that no other lecture speaks of."""


@pytest.fixture
def sibling(cloud: Runtime, bobs: WholeLecture, clock: HeldClock) -> Lecture:
    """A later lecture of the same course that speaks of the same thread, with a file that repeats
    Bob's."""
    clock.advance(60)
    sibling = add_whole_lecture(
        cloud, owner=BOB, course="bobs-course", slug="sibling", secret="aether"
    ).lecture
    with cloud.database.unit_of_work() as session:
        session.add(
            Thread(
                id=ALONE,
                course_id=sibling.course_id,
                key="alone",
                title=SECRET,
                description=SECRET,
                complexity=1,
                created_at=clock.now,
                updated_at=clock.now,
            )
        )
        session.flush()
        for thread, lecture, word in (
            (bobs.thread_id, bobs.lecture, SECRET),
            (bobs.thread_id, sibling, "aether"),
            (ALONE, bobs.lecture, SECRET),
        ):
            session.add(
                ThreadAccount(
                    thread_id=thread,
                    lecture_id=lecture.id,
                    title=word,
                    aliases=[],
                    description=word,
                    complexity=1,
                )
            )
        session.add(
            ThreadUpdate(
                id=uuid.uuid4(),
                thread_id=bobs.thread_id,
                lecture_id=bobs.lecture.id,
                change=ThreadChange.REFINEMENT,
                summary=f"{SECRET}, refined",
                created_at=clock.now,
            )
        )
        for thread, lecture, word in (
            (bobs.thread_id, sibling, "aether"),
            (ALONE, bobs.lecture, SECRET),
        ):
            session.add(
                ThreadOccurrence(
                    id=uuid.uuid4(),
                    thread_id=thread,
                    lecture_id=lecture.id,
                    quote=word,
                    start_sec=0,
                    end_sec=1,
                )
            )
        learn_terms(
            session,
            sibling.course_id,
            bobs.lecture.id,
            put_in={SECRET},
            taken_out=(),
            now=clock.now,
        )
        restate(session, sibling.course_id)
        session.commit()
    name = exported(cloud, sibling, "pdf")
    with cloud.database.unit_of_work() as session:
        session.execute(
            update(ExportRow).where(ExportRow.object == name).values(sources=[bobs.lecture.id])
        )
        session.commit()
    return sibling


@pytest.fixture
def client(cloud: Runtime, sibling: Lecture) -> FlaskClient:
    return create_app(changed(cloud, plc_progress_stream_sec=1)).test_client()


@pytest.fixture
def bearer(issuer: Issuer) -> str:
    return f"Bearer {issuer.id_token('bob')}"


def problem(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def shown(
    client: FlaskClient, rt: Runtime, bobs: WholeLecture, bearer: str
) -> dict[str, TestResponse]:
    """The answers to all reads that hold something of the lecture."""
    ids = ids_of(rt, bobs)
    answers = {each.name: ask(client, each, ids, bearer) for each in READS}
    return {
        name: answer
        for name, answer in answers.items()
        if SECRET in answer.text or (answer.status_code == 200 and str(bobs.job.id) in answer.text)
    }


def test_all_that_is_of_it_is_refused_and_changes_nothing(
    client: FlaskClient, cloud: Runtime, bobs: WholeLecture, issuer: Issuer, bearer: str
) -> None:
    ids = ids_of(cloud, bobs)
    restrict_lecture(cloud, bobs.lecture)
    before = everything(cloud)

    def refused(operation: Operation, by: str) -> tuple[int, str]:
        return problem(ask(client, operation, ids, by))

    answers = {each.name: refused(each, bearer) for each in REFUSED}
    operator = f"Bearer {issuer.operator_token()}"
    of_jobs = [each for each in REFUSED if "job_id" in each.path_parameters]
    answers |= {f"{each.name}, operator": refused(each, operator) for each in of_jobs}
    announced = {"courseId": "bobs-course", "lectureId": "bobs-lecture"}
    headers = {"Authorization": bearer}
    for kind, sent in (
        ("json", {"json": announced}),
        ("form", {"data": {**announced, "audio": (io.BytesIO(tone()), "x.wav", "audio/wav")}}),
    ):
        answers[kind] = problem(client.post("/lectures/ingest", headers=headers, **sent))

    assert len(REFUSED) > 15
    assert [each.name for each in REFUSED if 409 not in each.problems] == []
    assert {
        name: each for name, each in answers.items() if each != (409, "lecture_restricted")
    } == {}
    assert everything(cloud) == before


def test_no_read_shows_anything_of_it_until_the_restriction_is_lifted(
    client: FlaskClient, cloud: Runtime, bobs: WholeLecture, bearer: str
) -> None:
    before = shown(client, cloud, bobs, bearer)
    assert {"search", "list_lectures", "read_thread", "read_vocabulary"} < before.keys()

    restricted = client.put("/lectures/bobs-lecture/restriction", headers={"Authorization": bearer})

    since = restricted.get_json()["restrictedAt"]
    assert restricted.get_json() == {"lectureId": "bobs-lecture", "restrictedAt": since}
    # Its title is the owner's, who has to know it again.
    assert shown(client, cloud, bobs, bearer).keys() == {"read_lecture"}
    headers = {"Authorization": bearer}
    for path in ("/lectures", "/courses/bobs-course/lectures"):
        [other] = client.get(path, headers=headers).get_json()["lectures"]
        [found] = client.get(f"{path}?restricted=true", headers=headers).get_json()["lectures"]
        assert (other["lectureId"], other["restrictedAt"]) == ("sibling", None)
        assert (found["lectureId"], found["restrictedAt"]) == ("bobs-lecture", since)
        assert [found[f"{kind}DeletesAt"] for kind in ("recording", "transcript")] == [None, None]
    with cloud.database.autocommit() as connection:
        at = cloud.clock()
        assert progress_of_id(connection, bobs.lecture.id, TypicalTimes(), now=at) is None

    assert client.get(f"/threads/{ALONE}", headers=headers).status_code == 404

    lifted = client.delete("/lectures/bobs-lecture/restriction", headers=headers)

    assert lifted.get_json() == {"lectureId": "bobs-lecture", "restrictedAt": None}
    after = shown(client, cloud, bobs, bearer)
    # Its files are made again: it is under way.
    assert after.keys() == {*before, "watch_lectures"}
    content = ("read_transcript", "read_artifact", "search", "read_thread", "read_vocabulary")
    assert [after[name].text for name in content] == [before[name].text for name in content]


def test_what_is_done_twice_changes_nothing_and_is_in_the_audit_once(
    cloud: Runtime, bobs: WholeLecture
) -> None:
    since = restrict_lecture(cloud, bobs.lecture)
    before = everything(cloud)
    assert restrict_lecture(cloud, bobs.lecture) == since
    assert everything(cloud) == before

    for _ in range(2):
        lift_restriction(cloud, bobs.lecture)

    with cloud.database.reading() as session:
        events = session.execute(select(DeletionAuditEvent.subject, DeletionAuditEvent.outcome))
        assert sorted(map(tuple, events)) == [
            (f"lecture:{bobs.lecture.id}", "restricted"),
            (f"lecture:{bobs.lecture.id}", "restriction lifted"),
        ]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("type", JobType)
@pytest.mark.parametrize("begun", [True, False], ids=["running", "queued"])
def test_its_live_jobs_are_cancelled_and_no_other_is_made(
    cloud: Runtime, bobs: WholeLecture, type: JobType, begun: bool
) -> None:
    lease = running(cloud, bobs.lecture, type) if begun else None
    job_id = lease.job_id if lease else enqueue(cloud, bobs.lecture, type)

    restrict_lecture(cloud, bobs.lecture)

    job = get_job(cloud, job_id)
    assert (job.status, (job.error or {})["code"]) == (WorkStatus.FAILED, "cancelled")
    assert cloud.jobs.claim(job_id, type) is None
    if lease:
        with pytest.raises(LeaseLostError):
            complete(cloud, lease)
    with pytest.raises(LectureRestrictedError):
        enqueue(cloud, bobs.lecture, type)

    lift_restriction(cloud, bobs.lecture)
    with cloud.database.unit_of_work() as session:
        replayed = cloud.jobs.replay(session, get_job(cloud, job_id))
    # Its files are made again as soon as the restriction is lifted.
    assert replayed.deduplicated == (type == JobType.EXPORT)


def test_files_of_other_lectures_are_made_again_without_it_and_then_with_it(
    cloud: Runtime, bobs: WholeLecture, sibling: Lecture
) -> None:
    rt = changed(cloud, plc_export_min_summary_sections=0)
    assert SECRET in words_of(rt, sibling)
    reading = running(rt, sibling, JobType.EXPORT)

    restrict_lecture(rt, bobs.lecture)

    with rt.database.reading() as session:
        files = select(ExportRow.type).where(ExportRow.lecture_id == sibling.id)
        assert session.scalars(files).all() == ["markdown"]
    with pytest.raises(LeaseLostError):
        complete(rt, reading)
    assert SECRET not in words_of(rt, sibling)
    [job] = get_jobs(rt, sibling, JobType.EXPORT)
    assert job.status == WorkStatus.QUEUED
    end_exports(rt, sibling)

    lift_restriction(rt, bobs.lecture)

    assert SECRET in words_of(rt, sibling)
    for lecture in (sibling, bobs.lecture):
        assert get_jobs(rt, lecture, JobType.EXPORT)[-1].status == WorkStatus.QUEUED


def test_its_files_that_repeat_a_deleted_lecture_are_made_again_once_it_is_lifted(
    cloud: Runtime, bobs: WholeLecture, sibling: Lecture
) -> None:
    name = exported(cloud, bobs.lecture, "pdf")
    with cloud.database.unit_of_work() as session:
        session.execute(
            update(ExportRow).where(ExportRow.object == name).values(sources=[sibling.id])
        )
        session.commit()
    restrict_lecture(cloud, bobs.lecture)

    delete_lecture(cloud, sibling)

    with cloud.database.reading() as session:
        files = select(ExportRow.type).where(ExportRow.lecture_id == bobs.lecture.id)
        assert session.scalars(files).all() == ["markdown"]
    assert get_jobs(cloud, bobs.lecture, JobType.EXPORT) == []

    lift_restriction(cloud, bobs.lecture)
    [job] = get_jobs(cloud, bobs.lecture, JobType.EXPORT)
    assert job.status == WorkStatus.QUEUED


@pytest.mark.selection
def test_its_transcript_is_not_looked_into_for_the_vocabulary_of_others(
    cloud: Runtime, bobs: WholeLecture, sibling: Lecture
) -> None:
    def confirming() -> list[int]:
        later = add_lecture(cloud, f"later-{uuid.uuid4()}", owner=BOB, course="bobs-course")
        with cloud.database.reading() as session:
            course = session.get_one(Course, sibling.course_id)
            return [len(names) for _, names in vocabulary_of(session, course, later).threads]

    assert confirming() == [2]
    restrict_lecture(cloud, bobs.lecture)
    assert confirming() == []


@pytest.mark.selection
def test_the_check_of_integrity_makes_nothing_of_it_again(
    cloud: Runtime, bobs: WholeLecture, clock: HeldClock
) -> None:
    name = get_lecture(cloud, bobs.lecture).transcript_object
    assert name is not None
    cloud.store.delete(name)
    clock.advance(days=9)

    def fates() -> list[str]:
        return [
            fate
            for checked in check_bucket(cloud, deep=False)
            for finding, fate, _ in mend(cloud, checked)
            if finding.name == name
        ]

    restrict_lecture(cloud, bobs.lecture)
    assert fates() == ["cannot be mended: the lecture is restricted"]

    lift_restriction(cloud, bobs.lecture)
    end_exports(cloud, bobs.lecture)
    assert "restricted" not in repr(fates())


def words_of(rt: Runtime, sibling: Lecture) -> str:
    """What the course's other lectures give to a lecture's stages."""
    with rt.database.reading() as session:
        course, lecture = session.get_one(Course, sibling.course_id), get_lecture(rt, sibling)
        heard = vocabulary_of(session, course, lecture)
        known = known_threads(session, course_id=course.id, before=sibling.id)
    export = gather(rt, lease_of(rt, sibling))
    told = [repr(each) for each in (heard, known, export.threads)]
    # The words of a restricted lecture are in none of them, those of another in all.
    assert len({SECRET in each for each in told}) == 1, told
    restricted = select(Lecture.id).where(Lecture.restricted_at.is_not(None))
    with rt.database.reading() as session:
        assert export.sources.isdisjoint(session.scalars(restricted))
    return "".join(told)


@pytest.mark.selection
def test_no_job_is_live_however_a_restriction_and_an_order_meet(
    cloud: Runtime, bobs: WholeLecture
) -> None:
    def order(rt: Runtime) -> None:
        with suppress(LectureRestrictedError):
            enqueue(rt, bobs.lecture, JobType.GENERATION)

    def restrict(rt: Runtime) -> None:
        restrict_lecture(rt, bobs.lecture)

    for _ in range(5):
        at_once(lambda act: act(cloud), [order, restrict, order])
        assert list(violations(cloud)) == []
        assert get_lecture(cloud, bobs.lecture).restricted_at is not None
        lift_restriction(cloud, bobs.lecture)


@pytest.mark.selection
def test_a_database_that_is_restored_has_the_restrictions_that_were_set_since(
    cloud: Runtime, bobs: WholeLecture, clock: HeldClock
) -> None:
    restrict_lecture(cloud, bobs.lecture)
    audit = deletions_since(cloud.database, cloud.clock())
    with cloud.database.unit_of_work() as session:
        session.execute(update(Lecture).values(restricted_at=None))
        session.commit()

    assert delete_again(cloud, audit).restricted == 1
    assert get_lecture(cloud, bobs.lecture).restricted_at is not None
    assert delete_again(cloud, audit).restricted == 0

    clock.advance(1)
    lift_restriction(cloud, bobs.lecture)
    assert delete_again(cloud, deletions_since(cloud.database, cloud.clock())).restricted == 0


def test_a_database_that_is_restored_keeps_lectures_that_left_a_course_before_its_deletion(
    cloud: Runtime, bobs: WholeLecture, clock: HeldClock
) -> None:
    """The state is from before the move: the lecture is in the deleted course again."""
    emptied = add_course(cloud, "emptied", owner=bobs.lecture.owner)
    delete_course(cloud, emptied)
    audit = deletions_since(cloud.database, cloud.clock())
    with cloud.database.unit_of_work() as session:
        session.add(Course(**columns(emptied)))
        session.flush()
        session.get_one(Lecture, bobs.lecture.id).course_id = emptied.id
        session.commit()

    done = delete_again(cloud, audit)

    assert (done.lectures, done.courses, done.kept_courses) == (0, 0, 1)
    assert get_lecture(cloud, bobs.lecture).course_id == emptied.id


def end_exports(rt: Runtime, lecture: Lecture) -> None:
    """A lecture with live jobs is left alone by retention."""
    for job in get_jobs(rt, lecture, JobType.EXPORT):
        lease = rt.jobs.claim(job.id, JobType.EXPORT)
        assert lease is not None
        complete(rt, lease)


def lease_of(rt: Runtime, lecture: Lecture) -> Lease:
    return Lease(
        job_id=uuid.uuid4(),
        token=uuid.uuid4(),
        lecture_id=lecture.id,
        type=JobType.EXPORT,
        params={},
        attempt=1,
        max_attempts=1,
        replayed_from=None,
        created_at=rt.clock(),
    )


def test_an_upload_that_arrives_meanwhile_is_transcribed_once_the_restriction_is_lifted(
    cloud: Runtime, clock: HeldClock
) -> None:
    lecture = add_lecture(cloud, "late", owner=BOB, course="bobs-course")
    restrict_lecture(cloud, lecture)

    register_object(cloud, cloud.store.create(lecture.source_object, tone(), "audio/wav"))

    assert get_lecture(cloud, lecture).status == LectureStatus.UPLOADED
    clock.advance(STILL_FOR.total_seconds() + 1)
    assert (move_stuck_lectures(cloud), get_jobs(cloud, lecture)) == (0, [])

    lift_restriction(cloud, lecture)
    clock.advance(STILL_FOR.total_seconds() + 1)

    assert move_stuck_lectures(cloud) == 1
    assert [job.type for job in get_jobs(cloud, lecture)] == [JobType.TRANSCRIPTION]


def test_retention_deletes_nothing_of_it_before_the_restriction_is_lifted(
    cloud: Runtime, bobs: WholeLecture, sibling: Lecture, clock: HeldClock
) -> None:
    rt = changed(
        cloud,
        plc_retention_raw_audio_days=1,
        plc_retention_transcript_days=1,
        plc_retention_material_days=1,
    )
    with rt.database.unit_of_work() as session:
        for lecture in session.scalars(select(Lecture)):
            stored = rt.store.stat(lecture.source_object)
            assert stored is not None
            lecture.source_generation = stored.generation
        session.commit()
    restrict_lecture(rt, bobs.lecture)
    end_exports(rt, sibling)
    kept = (objects(rt, bobs.lecture), rows(rt, bobs.lecture))
    clock.advance(days=400)

    expire(rt, dry_run=False)

    assert (objects(rt, bobs.lecture), rows(rt, bobs.lecture)) == kept
    assert objects(rt, sibling) == []

    lift_restriction(rt, bobs.lecture)
    end_exports(rt, bobs.lecture)
    expire(rt, dry_run=False)

    assert objects(rt, bobs.lecture) == []


def objects(rt: Runtime, lecture: Lecture) -> list[str]:
    return sorted(
        each.name for each in rt.store.list(rt.names.root) if str(lecture.id) in each.name
    )


def rows(rt: Runtime, lecture: Lecture) -> object:
    """As the account's export has them."""
    with rt.database.reading() as session:
        return lecture_rows(session, lecture.id)


def test_it_is_in_the_accounts_export_and_can_be_deleted(
    client: FlaskClient, cloud: Runtime, bobs: WholeLecture, bearer: str
) -> None:
    restrict_lecture(cloud, bobs.lecture)
    assert SECRET in repr(rows(cloud, bobs.lecture))

    answer = client.delete("/lectures/bobs-lecture", headers={"Authorization": bearer})

    assert answer.status_code == 200
    assert objects(cloud, bobs.lecture) == []
