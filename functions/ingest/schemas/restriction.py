"""Restriction of a lecture, as the API tells it."""

from datetime import datetime

from shared.schema import Schema


class RestrictionResponse(Schema):
    lecture_id: str
    restricted_at: datetime | None
    """Since when the lecture is kept and neither processed nor shown; null if it is not."""
