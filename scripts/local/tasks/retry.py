"""When a failed task is tried again, and when it is given up."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from google.cloud import tasks_v2

from scripts.local.delivery.backoff import CloudTasksBackoff
from scripts.local.delivery.push import Outcome

_THROTTLING = frozenset({429, 503})


@dataclass(frozen=True)
class RetryRules:
    backoff: CloudTasksBackoff
    max_attempts: int
    """-1 for no limit."""
    max_retry_seconds: float
    """0 for no limit."""

    def exhausted(self, *, attempts: int, first_attempt: float, now: float) -> bool:
        """A task is given up when every limit that is set has been passed, not the first.

        `google.cloud.tasks.v2.RetryConfig.max_attempts`.
        """
        passed = []
        if self.max_attempts != -1:
            passed.append(attempts >= self.max_attempts)
        if self.max_retry_seconds:
            passed.append(now - first_attempt >= self.max_retry_seconds)
        return bool(passed) and all(passed)

    def delay(self, attempts: int, outcome: Outcome, *, now: float) -> float:
        """Seconds until the next attempt. A throttling answer may ask for longer."""
        asked = retry_after_seconds(outcome, now=now) if outcome.status in _THROTTLING else 0.0
        return max(self.backoff.delay(attempts), asked)


def read_retry(config: tasks_v2.RetryConfig) -> RetryRules:
    """`config` has no unset fields."""
    return RetryRules(
        CloudTasksBackoff(
            minimum=config.min_backoff.total_seconds(),
            maximum=config.max_backoff.total_seconds(),
            max_doublings=config.max_doublings,
        ),
        max_attempts=config.max_attempts,
        max_retry_seconds=config.max_retry_duration.total_seconds(),
    )


def retry_after_seconds(outcome: Outcome, *, now: float) -> float:
    """The answer's Retry-After, in seconds or as a date; 0 without a readable one."""
    text = (outcome.retry_after or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, moment.timestamp() - now)
