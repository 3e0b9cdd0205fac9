"""Lectures, jobs and segments in the state a test starts from, made by the product itself."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.courses.identities import created_names
from shared.errors import PermanentError
from shared.models import (
    JSON,
    Course,
    DeadLetter,
    Job,
    JobType,
    Lecture,
    LectureStatus,
    OutboxMessage,
    Segment,
)
from shared.runtime import Runtime, build_runtime
from shared.work.leases import Lease, SegmentLease
from shared.work.retry import Failure
from shared.work.stages import STAGES, TranscriptionParams

OWNER = "local"
BUCKET = "lectures"
PROJECT = "pegasus-local"


def make_settings(**values: Any) -> Settings:
    """Settings that depend on nothing around the test."""
    return Settings.model_validate(
        {
            "plc_environment": "local",
            "google_cloud_project": PROJECT,
            "gcs_bucket": BUCKET,
            "database_url": "postgresql://nobody@127.0.0.1/none",
            "plc_db_pool_size": 20,
            **values,
        }
    )


def changed(rt: Runtime, **settings: Any) -> Runtime:
    """The same runtime under other settings."""
    return build_runtime(
        Settings.model_validate({**rt.settings.model_dump(), **settings}),
        database=rt.database,
        store=rt.store,
        messages=rt.messages,
        clock=rt.clock,
        new_id=rt.new_id,
    )


def add_course(rt: Runtime, slug: str = "algorithms", *, owner: str = OWNER) -> Course:
    """The owner's course of this name."""
    with rt.database.unit_of_work() as session:
        course = session.scalar(select(Course).where(Course.owner == owner, Course.slug == slug))
        if course is None:
            now = rt.clock()
            course = Course(id=uuid.uuid4(), owner=owner, slug=slug, created_at=now, updated_at=now)
            session.add(course)
            session.commit()
        return course


def add_lecture(
    rt: Runtime,
    slug: str = "hashing",
    *,
    owner: str = OWNER,
    course: str = "algorithms",
    status: LectureStatus = LectureStatus.AWAITING_UPLOAD,
    created_at: datetime | None = None,
    **values: Any,
) -> Lecture:
    """A lecture; beyond waiting for its upload it has one."""
    lecture_id = uuid.uuid4()
    now = created_at or rt.clock()
    if status != LectureStatus.AWAITING_UPLOAD:
        values = {"source_generation": 1, "source_size": 32_000, **values}
    values.setdefault("card_namespace", created_names(owner=owner, course=course, lecture=slug))
    lecture = Lecture(
        id=lecture_id,
        course_id=add_course(rt, course, owner=owner).id,
        owner=owner,
        slug=slug,
        preset_id="exam",
        status=status,
        source_object=rt.names.raw(lecture_id, uuid.uuid4(), "wav"),
        content_type="audio/wav",
        created_at=now,
        updated_at=now,
        **values,
    )
    with rt.database.unit_of_work() as session:
        session.add(lecture)
        session.commit()
    return lecture


def uploaded(rt: Runtime, slug: str = "hashing", **values: Any) -> Lecture:
    return add_lecture(rt, slug, status=LectureStatus.UPLOADED, **values)


def enqueue(
    rt: Runtime,
    lecture: Lecture,
    type: JobType = JobType.TRANSCRIPTION,
    *,
    params: JSON | None = None,
    new_input: bool = False,
) -> uuid.UUID:
    """Queue a job and send its message."""
    of_stage = STAGES[type].params
    if params is not None:
        wanted = of_stage.of(params)
    elif type is JobType.TRANSCRIPTION:
        wanted = TranscriptionParams(model="base")
    else:
        wanted = of_stage.defaults(lecture)
    with rt.database.unit_of_work() as session:
        enqueued = rt.jobs.enqueue(
            session, lecture_id=lecture.id, params=wanted, new_input=new_input
        )
        session.commit()
        rt.outbox.publish(session)
    return enqueued.job_id


def recorded(rt: Runtime, audio: bytes) -> Lecture:
    """One whose recording, FLAC, is in the bucket."""
    lecture = uploaded(rt)
    stored = rt.store.create(lecture.source_object, audio, "audio/flac")
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).source_generation = stored.generation
        session.commit()
    return get_lecture(rt, lecture)


