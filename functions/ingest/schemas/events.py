"""Data of server-sent events."""

from functions.ingest.schemas.lectures import LectureResponse
from functions.ingest.schemas.progress import OverallStatus, Stage
from functions.ingest.web.fields import Percent
from shared.schema import Schema


class NoData(Schema):
    """The event says all by its name."""


class ProgressEnd(Schema):
    overall_status: OverallStatus


class LectureEvent(LectureResponse):
    """A lecture as it is now."""

    percent: Percent | None
    """As `/progress` has it. Null while the lecture is restricted."""
    stage: Stage | None
    """The one that is queued, running or failed."""
    estimated_seconds_left: float | None
    """As `/progress` has it, when the event was sent. That it counts down is no change."""


class DeletedEvent(Schema):
    lecture_key: str
    """Of the lecture that is gone. Its `lectureId` may be another lecture's by now."""
