"""Which functions, topics, subscriptions, queues and schedules there are.

`topology.json` is the one declaration: Terraform reads it, the local stack reads
it, and so does the code that sends messages.
"""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Function(_Declared):
    stage: Literal["ingest", "transcribe", "generate", "export", "retention"]
    entry_point: str
    public: bool
    timeout_seconds: int
    memory_mib: int
    cpu: int
    concurrency: int
    """Requests that an instance accepts concurrently."""
    handled_at_once: int | None = None
    """How many of them it handles at a time; None for all."""
    max_instances: int

    @property
    def handled(self) -> int:
        return self.handled_at_once or self.concurrency


class Subscription(_Declared):
    """A push subscription; backoff and deadline in seconds."""

    topic: str
    function: str
    ack_deadline_seconds: int
    min_backoff_seconds: float
    max_backoff_seconds: float
    dead_letter_topic: str | None
    max_delivery_attempts: int | None


class Queue(_Declared):
    """A Cloud Tasks queue; the dispatch deadline is set on each task."""

    function: str
    max_dispatches_per_second: float
    max_concurrent_dispatches: int
    max_attempts: int
    min_backoff_seconds: float
    max_backoff_seconds: float
    max_doublings: int
    dispatch_deadline_seconds: int


class Schedule(_Declared):
    function: str
    cron: str
    time_zone: str
    attempt_deadline_seconds: int


class Notification(_Declared):
    topic: str
    event_types: tuple[str, ...]
    object_name_prefix: str


class Topology(_Declared):
    functions: dict[str, Function]
    topics: tuple[str, ...]
    subscriptions: dict[str, Subscription]
    queues: dict[str, Queue]
    schedules: dict[str, Schedule]
    notifications: dict[str, Notification]


DECLARATION = Path(__file__).with_suffix(".json")


def load_topology(path: Path = DECLARATION) -> Topology:
    return Topology.model_validate(json.loads(path.read_text()))
