"""The whole product in one process, on a clock that is moved: topics, queue, schedules, phone.

Every delivery goes through a function's own entry point, as shared/topology.json declares it,
and is repeated, given up and dead-lettered as its subscription or queue says.
"""

import base64
import heapq
import itertools
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import Flask, Request, Response, request

from functions.retention.dead_letters import SOURCE_SUBSCRIPTION
from shared.runtime import Runtime
from shared.topology import Function, Queue, Schedule, load_topology
from tests.support.clock import HeldClock
from tests.support.lectures.messages import RecordingMessages

TOPOLOGY = load_topology()
EVERY_MINUTE = timedelta(minutes=1)
DAILY_AFTER = timedelta(minutes=5)
"""Any time of the day will do."""
MAX_BACKOFF_SEC = 60.0
"""Below the declared ones, for tests to be over sooner. As many deliveries as declared."""

Act = Callable[[], None]


def entry_point(function: Function) -> Callable[[Request], Response]:
    module = import_module(f"functions.{function.stage}.main")
    handler: Callable[[Request], Response] = getattr(module, function.entry_point)
    return handler


class Pipeline:
    def __init__(self, rt: Runtime, clock: HeldClock, messages: RecordingMessages) -> None:
        self.rt = rt
        self.current: str | None = None
        """The function that is at work."""
        self._clock = clock
        self._messages = messages
        self._taken = 0
        self._ids = itertools.count(1)
        self._due: list[tuple[Any, int, Act]] = []
        self._app = Flask("pipeline")
        for name, schedule in TOPOLOGY.schedules.items():
            self._schedule(name, schedule)

    # --- from outside -----------------------------------------------------------

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Response:
        """A request of a client or an operator to the API."""
        headers = {"Content-Type": "application/json"}
        data = json.dumps(body or {}).encode() if method == "POST" else b""
        return self._call("ingest-api", path, headers, data, method=method)

    def notify(self, resource: Mapping[str, Any]) -> None:
        """The bucket's notification of an object."""
        for notification in TOPOLOGY.notifications.values():
            self._publish(notification.topic, json.dumps(resource).encode(), {})

    def run(self, until: Callable[[], bool], *, at_most: timedelta) -> bool:
        """Let time pass until it is so. False if it has not come to that."""
        deadline = self._clock() + at_most
        while not until():
            if not self._due or self._due[0][0] > deadline:
                return False
            due, _, act = heapq.heappop(self._due)
            self._clock.now = max(self._clock.now, due)
            act()
        return True

    # --- deliveries -------------------------------------------------------------

    def _later(self, after: timedelta, act: Act) -> None:
        heapq.heappush(self._due, (self._clock() + after, next(self._ids), act))

    def _schedule(self, name: str, schedule: Schedule) -> None:
        first, each = (
            (EVERY_MINUTE, EVERY_MINUTE)
            if schedule.cron == "* * * * *"
            else (DAILY_AFTER, timedelta(days=1))
        )

        def fire() -> None:
            headers = {"X-CloudScheduler": "true", "X-CloudScheduler-JobName": name}
            self._call(schedule.function, "/", headers, b"")
            self._later(each, fire)

        self._later(first, fire)

    def _publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        for name, declared in TOPOLOGY.subscriptions.items():
            if declared.topic == topic:
                self._push(name, str(next(self._ids)), data, attributes)

    def _push(
        self,
        name: str,
        message_id: str,
        data: bytes,
        attributes: Mapping[str, str],
        *,
        attempt: int = 1,
    ) -> None:
        declared = TOPOLOGY.subscriptions[name]

        def deliver() -> None:
            envelope = {
                "subscription": f"projects/p/subscriptions/{name}",
                "deliveryAttempt": attempt,
                "message": {
                    "messageId": message_id,
                    "data": base64.b64encode(data).decode(),
                    "attributes": dict(attributes),
                },
            }
            headers = {"Content-Type": "application/json"}
            answer = self._call(declared.function, "/", headers, json.dumps(envelope).encode())
            if answer.status_code == 200:
                return
            most, dead = declared.max_delivery_attempts, declared.dead_letter_topic
            if most is not None and dead is not None and attempt >= most:
                self._publish(dead, data, {**attributes, SOURCE_SUBSCRIPTION: name})
            else:
                self._push(name, message_id, data, attributes, attempt=attempt + 1)

        self._later(_backoff(declared.min_backoff_seconds, attempt), deliver)

    def _task(self, name: str, declared: Queue, task: str, body: bytes, attempt: int = 1) -> None:
        def deliver() -> None:
            headers = {
                "X-CloudTasks-TaskName": task,
                "X-CloudTasks-QueueName": name,
                "X-CloudTasks-TaskRetryCount": str(attempt - 1),
            }
            answer = self._call(declared.function, "/", headers, body)
            if answer.status_code != 200 and attempt < declared.max_attempts:
                self._task(name, declared, task, body, attempt + 1)

        self._later(_backoff(declared.min_backoff_seconds, attempt), deliver)

    def _call(
        self,
        function: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        method: str = "POST",
    ) -> Response:
        self.current = function
        try:
            with self._app.test_request_context(path, method=method, data=body, headers=headers):
                # The name is that of the entry point's own request.
                answer = entry_point(TOPOLOGY.functions[function])(request)
        finally:
            self.current = None
        self._take_messages()
        return answer

    def _take_messages(self) -> None:
        """What a function has sent is on its way."""
        sent, self._taken = self._messages.sent[self._taken :], len(self._messages.sent)
        for message in sent:
            data = json.dumps(message.payload).encode()
            if message.destination in TOPOLOGY.queues:
                declared = TOPOLOGY.queues[message.destination]
                self._task(message.destination, declared, str(next(self._ids)), data)
            else:
                self._publish(message.destination, data, message.attributes)


def _backoff(first_sec: float, attempt: int) -> timedelta:
    """Before the first delivery there is none."""
    if attempt == 1:
        return timedelta(seconds=0.1)
    return timedelta(seconds=min(first_sec * 2 ** min(attempt - 2, 16), MAX_BACKOFF_SEC))
