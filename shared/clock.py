"""Time and ids, as values that a test can fix."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, with its time zone."""

NewId = Callable[[], uuid.UUID]


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)
