"""A stage that is done again and fails takes nothing from a completed lecture."""

import json
import uuid
from collections.abc import Callable

import pytest

from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.retention.dead_letters import record_dead_letter
from functions.retention.sweep import sweep
from shared.errors import ModelUnavailableError, ProviderQuotaExhaustedError
from shared.messaging.events import Event, JobMessage
from shared.models import JobType, Lecture, LectureStatus, WorkStatus
from shared.runtime import Runtime
from shared.work.retry import Failure
from shared.workers.outcomes import Ending
from tests.integration.material.test_generation import asking
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    OWNER,
    claim_segment,
    enqueue,
    failed,
    fan_out,
    get_job,
    get_lecture,
    running,
    uploaded,
)
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.unit.generate.language_model.chat_server import Reply, serving

NO_QUOTA = Reply(
    429,
    json.dumps(
        {
            "error": {
                "message": "You exceeded your current quota, please check your plan.",
                "type": "insufficient_quota",
                "param": None,
                "code": "insufficient_quota",
            }
        }
    ),
)
FAILURE = Failure.of(ModelUnavailableError())


@pytest.fixture
def completed(runtime: Runtime) -> Lecture:
    lecture = add_whole_lecture(
        runtime, owner=OWNER, course="algorithms", slug="hashing", secret="chaining"
    ).lecture
    with runtime.database.unit_of_work() as session:
        runtime.lectures.complete(session, lecture.id)
        session.commit()
    return lecture


def _fails(rt: Runtime, lecture: Lecture, type: JobType) -> uuid.UUID:
    return failed(rt, lecture, type, reason=ModelUnavailableError()).id


def _is_cancelled(rt: Runtime, lecture: Lecture, type: JobType) -> uuid.UUID:
    job = enqueue(rt, lecture, type)
    assert create_app(rt).test_client().post(f"/jobs/{job}/cancel").status_code == 200
    return job


def _is_not_delivered(rt: Runtime, lecture: Lecture, type: JobType) -> uuid.UUID:
    job = enqueue(rt, lecture, type)
    data = json.dumps(JobMessage(job_id=job).payload()).encode()
    record_dead_letter(rt, Event(id="1", source="", data=data, attributes={}, delivery=20))
    return job


def _falls_silent(rt: Runtime, lecture: Lecture, type: JobType) -> uuid.UUID:
    lease = running(rt, lecture, type)
    clock = rt.clock
    assert isinstance(clock, HeldClock)
    for _ in range(lease.max_attempts):
        clock.now += rt.settings.lease * 2
        sweep(rt)
        rt.jobs.claim(lease.job_id, type)
    return lease.job_id


@pytest.mark.sampled(4)
@pytest.mark.parametrize("type", list(JobType))
@pytest.mark.parametrize("ends", [_fails, _is_cancelled, _is_not_delivered, _falls_silent])
def test_it_stays_completed_however_the_job_fails(
    runtime: Runtime,
    completed: Lecture,
    type: JobType,
    ends: Callable[[Runtime, Lecture, JobType], uuid.UUID],
) -> None:
    job = ends(runtime, completed, type)

    assert get_job(runtime, job).status == WorkStatus.FAILED
    lecture = get_lecture(runtime, completed)
    assert (lecture.status, lecture.error) == (LectureStatus.COMPLETED, None)
    progress = create_app(runtime).test_client().get("/lectures/hashing/progress").get_json()
    assert (progress["overallStatus"], progress["percent"]) == ("completed", 100)
    [stage] = [each for each in progress["stages"] if each["stage"] == type]
    assert stage["status"] == "failed"


def test_it_stays_completed_if_a_segment_fails(runtime: Runtime, completed: Lecture) -> None:
    job = fan_out(runtime, completed, 1).job_id
    runtime.segments.fail(claim_segment(runtime, job, 0), FAILURE)

    assert get_job(runtime, job).status == WorkStatus.FAILED
    assert get_lecture(runtime, completed).status == LectureStatus.COMPLETED


def test_it_is_under_way_while_another_job_is_live(runtime: Runtime, completed: Lecture) -> None:
    export = running(runtime, completed, JobType.EXPORT)
    _fails(runtime, completed, JobType.GENERATION)
    assert get_lecture(runtime, completed).status == LectureStatus.PROCESSING

    runtime.jobs.fail(export, FAILURE)
    assert get_lecture(runtime, completed).status == LectureStatus.COMPLETED


@pytest.mark.parametrize("type", list(JobType))
def test_one_that_never_was_completed_fails_with_the_reason(
    runtime: Runtime, type: JobType
) -> None:
    lecture = uploaded(runtime)
    _fails(runtime, lecture, type)

    lecture = get_lecture(runtime, lecture)
    assert lecture.status == LectureStatus.FAILED
    assert lecture.error is not None
    assert lecture.error["code"] == ModelUnavailableError.code


def test_a_quota_that_is_used_up_is_reported_without_repeated_calls(
    runtime: Runtime, completed: Lecture
) -> None:
    client = create_app(runtime).test_client()
    before = client.get("/lectures/hashing/summary").get_data()
    job = enqueue(runtime, completed, JobType.GENERATION, params={"preset_id": "exam"})
    with serving(lambda _body, _before: NO_QUOTA) as server:
        outcome = generate_material(asking(runtime, server), JobMessage(job_id=job))
        calls = len(server.requests)

    assert outcome.ending is Ending.FAILED
    row = get_job(runtime, job)
    assert (row.status, row.attempt) == (WorkStatus.FAILED, 1)
    assert row.error is not None
    assert row.error["code"] == ProviderQuotaExhaustedError.code
    # Questions that are asked side by side, each of them once.
    assert calls <= runtime.settings.plc_llm_concurrency
    assert get_lecture(runtime, completed).status == LectureStatus.COMPLETED
    assert client.get("/lectures/hashing/summary").get_data() == before
