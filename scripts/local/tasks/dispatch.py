"""How a task reaches its function, and what failing means."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from google.cloud import tasks_v2

from scripts.local.delivery.courier import Courier
from scripts.local.delivery.faults import Delivery
from scripts.local.delivery.push import Outcome, PushRequest, SignToken, authorization
from scripts.local.tasks.queue import Queue
from scripts.local.tasks.record import TaskRecord
from scripts.local.tasks.retry import RetryRules, read_retry
from scripts.local.tasks.store import TasksStore

_log = logging.getLogger(__name__)

_OWN_HEADERS = ("host", "content-length", "user-agent", "x-cloudtasks-", "x-google-")
"""A task cannot set these; `google.cloud.tasks.v2.HttpRequest.headers`."""


class Dispatch:
    def __init__(
        self,
        store: TasksStore,
        courier: Courier,
        *,
        find_queue: Callable[[str], Queue],
        sign_token: SignToken | None,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._courier = courier
        self._find_queue = find_queue
        self._sign_token = sign_token
        self._clock = clock

    def submit(self, name: str, due: float) -> None:
        queue = name.rpartition("/tasks/")[0]
        self._courier.submit(queue, due, partial(self._load, name), partial(self._settle, name))

    def _load(self, name: str) -> Delivery | None:
        record = self._store.find(name)
        if record is None:
            return None
        request = record.task.http_request
        queue_id, task_id = _short_names(name)
        return Delivery(
            channel=queue_id,
            id=task_id,
            attempt=record.dispatches + 1,
            data=request.body,
            attributes=dict(request.headers),
            request=PushRequest(
                url=request.url,
                headers=self._headers(record),
                body=request.body,
                deadline_seconds=record.task.dispatch_deadline.total_seconds(),
                method=tasks_v2.HttpMethod(request.http_method).name,
            ),
        )

    def _headers(self, record: TaskRecord) -> Mapping[str, str]:
        request = record.task.http_request
        own = {k: v for k, v in request.headers.items() if not k.lower().startswith(_OWN_HEADERS)}
        typed = any(key.lower() == "content-type" for key in own)
        if request.body and not typed:
            own["Content-Type"] = "application/octet-stream"
        token = request.oidc_token
        own |= authorization(
            self._sign_token,
            audience=token.audience or request.url,
            email=token.service_account_email,
        )
        return own | metadata_headers(record)

    def _settle(self, name: str, outcome: Outcome) -> None:
        now = self._clock()
        if outcome.status is not None and 200 <= outcome.status <= 299:
            self._store.remove(name, now=now)
            return
        record = self._store.find(name)
        if record is None:
            return
        attempts = record.dispatches + 1
        _log.info(
            "task.failed task=%s attempt=%d status=%s reason=%s",
            name,
            attempts,
            outcome.status,
            outcome.reason,
        )
        rules = self._rules(record)
        dispatched = now - outcome.seconds
        first_dispatch = record.first_dispatch or dispatched
        if rules.exhausted(attempts=attempts, first_attempt=first_dispatch, now=now):
            _log.warning("task.given_up task=%s attempts=%d", name, attempts)
            self._store.remove(name, now=now)
            return
        failed = replace(
            record,
            due=now + rules.delay(attempts, outcome, now=now),
            dispatches=attempts,
            responses=record.responses + (outcome.status is not None),
            executions=record.executions + (outcome.status is not None and outcome.status < 500),
            first_dispatch=first_dispatch,
            last_dispatch=dispatched,
            last_status=outcome.status,
        )
        self._store.save_attempt(failed)
        self.submit(name, failed.due)

    def _rules(self, record: TaskRecord) -> RetryRules:
        """A task's own rules go before its queue's."""
        if "retry_config" in record.task:
            return read_retry(record.task.retry_config)
        return self._find_queue(record.name.rpartition("/tasks/")[0]).retry


def metadata_headers(record: TaskRecord) -> dict[str, str]:
    """https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler

    The retry reason of an HTTP task is there from the second attempt on, and empty.
    """
    queue_id, task_id = _short_names(record.name)
    headers = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": queue_id,
        "X-CloudTasks-TaskName": task_id,
        "X-CloudTasks-TaskRetryCount": str(record.dispatches),
        "X-CloudTasks-TaskExecutionCount": str(record.executions),
        "X-CloudTasks-TaskETA": f"{record.due:.6f}",
    }
    if record.dispatches:
        headers["X-CloudTasks-TaskRetryReason"] = ""
    if record.last_status is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(record.last_status)
    return headers


def _short_names(task: str) -> tuple[str, str]:
    *_, queue_id, _, task_id = task.split("/")
    return queue_id, task_id
