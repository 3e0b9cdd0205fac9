"""What Pegasus relies on in Cloud Tasks, shown with the official client."""

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from scripts.local.delivery.backoff import CloudTasksBackoff
from scripts.local.delivery.faults import Always, Delay, DropResponse, Duplicate, ReverseOrder, When
from scripts.local.tasks import TasksServer
from tests.integration.local_stack.receiver import Answer, Received, Receiver, wait_until
from tests.support.processes.waiting import wait_for_parents_end

LOCATION = "projects/pegasus-test/locations/europe-west1"
QUEUE = f"{LOCATION}/queues/segments"
QUICK = {
    "min_backoff": timedelta(seconds=0.1),
    "max_backoff": timedelta(seconds=0.5),
    "max_doublings": 1,
}


@dataclass(frozen=True)
class Tasks:
    client: tasks_v2.CloudTasksClient

    def create_queue(self, **more: Any) -> tasks_v2.Queue:
        queue = tasks_v2.Queue({"name": QUEUE, "retry_config": QUICK, **more})
        return self.client.create_queue(parent=LOCATION, queue=queue)

    def create(self, url: str, *, id: str = "", body: bytes = b"", **more: Any) -> tasks_v2.Task:
        request = {"url": url, "body": body, **more.pop("http_request", {})}
        name = f"{QUEUE}/tasks/{id}" if id else ""
        task = tasks_v2.Task({"name": name, "http_request": request, **more})
        return self.client.create_task(parent=QUEUE, task=task)

    def names(self) -> set[str]:
        return {task.name for task in self.client.list_tasks(parent=QUEUE)}


@contextmanager
def connected(address: str) -> Iterator[Tasks]:
    """As production connects to the stand-in."""
    with grpc.insecure_channel(address) as channel:
        yield Tasks(tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel)))


@contextmanager
def stand_in(root: Path, **options: Any) -> Iterator[Tasks]:
    server = TasksServer(root, **options)
    server.start()
    try:
        with connected(server.address) as tasks:
            yield tasks
    finally:
        server.stop()


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[Tasks]:
    with stand_in(tmp_path) as client:
        yield client


class Clock:
    """The machine's clock, moved forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> float:
        return time.time() + self.ahead.total_seconds()


def refusing_first(count: int, *answers: Answer) -> Receiver:
    """Answers the first requests with `answers` in turn, later ones with success."""
    script = iter(answers * (count // len(answers)))
    lock = threading.Lock()

    def answer(_: Received) -> Answer:
        with lock:
            return next(script, Answer())

    return Receiver(answer)


def task_ids(received: list[Received]) -> list[str]:
    return [each.headers["X-CloudTasks-TaskName"] for each in received]


# --- dispatch ---


def test_a_task_reaches_its_function_with_the_headers_of_cloud_tasks(tasks: Tasks) -> None:
    tasks.create_queue()
    headers = {"Content-Type": "application/json", "X-Lecture": "42", "User-Agent": "mine"}
    with Receiver() as function:
        tasks.create(
            function.url("/on_segment?x=1"),
            id="segment-7",
            body=b'{"index": 7}',
            http_request={"headers": headers},
        )
        (received,) = function.wait_for(1)
    assert (received.method, received.path) == ("POST", "/on_segment?x=1")
    assert received.body == b'{"index": 7}'
    sent = received.headers
    assert sent["Content-Type"] == "application/json"
    assert sent["X-Lecture"] == "42"
    assert sent.get_all("User-Agent") == ["Google-Cloud-Tasks"]
    assert sent["X-CloudTasks-QueueName"] == "segments"
    assert sent["X-CloudTasks-TaskName"] == "segment-7"
    assert sent["X-CloudTasks-TaskRetryCount"] == "0"
    assert sent["X-CloudTasks-TaskExecutionCount"] == "0"
    assert abs(float(sent["X-CloudTasks-TaskETA"]) - time.time()) < 60
    assert "X-CloudTasks-TaskPreviousResponse" not in sent
    assert "X-CloudTasks-TaskRetryReason" not in sent
    wait_until(lambda: not tasks.names(), "the task that succeeded is gone")


def test_a_body_of_no_stated_type_is_sent_as_bytes(tasks: Tasks) -> None:
    tasks.create_queue()
    with Receiver() as function:
        tasks.create(function.url(), body=b"x")
        (received,) = function.wait_for(1)
    assert received.headers["Content-Type"] == "application/octet-stream"


def test_a_failed_attempt_is_repeated_and_counted(tasks: Tasks) -> None:
    tasks.create_queue()
    with refusing_first(2, Answer(503), Answer(404)) as function:
        tasks.create(function.url(), id="one")
        received = function.wait_for(3)
    counts = [
        (
            each.headers["X-CloudTasks-TaskRetryCount"],
            each.headers["X-CloudTasks-TaskExecutionCount"],
            each.headers["X-CloudTasks-TaskPreviousResponse"],
        )
        for each in received
    ]
    # Answers of 5xx are no executions.
    assert counts == [("0", "0", None), ("1", "0", "503"), ("2", "1", "404")]
    assert received[1].headers["X-CloudTasks-TaskRetryReason"] == ""


def test_the_waits_double_and_then_grow_in_steps(tasks: Tasks) -> None:
    tasks.create_queue()
    with refusing_first(4, Answer(500)) as function:
        tasks.create(function.url())
        received = function.wait_for(5)
    waits = [b.at - a.at for a, b in pairwise(received)]
    for waited, least in zip(waits, [0.1, 0.2, 0.4, 0.5], strict=True):
        assert waited >= least


def test_the_longest_waits_are_as_documented() -> None:
    # The example at google.cloud.tasks.v2.RetryConfig.max_doublings.
    backoff = CloudTasksBackoff(minimum=10, maximum=300, max_doublings=3)
    waits = [backoff.delay(failures) for failures in range(1, 10)]
    assert waits == [10, 20, 40, 80, 160, 240, 300, 300, 300]


@pytest.mark.parametrize("status", [200, 206, 299])
def test_any_2xx_is_success(tasks: Tasks, status: int) -> None:
    tasks.create_queue()
    with Receiver(lambda _: Answer(status)) as function:
        tasks.create(function.url())
        function.wait_for(1)
        wait_until(lambda: not tasks.names(), "the task that succeeded is gone")
    assert len(function.received()) == 1


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_anything_else_is_failure(tasks: Tasks, status: int) -> None:
    tasks.create_queue()
    with refusing_first(1, Answer(status)) as function:
        tasks.create(function.url())
        function.wait_for(2)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_throttling_function_says_when_to_come_back(tasks: Tasks, status: int, form: str) -> None:
    tasks.create_queue()
    # A date has whole seconds, so it may lie up to one less ahead.
    text = "1" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=3))
    with refusing_first(1, Answer(status, {"Retry-After": text})) as function:
        tasks.create(function.url())
        first, second = function.wait_for(2)
    assert second.at - first.at >= 1


def test_other_answers_do_not_set_the_wait(tasks: Tasks) -> None:
    tasks.create_queue()
    with refusing_first(1, Answer(500, {"Retry-After": "3600"})) as function:
        tasks.create(function.url())
        function.wait_for(2)


@pytest.mark.slow
def test_a_dispatch_past_its_deadline_is_repeated(tasks: Tasks) -> None:
    over = threading.Event()
    late = iter([True])

    def answer(_: Received) -> Answer:
        if next(late, False):
            over.wait(30)
        return Answer()

    tasks.create_queue()
    with Receiver(answer) as function:
        tasks.create(function.url(), dispatch_deadline=timedelta(seconds=15))
        first, second = function.wait_for(2)
        over.set()
    assert second.at - first.at >= 15
    assert second.headers["X-CloudTasks-TaskRetryCount"] == "1"
    assert second.headers["X-CloudTasks-TaskExecutionCount"] == "0"


def test_a_task_is_given_up_after_its_last_attempt(tasks: Tasks) -> None:
    tasks.create_queue(retry_config={**QUICK, "max_attempts": 3})
    with Receiver(lambda _: Answer(500)) as function:
        tasks.create(function.url(), id="hopeless")
        function.wait_for(3)
        wait_until(lambda: not tasks.names(), "the hopeless task is gone")
    assert len(function.received()) == 3


def test_a_task_is_not_given_up_while_its_retry_duration_lasts(tasks: Tasks) -> None:
    limits = {"max_attempts": 1, "max_retry_duration": timedelta(seconds=1)}
    tasks.create_queue(retry_config={**QUICK, **limits})
    with Receiver(lambda _: Answer(500)) as function:
        tasks.create(function.url())
        received = function.wait_for(3)
        wait_until(lambda: not tasks.names(), "the hopeless task is gone")
    last = function.received()[-1]
    assert last.at - received[0].at >= 0.9


# --- when ---


def test_a_task_waits_for_its_time(tasks: Tasks) -> None:
    tasks.create_queue()
    with Receiver() as function:
        due = datetime.now(UTC) + timedelta(seconds=0.5)
        tasks.create(function.url(), id="later", schedule_time=due)
        tasks.create(function.url(), id="now")
        received = function.wait_for(2)
        assert datetime.now(UTC) >= due
    assert task_ids(received) == ["now", "later"]
    assert float(received[1].headers["X-CloudTasks-TaskETA"]) == pytest.approx(due.timestamp())


def test_no_more_run_at_once_than_the_queue_allows(tasks: Tasks) -> None:
    full = threading.Barrier(4)  # three dispatches and the test
    go = threading.Event()

    def answer(_: Received) -> Answer:
        if not go.is_set():
            full.wait(30)
            go.wait(30)
        return Answer()

    tasks.create_queue(rate_limits={"max_concurrent_dispatches": 3})
    with Receiver(answer) as function:
        for _ in range(12):
            tasks.create(function.url())
        full.wait(30)
        go.set()
        function.wait_for(12)
    assert function.most_under_way == 3


def test_a_queue_starts_no_more_than_its_rate(tasks: Tasks) -> None:
    tasks.create_queue(rate_limits={"max_dispatches_per_second": 10})
    with Receiver() as function:
        for _ in range(20):
            tasks.create(function.url())
        received = function.wait_for(20)
    # A full bucket of ten lets half of them go at once; the others leave one by one.
    assert received[-1].at - received[0].at >= 0.9


def test_new_limits_hold_for_what_waits(tasks: Tasks) -> None:
    tasks.create_queue(rate_limits={"max_concurrent_dispatches": 1})
    both = threading.Barrier(2)

    def answer(_: Received) -> Answer:
        both.wait(30)
        return Answer()

    with Receiver(answer) as function:
        tasks.create(function.url())
        tasks.create(function.url())
        function.wait_for(1)
        tasks.client.update_queue(
            request={
                "queue": {"name": QUEUE, "rate_limits": {"max_concurrent_dispatches": 2}},
                "update_mask": {"paths": ["rate_limits.max_concurrent_dispatches"]},
            }
        )
        wait_until(lambda: not tasks.names(), "both tasks ran, which they can only together")
    queue = tasks.client.get_queue(name=QUEUE)
    assert queue.rate_limits.max_concurrent_dispatches == 2
    assert queue.retry_config.max_backoff == timedelta(seconds=0.5)


# --- names ---


def test_a_name_is_taken_once(tasks: Tasks) -> None:
    tasks.create_queue()
    with Receiver() as function:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        tasks.create(function.url(), id="waiting", schedule_time=tomorrow)
        with pytest.raises(exceptions.AlreadyExists):
            tasks.create(function.url(), id="waiting")
        tasks.create(function.url(), id="done")
        wait_until(lambda: tasks.names() == {f"{QUEUE}/tasks/waiting"}, "the task has run")
        with pytest.raises(exceptions.AlreadyExists):
            tasks.create(function.url(), id="done")
        tasks.client.delete_task(name=f"{QUEUE}/tasks/waiting")
        with pytest.raises(exceptions.AlreadyExists):
            tasks.create(function.url(), id="waiting")
    assert task_ids(function.received()) == ["done"]


def test_a_name_is_free_again_after_a_day(tmp_path: Path) -> None:
    clock = Clock()
    with stand_in(tmp_path, clock=clock) as tasks, Receiver() as function:
        tasks.create_queue()
        tasks.create(function.url(), id="daily")
        wait_until(lambda: not tasks.names(), "the task has run")
        clock.ahead = timedelta(hours=23)
        with pytest.raises(exceptions.AlreadyExists):
            tasks.create(function.url(), id="daily")
        clock.ahead = timedelta(hours=25)
        tasks.create(function.url(), id="daily")
        function.wait_for(2)


# --- looking, deleting, purging ---


def test_a_waiting_task_can_be_looked_at(tasks: Tasks) -> None:
    tasks.create_queue()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    name = tasks.create("http://127.0.0.1:9/", body=b"secret", schedule_time=tomorrow).name
    basic = tasks.client.get_task(name=name)
    assert basic.schedule_time == tomorrow
    assert basic.dispatch_deadline == timedelta(minutes=10)
    assert basic.http_request.body == b""
    full = tasks.client.get_task(request={"name": name, "response_view": tasks_v2.Task.View.FULL})
    assert full.http_request.body == b"secret"


def test_attempts_show_on_the_task(tasks: Tasks) -> None:
    patient = {**QUICK, "min_backoff": timedelta(hours=1), "max_backoff": timedelta(hours=1)}
    tasks.create_queue(retry_config=patient)
    with Receiver(lambda _: Answer(500)) as function:
        name = tasks.create(function.url()).name
        wait_until(lambda: tasks.client.get_task(name=name).response_count == 1, "it was tried")
    task = tasks.client.get_task(name=name)
    assert task.dispatch_count == 1
    assert task.schedule_time - task.last_attempt.dispatch_time >= timedelta(hours=1)


def test_a_deleted_task_does_not_run(tasks: Tasks) -> None:
    tasks.create_queue()
    with Receiver() as function:
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        deleted = tasks.create(function.url(), id="deleted", schedule_time=soon).name
        tasks.create(function.url(), id="kept", schedule_time=soon + timedelta(seconds=0.1))
        tasks.client.delete_task(name=deleted)
        assert task_ids(function.wait_for(1)) == ["kept"]
    with pytest.raises(exceptions.NotFound):
        tasks.client.delete_task(name=deleted)


def test_a_purged_queue_is_empty_and_works_on(tasks: Tasks) -> None:
    # At this rate a purged task that still took its turn would hold up the next by 10 s.
    tasks.create_queue(rate_limits={"max_dispatches_per_second": 0.1})
    with Receiver() as function:
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        for number in range(5):
            tasks.create(function.url(), id=f"purged-{number}", schedule_time=soon)
        tasks.client.purge_queue(name=QUEUE)
        assert tasks.names() == set()
        tasks.create(function.url(), id="after", schedule_time=soon + timedelta(seconds=0.1))
        assert task_ids(function.wait_for(1)) == ["after"]


def test_a_long_queue_is_listed_in_pages(tasks: Tasks) -> None:
    tasks.create_queue()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    created = {tasks.create("http://127.0.0.1:9/", schedule_time=tomorrow).name for _ in range(7)}
    pages = tasks.client.list_tasks(request={"parent": QUEUE, "page_size": 3}).pages
    listed = [[task.name for task in page.tasks] for page in pages]
    assert [len(names) for names in listed] == [3, 3, 1]
    assert set().union(*listed) == created


# --- what is refused ---


def test_a_queue_gets_googles_defaults(tasks: Tasks) -> None:
    queue = tasks.client.create_queue(parent=LOCATION, queue=tasks_v2.Queue(name=QUEUE))
    assert queue.state == tasks_v2.Queue.State.RUNNING
    assert queue.rate_limits.max_dispatches_per_second == 500
    assert queue.rate_limits.max_concurrent_dispatches == 1000
    assert queue.retry_config.max_attempts == 100
    assert queue.retry_config.max_doublings == 16
    assert queue.retry_config.max_backoff == timedelta(hours=1)
    with pytest.raises(exceptions.AlreadyExists):
        tasks.create_queue()


@pytest.mark.parametrize("seconds", [14.9, 1800.1])
def test_a_deadline_that_cloud_tasks_does_not_offer_is_refused(
    tasks: Tasks, seconds: float
) -> None:
    tasks.create_queue()
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create("http://127.0.0.1:9/", dispatch_deadline=timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [15, 1800])
def test_the_shortest_and_longest_deadline_are_taken(tasks: Tasks, seconds: float) -> None:
    tasks.create_queue()
    deadline = timedelta(seconds=seconds)
    task = tasks.create("http://127.0.0.1:9/", dispatch_deadline=deadline)
    assert task.dispatch_deadline == deadline


def test_what_google_refuses_is_refused(tasks: Tasks) -> None:
    with pytest.raises(exceptions.NotFound):
        tasks.create("http://127.0.0.1:9/")
    with pytest.raises(exceptions.NotFound):
        tasks.client.get_queue(name=QUEUE)
    tasks.create_queue()
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create("http://127.0.0.1:9/", id="no spaces")
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create("ftp://127.0.0.1/")
    with pytest.raises(exceptions.InvalidArgument):
        tasks.create("http://127.0.0.1:9/", body=b"x" * (1 << 20))
    with pytest.raises(exceptions.InvalidArgument):
        far = datetime.now(UTC) + timedelta(days=31)
        tasks.create("http://127.0.0.1:9/", schedule_time=far)


# --- tokens ---


def test_a_task_carries_a_token_where_it_asks_for_one(tmp_path: Path) -> None:
    def sign(audience: str, email: str) -> str:
        return f"signed-for-{audience}-by-{email}"

    with stand_in(tmp_path, sign_token=sign) as tasks, Receiver() as function:
        tasks.create_queue()
        token = {"service_account_email": "tasks@pegasus"}
        url = function.url("/private")
        tasks.create(url, http_request={"oidc_token": token})
        tasks.create(function.url("/open"))
        (private,) = function.wait_for(1, "/private")
        (public,) = function.wait_for(1, "/open")
    assert private.headers["Authorization"] == f"Bearer signed-for-{url}-by-tasks@pegasus"
    assert public.headers["Authorization"] is None


# --- what a restart leaves ---


def test_a_restart_runs_what_had_not_succeeded(tmp_path: Path) -> None:
    with Receiver(lambda _: Answer(500)) as down:
        port = down.port
        with stand_in(tmp_path) as tasks:
            tasks.create_queue()
            created = {f"segment-{number}" for number in range(20)}
            for id in created:
                tasks.create(down.url(), id=id)
            down.wait_for(20)
    with Receiver(port=port) as function, stand_in(tmp_path) as tasks:
        assert set(task_ids(function.wait_for(20))) == created
        wait_until(lambda: not tasks.names(), "all have run")
        with pytest.raises(exceptions.AlreadyExists):
            tasks.create(function.url(), id="segment-0")


def test_stopping_does_not_wait_for_a_dispatch_under_way(tmp_path: Path) -> None:
    never = threading.Event()
    hang = [True]

    def answer(_: Received) -> Answer:
        if hang[0]:
            never.wait(30)
        return Answer()

    with Receiver(answer) as function:
        with stand_in(tmp_path) as tasks:
            tasks.create_queue()
            tasks.create(function.url(), dispatch_deadline=timedelta(minutes=30))
            function.wait_for(1)
        hang[0] = False
        with stand_in(tmp_path):
            again = function.wait_for(2)[1]
        never.set()
    assert again.headers["X-CloudTasks-TaskRetryCount"] == "0"


def serve_until_killed(root: Path, tell: Connection) -> None:
    server = TasksServer(root)
    server.start()
    tell.send(server.address)
    wait_for_parents_end()


def test_a_killed_server_has_lost_no_task_it_took(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve_until_killed, args=(tmp_path, there), daemon=True)
    process.start()
    with Receiver(lambda _: Answer(503)) as down, connected(str(here.recv())) as tasks:
        port = down.port
        tasks.create_queue()
        created = {f"segment-{number}" for number in range(20)}
        for id in created:
            tasks.create(down.url(), id=id)
        process.kill()
        process.join()
    here.close()
    there.close()
    with Receiver(port=port) as function, stand_in(tmp_path):
        assert set(task_ids(function.wait_for(20))) == created


# --- faults ---


def test_each_task_can_be_dispatched_twice(tmp_path: Path) -> None:
    with stand_in(tmp_path, faults=Always(Duplicate())) as tasks, Receiver() as function:
        tasks.create_queue()
        for number in range(5):
            tasks.create(function.url(), id=str(number))
        received = function.wait_for(10)
    assert Counter(task_ids(received)) == Counter("0123401234")


def test_the_order_can_be_reversed(tmp_path: Path) -> None:
    """One dispatch at a time: of several, any may be the first to reach the fault."""
    with stand_in(tmp_path, faults=ReverseOrder(batch=3)) as tasks, Receiver() as function:
        tasks.create_queue(rate_limits={"max_concurrent_dispatches": 1})
        for number in range(3):
            tasks.create(function.url(), id=str(number))
        assert task_ids(function.wait_for(3)) == ["2", "1", "0"]


def test_a_delayed_task_that_is_deleted_meanwhile_does_not_run(tmp_path: Path) -> None:
    faults = When(lambda delivery: delivery.id == "deleted", Delay(0.3))
    with stand_in(tmp_path, faults=faults) as tasks, Receiver() as function:
        tasks.create_queue()
        tasks.create(function.url(), id="deleted")
        tasks.client.delete_task(name=f"{QUEUE}/tasks/deleted")
        due = datetime.now(UTC) + timedelta(seconds=0.5)
        tasks.create(function.url(), id="after", schedule_time=due)
        assert task_ids(function.wait_for(1)) == ["after"]


def test_an_answer_can_be_lost(tmp_path: Path) -> None:
    faults = When(lambda delivery: delivery.attempt == 1, DropResponse())
    with stand_in(tmp_path, faults=faults) as tasks, Receiver() as function:
        tasks.create_queue()
        tasks.create(function.url(), id="one")
        received = function.wait_for(2)
    assert [each.headers["X-CloudTasks-TaskRetryCount"] for each in received] == ["0", "1"]