def running(rt: Runtime, lecture: Lecture, type: JobType = JobType.TRANSCRIPTION) -> Lease:
    """A queued and claimed job."""
    lease = rt.jobs.claim(enqueue(rt, lecture, type), type)
    assert lease is not None
    return lease


def failed(
    rt: Runtime,
    lecture: Lecture,
    type: JobType = JobType.TRANSCRIPTION,
    *,
    reason: PermanentError | None = None,
) -> Job:
    """A job that has failed for good."""
    lease = running(rt, lecture, type)
    rt.jobs.fail(lease, Failure.of(reason or PermanentError("It cannot be done.")))
    return get_job(rt, lease.job_id)


def complete(rt: Runtime, lease: Lease, result: JSON | None = None) -> None:
    with rt.database.unit_of_work() as session:
        rt.jobs.complete(session, lease, result=result or {"made": "something"})
        session.commit()
        rt.outbox.publish(session)


def add_segments(rt: Runtime, lease: Lease, indexes: Iterable[int]) -> None:
    """Segments of ten seconds each, recorded as the cutting worker records them."""
    for index in indexes:
        start, end = index * 10.0, index * 10.0 + 10.0
        with rt.database.unit_of_work() as session:
            rt.segments.add(
                session,
                lease,
                index=index,
                start=start,
                end=end,
                audio=rt.names.segment_audio(lease.job_id, index, (start, end)),
            )
            session.commit()
            rt.outbox.publish(session)


def hand_over(rt: Runtime, lease: Lease, count: int) -> Lease | None:
    with rt.database.unit_of_work() as session:
        join = rt.segments.hand_over(session, lease, count)
        session.commit()
    return join


def fan_out(rt: Runtime, lecture: Lecture, count: int) -> Lease:
    """A transcription cut into `count` segments and left to them; the cutter's old lease."""
    lease = running(rt, lecture)
    add_segments(rt, lease, range(count))
    assert hand_over(rt, lease, count) is None
    return lease


def claim_segment(rt: Runtime, job_id: uuid.UUID, index: int) -> SegmentLease:
    lease = rt.segments.claim(job_id, index)
    assert lease is not None
    return lease


def finish_segment(rt: Runtime, job_id: uuid.UUID, index: int) -> Lease | None:
    lease = claim_segment(rt, job_id, index)
    return rt.segments.complete(lease, segment_transcript(rt, lease))


def segment_transcript(rt: Runtime, lease: SegmentLease) -> str:
    return rt.names.segment_transcript(lease.job_id, lease.index, lease.attempt)


def get_job(rt: Runtime, job_id: uuid.UUID) -> Job:
    with rt.database.unit_of_work() as session:
        return session.get_one(Job, job_id)


def get_jobs(rt: Runtime, lecture: Lecture, type: JobType | None = None) -> list[Job]:
    """A lecture's jobs, oldest first."""
    with rt.database.unit_of_work() as session:
        return [
            job
            for job in session.scalars(
                select(Job).where(Job.lecture_id == lecture.id).order_by(Job.created_at)
            )
            if type in (None, job.type)
        ]


def get_lecture(rt: Runtime, lecture: Lecture) -> Lecture:
    with rt.database.unit_of_work() as session:
        return session.get_one(Lecture, lecture.id)


def get_segments(rt: Runtime, job_id: uuid.UUID) -> list[Segment]:
    with rt.database.unit_of_work() as session:
        return _all(session, select(Segment).where(Segment.job_id == job_id), Segment.index)


def get_outbox(rt: Runtime) -> list[OutboxMessage]:
    with rt.database.unit_of_work() as session:
        return _all(session, select(OutboxMessage), OutboxMessage.id)


def get_dead_letters(rt: Runtime) -> list[DeadLetter]:
    with rt.database.unit_of_work() as session:
        return _all(session, select(DeadLetter), DeadLetter.message_id)


def _all(session: Session, query: Any, order: Any) -> list[Any]:
    return list(session.scalars(query.order_by(order)))


def columns(row: Any) -> dict[str, Any]:
    """A row's values, to compare it with itself later."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
