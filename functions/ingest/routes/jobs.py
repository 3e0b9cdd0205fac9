"""Jobs: how one is going, cancelling it, and trying failed ones again."""

from sqlalchemy import Float, Integer, Select, bindparam, case, func, select
from sqlalchemy.orm import Session, joinedload

from functions.ingest.admission.auth import caller
from functions.ingest.admission.operator_access import (
    record_access,
    subjects_of_jobs,
)
from functions.ingest.jobs.failed_jobs import dead_jobs, replay_batch
from functions.ingest.lectures.lookup import no_job, own_job, own_lecture
from functions.ingest.schemas.jobs import (
    BatchReplayRequest,
    BatchReplayResponse,
    Cost,
    DeadLetterQuery,
    JobCost,
    JobResponse,
    JobsResponse,
    LectureJobsResponse,
    StageResponse,
    StatusChange,
)
from functions.ingest.web.fields import Problem
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Listing, PageQuery
from shared.database.locks import lock_job
from shared.errors import ConflictError
from shared.models import LIVE, Job, Lecture, WorkStatus
from shared.runtime import Runtime


def _newest(jobs: Select[Job]) -> Listing:
    return Listing(
        "jobs",
        jobs,
        column=Job.created_at,
        id=Job.id,
        of=lambda row: (row.Job.created_at, row.Job.id),
        descending=True,
    )


_OF_LECTURE = _newest(
    select(Job).options(joinedload(Job.lecture)).where(Job.lecture_id == bindparam("lecture"))
)

_PRICE = Job.cost["usd"].astext.cast(Float)
_COST = select(
    *(
        func.coalesce(func.sum(Job.cost[part].astext.cast(Integer)), 0).label(part)
        for part in ("calls", "input_tokens", "output_tokens")
    ),
    func.coalesce(func.sum(Job.cost["audio_sec"].astext.cast(Float)), 0.0).label("audio_sec"),
    # Without the calls of unknown price the sum would be wrong, so it is null.
    case(
        (func.bool_or(Job.cost.has_key("calls") & _PRICE.is_(None)), None),
        else_=func.coalesce(func.sum(_PRICE), 0.0),
    ).label("usd"),
).where(Job.lecture_id == bindparam("lecture"))


def operations(rt: Runtime) -> Operations:
    routes = Operations("jobs")

    @routes.get("/lectures/{lecture_id}/jobs")
    def list_jobs(lecture_id: str, query: PageQuery) -> LectureJobsResponse:
        """Everything that was or is done to a lecture, and what it cost."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, Lecture.id)
            rows, page = _OF_LECTURE.page(session, query, lecture=lecture.id)
            cost = session.execute(_COST, {"lecture": lecture.id}).one()
        return LectureJobsResponse(
            jobs=tuple(_response(row.Job) for row in rows),
            pagination=page,
            cost=Cost.model_validate(cost._mapping),
        )

    @routes.get("/jobs/dead-letter")
    def list_dead_letters(query: DeadLetterQuery) -> JobsResponse:
        """Failed jobs without a successor: the caller's; for an operator, those of all owners.

        What was cancelled is not among them.
        """
        with rt.database.reading() as session:
            rows, page = _newest(dead_jobs(query.type)).page(session, query)
        record_access(rt, subjects_of_jobs(row.Job for row in rows))
        return JobsResponse(jobs=tuple(_response(row.Job) for row in rows), pagination=page)

    @routes.get("/jobs/{job_id}")
    def read_job(job_id: str) -> JobResponse:
        """One job. `history` holds its status changes, also after it has ended."""
        with rt.database.reading() as session:
            job = own_job(session, job_id)
        record_access(rt, subjects_of_jobs([job]))
        return _response(job)

    @routes.post("/jobs/{job_id}/replay", status=202)
    def replay_job(job_id: str) -> StageResponse:
        """Try a failed job again, with the same parameters; what it had done stays done."""

        _record(job_id)

        def replay(session: Session) -> StageResponse:
            old = own_job(session, job_id)
            if old.status != WorkStatus.FAILED:
                raise ConflictError(f"Only a failed job can be replayed; this one is {old.status}.")
            enqueued = rt.jobs.replay(session, old)
            return StageResponse(
                job_id=str(enqueued.job_id),
                lecture_id=old.lecture.slug,
                type=old.type,
                status=enqueued.status,
                deduplicated=enqueued.deduplicated,
                params=enqueued.params,
            )

        return rt.transact(replay)

    @routes.post("/jobs/dead-letter/replay", status=202, body_optional=True, problems=(404,))
    def replay_dead_letters(body: BatchReplayRequest) -> BatchReplayResponse:
        """Try several failed jobs again, none of them twice."""
        return replay_batch(rt, body)

    @routes.post("/jobs/{job_id}/cancel")
    def cancel_job(job_id: str) -> JobResponse:
        """Stop a job that is queued or running. It fails with the code `cancelled`, and may be
        replayed."""

        _record(job_id)

        def cancel(session: Session) -> JobResponse:
            job = lock_job(session, own_job(session, job_id).id)
            if job is None:
                raise no_job(job_id)
            if job.status not in LIVE:
                raise ConflictError(f"The job is over: it {job.status}.")
            rt.jobs.cancel(session, job)
            return _response(job)

        return rt.transact(cancel)

    def _record(job_id: str) -> None:
        """An operator's access before a write, which may be refused. Raises NotFoundError."""
        if caller().operates:
            with rt.database.reading() as session:
                job = own_job(session, job_id)
            record_access(rt, subjects_of_jobs([job]))

    return routes


def _response(job: Job) -> JobResponse:
    return JobResponse(
        job_id=str(job.id),
        lecture_id=job.lecture.slug,
        type=job.type,
        status=job.status,
        params=job.params,
        attempt=job.attempt,
        max_attempts=job.max_attempts,
        progress=job.progress,
        result=job.result,
        cost=JobCost.model_validate(job.cost) if job.cost else None,
        error=Problem.model_validate(job.error) if job.error else None,
        history=tuple(StatusChange.model_validate(entry) for entry in job.history),
        replayed_from=str(job.replayed_from) if job.replayed_from else None,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )
