"""Jobs: how one is going, and trying a failed one again."""

from flask import Blueprint, Response

from functions.ingest.answers import json_model
from functions.ingest.lookup import own_job
from functions.ingest.schemas import JobResponse, Problem, StageResponse, StatusChange
from shared.errors import ConflictError
from shared.models import Job, WorkStatus
from shared.runtime import Runtime


def blueprint(rt: Runtime) -> Blueprint:
    routes = Blueprint("jobs", __name__)

    @routes.get("/jobs/<job_id>")
    def job(job_id: str) -> Response:
        with rt.database.unit_of_work() as session:
            return json_model(_response(own_job(session, job_id)))

    @routes.post("/jobs/<job_id>/replay")
    def replay(job_id: str) -> Response:
        with rt.database.unit_of_work() as session:
            old = own_job(session, job_id)
            if old.status != WorkStatus.FAILED:
                raise ConflictError(f"Only a failed job can be replayed; this one is {old.status}.")
            enqueued = rt.jobs.replay(session, old)
            session.commit()
            rt.outbox.publish(session)
            new = session.get_one(Job, enqueued.job_id)
            return json_model(
                StageResponse(
                    job_id=str(new.id),
                    lecture_id=old.lecture.slug,
                    type=new.type,
                    status=new.status,
                    deduplicated=enqueued.deduplicated,
                ),
                status=202,
            )

    return routes


def _response(job: Job) -> JobResponse:
    return JobResponse(
        job_id=str(job.id),
        lecture_id=job.lecture.slug,
        type=job.type,
        status=job.status,
        attempt=job.attempt,
        max_attempts=job.max_attempts,
        progress=job.progress,
        result=job.result,
        error=Problem.model_validate(job.error) if job.error else None,
        history=tuple(StatusChange.model_validate(entry) for entry in job.history),
        replayed_from=str(job.replayed_from) if job.replayed_from else None,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )
