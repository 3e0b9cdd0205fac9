"""Takedowns, as the API tells them to operators."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from shared.schema import Schema


class TakedownRequest(Schema):
    reference: Annotated[
        str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")
    ]
    """The number of the case in the operator's own records. It is kept in the audit for good, so
    it must not name a person."""


class TakedownResponse(Schema):
    lecture_key: str
    taken_down_at: datetime | None
    """Null if it is not taken down any more."""
    restricted_at: datetime | None
    """Since when the lecture is kept and neither processed nor shown. After a takedown is lifted:
    since when its owner restricts it; null if it is shown."""
