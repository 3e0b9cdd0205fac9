"""A task as the API takes it, checked as Google checks it.

https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#task
"""

import re
from datetime import UTC, datetime, timedelta

import grpc
from google.cloud import tasks_v2

from scripts.local.delivery.rpc import RefusedError
from scripts.local.tasks.queue import fill_retry

_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
_SHORTEST_DEADLINE = timedelta(seconds=15)
_LONGEST_DEADLINE = timedelta(minutes=30)
_DEFAULT_DEADLINE = timedelta(minutes=10)
_FURTHEST_SCHEDULE = timedelta(days=30)
_MAX_TASK_BYTES = 1 << 20
_WITH_BODY = frozenset(
    {tasks_v2.HttpMethod.POST, tasks_v2.HttpMethod.PUT, tasks_v2.HttpMethod.PATCH}
)


def fill_task(task: tasks_v2.Task, *, queue: str, fallback_id: str, now: float) -> tasks_v2.Task:
    """The task with a name, a schedule and a deadline. Raises RefusedError."""
    filled = tasks_v2.Task(task)
    moment = datetime.fromtimestamp(now, UTC)
    filled.name = _checked_name(task.name, queue=queue, fallback_id=fallback_id)
    filled.http_request = _checked_request(task)
    filled.create_time = moment.replace(microsecond=0)
    if "schedule_time" not in task or task.schedule_time < moment:
        filled.schedule_time = moment
    if filled.schedule_time - moment > _FURTHEST_SCHEDULE:
        raise _invalid("schedule_time must not be more than 30 days ahead")
    if "dispatch_deadline" not in task:
        filled.dispatch_deadline = _DEFAULT_DEADLINE
    if not _SHORTEST_DEADLINE <= filled.dispatch_deadline <= _LONGEST_DEADLINE:
        raise _invalid("dispatch_deadline must be between 15 seconds and 30 minutes")
    if "retry_config" in task:
        filled.retry_config = fill_retry(task.retry_config)
    if len(tasks_v2.Task.serialize(filled)) > _MAX_TASK_BYTES:
        raise _invalid("a task may have 1 MiB")
    return filled


def _checked_name(name: str, *, queue: str, fallback_id: str) -> str:
    prefix = f"{queue}/tasks/"
    if not name:
        return prefix + fallback_id
    if not name.startswith(prefix) or not _TASK_ID.fullmatch(name[len(prefix) :]):
        raise _invalid(f"invalid task name for the queue {queue}: {name}")
    return name


def _checked_request(task: tasks_v2.Task) -> tasks_v2.HttpRequest:
    if "http_request" not in task:
        raise RefusedError(grpc.StatusCode.UNIMPLEMENTED, "the stand-in dispatches HTTP tasks only")
    request = tasks_v2.HttpRequest(task.http_request)
    if not request.http_method:
        request.http_method = tasks_v2.HttpMethod(tasks_v2.HttpMethod.POST)
    if not request.url.startswith("http://"):
        raise _invalid("the stand-in dispatches to http:// only")
    if request.body and request.http_method not in _WITH_BODY:
        raise _invalid("only POST, PUT and PATCH may have a body")
    if "oauth_token" in request:
        raise RefusedError(
            grpc.StatusCode.UNIMPLEMENTED, "the stand-in does not support oauth_token"
        )
    return request


def _invalid(message: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)
