"""A message that no function could handle becomes a record that somebody can see."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.retention.dead_letters import SOURCE_SUBSCRIPTION, record_dead_letter
from shared.events import Event, JobMessage
from shared.models import JobType, LectureStatus, WorkStatus
from shared.outcomes import DONE, DUPLICATE
from shared.runtime import Runtime
from tests.support.builders import (
    add_lecture,
    columns,
    complete,
    enqueue,
    get_dead_letters,
    get_job,
    get_jobs,
    get_lecture,
    running,
    uploaded,
)
from tests.support.threads import at_once


def letter(data: bytes, *, id: str = "17", source: str = "transcribe-push") -> Event:
    return Event(
        id=id,
        source="dead-letter-push",
        data=data,
        attributes={SOURCE_SUBSCRIPTION: source},
        delivery=1,
    )


def about(job_id: uuid.UUID) -> Event:
    return letter(JobMessage(job_id=job_id).model_dump_json(by_alias=True).encode())


def test_a_message_that_makes_no_sense_is_recorded_once(runtime: Runtime) -> None:
    event = letter(b"\xff\x00 not JSON")

    assert record_dead_letter(runtime, event) == DONE
    assert record_dead_letter(runtime, event) == DUPLICATE

    [row] = get_dead_letters(runtime)
    assert (row.source, row.message_id, row.job_id) == ("transcribe-push", "17", None)
    assert row.payload == "\\xff\\x00 not JSON"


def test_deliveries_at_the_same_time_make_one_record(runtime: Runtime) -> None:
    outcomes = at_once(
        lambda _: record_dead_letter(runtime, letter(b"{}")),
        range(4),
    )

    assert sorted(outcome.ending for outcome in outcomes) == ["done"] + ["duplicate"] * 3
    assert len(get_dead_letters(runtime)) == 1


def test_two_subscriptions_may_give_up_on_the_same_message(runtime: Runtime) -> None:
    for source in ("transcribe-push", "export-push"):
        assert record_dead_letter(runtime, letter(b"{}", source=source)) == DONE

    assert {row.source for row in get_dead_letters(runtime)} == {"transcribe-push", "export-push"}


def test_a_job_that_only_this_message_could_have_started_fails_with_a_reason(
    runtime: Runtime,
) -> None:
    lecture = uploaded(runtime)
    job_id = enqueue(runtime, lecture)

    record_dead_letter(runtime, about(job_id))

    job = get_job(runtime, job_id)
    assert job.status == WorkStatus.FAILED
    assert job.error is not None
    assert job.error["code"] == "delivery_exhausted"
    assert get_lecture(runtime, lecture).status == LectureStatus.FAILED
    assert get_lecture(runtime, lecture).error == job.error
    assert get_dead_letters(runtime)[0].job_id == job_id
    # And it can be tried again.
    with runtime.database.unit_of_work() as session:
        assert runtime.jobs.replay(session, job).deduplicated is False


@pytest.mark.parametrize("state", ["running", "succeeded"])
def test_a_job_that_is_running_or_done_is_left_alone(runtime: Runtime, state: str) -> None:
    lecture = uploaded(runtime)
    lease = running(runtime, lecture)
    if state == "succeeded":
        complete(runtime, lease)
    before = columns(get_job(runtime, lease.job_id)), columns(get_lecture(runtime, lecture))

    assert record_dead_letter(runtime, about(lease.job_id)) == DONE

    assert before == (
        columns(get_job(runtime, lease.job_id)),
        columns(get_lecture(runtime, lecture)),
    )
    assert len(get_dead_letters(runtime)) == 1


def test_a_second_delivery_does_not_fail_the_replayed_job(runtime: Runtime) -> None:
    lecture = uploaded(runtime)
    job_id = enqueue(runtime, lecture, JobType.EXPORT)
    record_dead_letter(runtime, about(job_id))
    enqueue(runtime, lecture, JobType.EXPORT)

    record_dead_letter(runtime, about(job_id))

    assert [job.status for job in get_jobs(runtime, lecture)].count(WorkStatus.QUEUED) == 1


def test_a_job_that_is_no_more_is_no_obstacle(runtime: Runtime) -> None:
    assert record_dead_letter(runtime, about(uuid.uuid4())) == DONE


@pytest.mark.parametrize("state", ["waiting", "has one"])
def test_an_upload_nobody_could_register_fails_the_lecture_that_waits_for_it(
    runtime: Runtime, state: str
) -> None:
    lecture = add_lecture(runtime) if state == "waiting" else uploaded(runtime)
    upload = {
        "bucket": "lectures",
        "name": lecture.source_object,
        "generation": "5",
        "size": "10",
    }
    record_dead_letter(runtime, letter(json.dumps(upload).encode(), source="uploads-push"))

    row = get_lecture(runtime, lecture)
    if state == "waiting":
        assert row.status == LectureStatus.FAILED
        assert row.error is not None
        assert row.error["code"] == "delivery_exhausted"
    else:
        assert (row.status, row.error) == (LectureStatus.UPLOADED, None)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.fixed_dictionaries(
            {
                "bucket": st.text(max_size=10),
                "name": st.text(max_size=40),
                "generation": st.integers(),
                "size": st.integers(),
            }
        ).map(lambda value: json.dumps(value).encode()),
    ),
    attributes=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=3),
)
def test_whatever_a_message_holds_it_can_be_recorded(
    runtime: Runtime, data: bytes, attributes: dict[str, str]
) -> None:
    event = Event(id=str(uuid.uuid4()), source="s", data=data, attributes=attributes, delivery=1)

    assert record_dead_letter(runtime, event) == DONE
