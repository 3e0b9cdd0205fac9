"""A queue's limits, with Google's defaults and checks."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import grpc
from google.cloud import tasks_v2

from scripts.local.delivery.lane import TokenBucket
from scripts.local.delivery.rpc import RefusedError
from scripts.local.tasks.retry import RetryRules, read_retry

_NAME = re.compile(r"projects/[^/]+/locations/[^/]+/queues/[A-Za-z0-9-]{1,100}")
_DEFAULT_RATE = 500.0
_DEFAULT_CONCURRENT = 1000
_DEFAULT_RETRY = {
    "max_attempts": 100,
    "max_retry_duration": timedelta(0),
    "min_backoff": timedelta(seconds=0.1),
    "max_backoff": timedelta(hours=1),
    "max_doublings": 16,
}
_UPDATABLE = ("rate_limits", "retry_config")


@dataclass(frozen=True)
class Queue:
    name: str
    """Full resource name."""
    max_concurrent_dispatches: int
    max_dispatches_per_second: float
    max_burst_size: int
    retry: RetryRules
    resource: tasks_v2.Queue
    """What the API answers with: the request with Google's defaults filled in."""

    def token_bucket(self) -> TokenBucket:
        return TokenBucket(self.max_dispatches_per_second, self.max_burst_size)


def read_queue(resource: tasks_v2.Queue) -> Queue:
    """Raises RefusedError for what Google refuses, and for what the stand-in cannot do."""
    if not _NAME.fullmatch(resource.name):
        raise _invalid(f"invalid queue name: {resource.name}")
    for field in ("app_engine_routing_override", "http_target"):
        if field in resource:
            raise RefusedError(
                grpc.StatusCode.UNIMPLEMENTED, f"the stand-in does not support {field}"
            )
    filled = tasks_v2.Queue(resource)
    filled.state = tasks_v2.Queue.State(tasks_v2.Queue.State.RUNNING)
    limits = filled.rate_limits
    limits.max_dispatches_per_second = limits.max_dispatches_per_second or _DEFAULT_RATE
    limits.max_concurrent_dispatches = limits.max_concurrent_dispatches or _DEFAULT_CONCURRENT
    # "generally at least equal to max_dispatches_per_second": RateLimits.max_burst_size
    limits.max_burst_size = math.ceil(limits.max_dispatches_per_second)
    filled.rate_limits = limits
    filled.retry_config = fill_retry(filled.retry_config)
    if not 0 < limits.max_dispatches_per_second <= 500:
        raise _invalid("max_dispatches_per_second must be above 0 and at most 500")
    if not 0 < limits.max_concurrent_dispatches <= 5000:
        raise _invalid("max_concurrent_dispatches must be between 1 and 5000")
    return Queue(
        name=filled.name,
        max_concurrent_dispatches=limits.max_concurrent_dispatches,
        max_dispatches_per_second=limits.max_dispatches_per_second,
        max_burst_size=limits.max_burst_size,
        retry=read_retry(filled.retry_config),
        resource=filled,
    )


def fill_retry(given: tasks_v2.RetryConfig) -> tasks_v2.RetryConfig:
    """The configuration with Google's defaults for what is unset. Raises RefusedError."""
    filled = tasks_v2.RetryConfig(given)
    for field, default in _DEFAULT_RETRY.items():
        if field not in given:
            setattr(filled, field, default)
    if filled.max_attempts < -1:
        raise _invalid("max_attempts must be -1 or more")
    if not timedelta(0) <= filled.min_backoff <= filled.max_backoff:
        raise _invalid("min_backoff must not be above max_backoff")
    if filled.max_doublings < 0 or filled.max_retry_duration < timedelta(0):
        raise _invalid("max_doublings and max_retry_duration must not be negative")
    return filled


def merge_queue(
    before: tasks_v2.Queue, changes: tasks_v2.Queue, paths: Sequence[str]
) -> tasks_v2.Queue:
    """`before` with the fields that the update mask names (none named: all) replaced."""
    merged = tasks_v2.Queue(before)
    for path in paths or _UPDATABLE:
        field, _, inner = path.partition(".")
        if field not in _UPDATABLE:
            raise _invalid(f"cannot update {path}")
        if not inner:
            setattr(merged, field, getattr(changes, field))
            continue
        part = getattr(merged, field)
        if inner not in type(part).meta.fields:
            raise _invalid(f"cannot update {path}")
        setattr(part, inner, getattr(getattr(changes, field), inner))
        setattr(merged, field, part)
    return merged


def _invalid(message: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)
