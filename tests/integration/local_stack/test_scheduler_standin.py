"""What Pegasus relies on in Cloud Scheduler."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from scripts.local.scheduler import ScheduledJob, Scheduler, next_due
from shared.topology import load_topology
from tests.integration.local_stack.receiver import Answer, Received, Receiver


def often(url: str, name: str = "sweep") -> ScheduledJob:
    return ScheduledJob(
        name, url, cron="* * * * *", attempt_deadline_seconds=30, every_seconds=0.05
    )


class Clock:
    """Stands just before a full minute, and runs."""

    def __init__(self, before: datetime) -> None:
        self._offset = before.timestamp() - datetime.now(UTC).timestamp()

    def __call__(self) -> float:
        return datetime.now(UTC).timestamp() + self._offset


def test_a_job_calls_its_function_again_and_again() -> None:
    with Receiver() as function:
        scheduler = Scheduler([often(function.url("/sweep"))])
        scheduler.start()
        received = function.wait_for(3, "/sweep")
        scheduler.stop()
    first = received[0]
    assert first.method == "POST"
    assert first.headers["User-Agent"] == "Google-Cloud-Scheduler"
    assert first.headers["X-CloudScheduler"] == "true"
    assert first.headers["X-CloudScheduler-JobName"] == "sweep"
    times = [
        datetime.fromisoformat(each.headers["X-CloudScheduler-ScheduleTime"]) for each in received
    ]
    assert times == sorted(set(times))


def test_a_job_runs_at_the_minute_its_cron_expression_names() -> None:
    minute = datetime(2026, 3, 1, 3, 17, tzinfo=UTC)
    with Receiver() as function:
        jobs = [
            ScheduledJob("daily", function.url("/daily"), "17 3 * * *", 30),
            ScheduledJob("other", function.url("/other"), "18 3 * * *", 30),
        ]
        scheduler = Scheduler(jobs, clock=Clock(minute - timedelta(seconds=0.3)))
        scheduler.start()
        (received,) = function.wait_for(1)
        scheduler.stop()
    assert received.path == "/daily"
    assert received.headers["X-CloudScheduler-ScheduleTime"] == "2026-03-01T03:17:00Z"


def test_runs_of_one_job_never_overlap_and_do_not_hold_up_another() -> None:
    done = threading.Event()

    def answer(received: Received) -> Answer:
        if received.path == "/slow":
            done.wait(30)
        return Answer()

    with Receiver(answer) as function:
        jobs = [often(function.url("/slow"), "slow"), often(function.url("/quick"), "quick")]
        scheduler = Scheduler(jobs)
        scheduler.start()
        function.wait_for(1, "/slow")
        function.wait_for(5, "/quick")
        assert len(function.received("/slow")) == 1
        done.set()
        function.wait_for(2, "/slow")
        scheduler.stop()


def test_a_failed_run_does_not_end_the_schedule() -> None:
    with Receiver(lambda _: Answer(500)) as function:
        scheduler = Scheduler([often(function.url())])
        scheduler.start()
        function.wait_for(3)
        scheduler.stop()


def test_a_function_that_is_down_is_called_again_when_it_is_back() -> None:
    with Receiver() as gone:
        port = gone.port
    scheduler = Scheduler([often(f"http://127.0.0.1:{port}/")])
    scheduler.start()
    with Receiver(port=port) as function:
        function.wait_for(1)
        scheduler.stop()


def test_a_run_past_its_deadline_makes_room_for_the_next() -> None:
    over = threading.Event()

    def answer(_: Received) -> Answer:
        over.wait(30)
        return Answer()

    with Receiver(answer) as function:
        job = ScheduledJob("slow", function.url(), "* * * * *", 0.2, every_seconds=0.05)
        scheduler = Scheduler([job])
        scheduler.start()
        function.wait_for(2)
        scheduler.stop()
        over.set()


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("* * * * *", "2026-03-01T10:00:00", "2026-03-01T10:01"),
        ("* * * * *", "2026-12-31T23:59:30", "2027-01-01T00:00"),
        ("*/15 * * * *", "2026-03-01T10:15:00", "2026-03-01T10:30"),
        ("*/15 * * * *", "2026-03-01T10:50:00", "2026-03-01T11:00"),
        ("17 3 * * *", "2026-03-01T03:16:59", "2026-03-01T03:17"),
        ("17 3 * * *", "2026-03-01T03:17:00", "2026-03-02T03:17"),
        ("0 6,18 * * *", "2026-03-01T06:00:00", "2026-03-01T18:00"),
        ("30 8-10 * * *", "2026-03-01T10:30:00", "2026-03-02T08:30"),
        ("0 8-18/5 * * *", "2026-03-01T08:00:00", "2026-03-01T13:00"),
        ("5/20 * * * *", "2026-03-01T10:05:00", "2026-03-01T10:25"),
        ("0 0 1 * *", "2026-03-01T00:00:00", "2026-04-01T00:00"),
        ("0 0 29 2 *", "2026-03-01T00:00:00", "2028-02-29T00:00"),
        ("0 9 * * 1-5", "2026-03-06T09:00:00", "2026-03-09T09:00"),  # Friday → Monday
        ("0 9 * * 0", "2026-03-02T00:00:00", "2026-03-08T09:00"),
        ("0 9 * * 7", "2026-03-02T00:00:00", "2026-03-08T09:00"),
        ("0 0 13 * 5", "2026-03-07T00:00:00", "2026-03-13T00:00"),
        ("0 0 15 * 1", "2026-03-02T12:00:00", "2026-03-09T00:00"),  # either day will do
    ],
)
def test_a_cron_expression_is_next_due(expression: str, after: str, due: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = next_due(expression, "Etc/UTC", moment)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_cron_expression_follows_its_time_zone() -> None:
    winter, summer = (
        next_due("30 2 * * *", "Europe/Berlin", datetime(2026, month, 10, 12, tzinfo=UTC))
        for month in (1, 7)
    )
    assert (winter.hour, summer.hour) == (1, 0)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "x * * * *",
        "*/0 * * * *",
    ],
)
def test_what_is_no_cron_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="cron"):
        next_due(expression, "Etc/UTC", datetime(2026, 3, 1, tzinfo=UTC))


def test_a_day_that_never_comes_is_refused_before_the_stack_starts() -> None:
    with pytest.raises(ValueError, match="never"):
        Scheduler([ScheduledJob("never", "http://127.0.0.1:9/", "0 0 31 2 *", 30)])


def test_the_declared_schedules_can_be_read() -> None:
    for schedule in load_topology().schedules.values():
        next_due(schedule.cron, schedule.time_zone, datetime(2026, 3, 1, tzinfo=UTC))
