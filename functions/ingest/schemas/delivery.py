"""Dead letters, and uploads that were rejected."""

from datetime import datetime

from functions.ingest.web.fields import Problem
from functions.ingest.web.paging import PageQuery, Pagination
from functions.ingest.web.reading import Flag
from shared.schema import Schema


class UndeliveredQuery(PageQuery):
    pending: Flag = False
    """Only those that have not been replayed."""


class UndeliveredMessage(Schema):
    message_id: str
    source: str
    """The subscription that gave up."""
    payload: str
    """As it came, which may be no JSON at all."""
    attributes: dict[str, str]
    job_id: str | None
    created_at: datetime
    replayed_at: datetime | None


class UndeliveredMessagesResponse(Schema):
    """Newest first."""

    messages: tuple[UndeliveredMessage, ...]
    pagination: Pagination


class MessageReplayResponse(Schema):
    message_id: str
    topic: str | None
    """Where the message went again; null if a new job took its place."""
    new_job_id: str | None


class RejectedUploadRecord(Schema):
    path: str
    error: Problem
    """Why it could not become the lecture's recording."""
    rejected_at: datetime


class UploadsResponse(Schema):
    """Newest first."""

    lecture_id: str
    uploads: tuple[RejectedUploadRecord, ...]
    pagination: Pagination
