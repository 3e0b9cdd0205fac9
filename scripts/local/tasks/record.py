"""A task and what has happened to it so far."""

from dataclasses import dataclass
from datetime import UTC, datetime

from google.cloud import tasks_v2

_BASIC = tasks_v2.Task.View(tasks_v2.Task.View.BASIC)
_FULL = tasks_v2.Task.View(tasks_v2.Task.View.FULL)


@dataclass(frozen=True)
class TaskRecord:
    """Times in seconds since the epoch. `task` is as it was created."""

    task: tasks_v2.Task
    due: float
    dispatches: int = 0
    responses: int = 0
    executions: int = 0
    """Responses that are not 5xx; see `X-CloudTasks-TaskExecutionCount`."""
    first_dispatch: float | None = None
    last_dispatch: float | None = None
    last_status: int | None = None

    @property
    def name(self) -> str:
        return str(self.task.name)

    def resource(self, view: tasks_v2.Task.View) -> tasks_v2.Task:
        """What the API answers with; only the full view shows the body."""
        full = view == _FULL
        resource = tasks_v2.Task(self.task)
        resource.schedule_time = _moment(self.due)
        resource.dispatch_count = self.dispatches
        resource.response_count = self.responses
        resource.view = _FULL if full else _BASIC
        if self.first_dispatch is not None and self.last_dispatch is not None:
            resource.first_attempt = tasks_v2.Attempt(dispatch_time=_moment(self.first_dispatch))
            resource.last_attempt = tasks_v2.Attempt(dispatch_time=_moment(self.last_dispatch))
        if not full:
            request = resource.http_request
            request.body = b""
            resource.http_request = request
        return resource


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
