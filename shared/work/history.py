"""A job's history: the states it entered, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from shared.models import JSON, Job, WorkStatus


def entry(status: WorkStatus, now: datetime) -> JSON:
    return {"status": status.value, "at": now.isoformat()}


def with_entry(status: WorkStatus, now: datetime) -> ColumnElement[Any]:
    """The history column with one more entry, appended by the database."""
    return Job.history.op("||")(type_coerce([entry(status, now)], JSONB))
