"""Errors that answer a request of the HTTP API, each with its status."""

from typing import ClassVar

from shared.errors.base import PegasusError, PermanentError


class RequestError(PegasusError):
    """The request cannot be served. Carries the HTTP status of its problem document."""

    status: ClassVar[int] = 400
    code = "bad_request"


class InvalidRequestError(RequestError):
    """The request does not fit its schema."""

    status = 422
    code = "invalid_request"


class UnauthorizedError(RequestError):
    """A valid bearer token is needed."""

    status = 401
    code = "unauthorized"


class EmailNotVerifiedError(RequestError):
    """The account's e-mail address has not been verified."""

    status = 403
    code = "email_not_verified"


class EmailNotAllowedError(RequestError):
    """Accounts with an e-mail address of this domain are not admitted here."""

    status = 403
    code = "email_not_allowed"


class OperatorOnlyError(RequestError):
    """Only an operator of the installation may do this."""

    status = 403
    code = "operator_only"


class NotFoundError(RequestError):
    """The resource does not exist, or it belongs to another user."""

    status = 404
    code = "not_found"


class DeletedByRetentionError(RequestError):
    """The resource was deleted at the end of its retention period."""

    status = 410
    code = "deleted_by_retention"


class CursorUnknownError(RequestError):
    """The cursor was not issued for this list."""

    status = 404
    code = "cursor_unknown"


class ConflictError(RequestError):
    """The request conflicts with the current state."""

    status = 409
    code = "conflict"


class LectureRestrictedError(RequestError):
    """The lecture is restricted: it is kept, and neither processed nor shown."""

    status = 409
    code = "lecture_restricted"


class CourseHeldError(RequestError):
    """The lecture's course is on hold: until that ends or is lifted, no lecture leaves it."""

    status = 409
    code = "course_held"


class TakenDownError(RequestError):
    """An operator has taken the lecture down: only an operator can lift that. It can be deleted."""

    status = 409
    code = "taken_down"


class TranscriptionRunningError(RequestError):
    """The lecture is being transcribed, which will replace its transcript: correct that one."""

    status = 409
    code = "transcription_running"


class RecordingWithheldError(RequestError):
    """Something was cut out of the recording, and it is not played before it is silent there."""

    status = 409
    code = "recording_withheld"


class TooManyCutsError(RequestError):
    """The lecture has as many cuts as it can have."""

    status = 409
    code = "too_many_cuts"


class TranscriptChangedError(RequestError):
    """The transcript no longer has this ETag: read it again."""

    status = 412
    code = "transcript_changed"


class MaterialChangedError(RequestError):
    """This part of the study material no longer has this ETag: read it again."""

    status = 412
    code = "material_changed"


class TooManyEditsError(RequestError):
    """The lecture has as many changed and added items as it may have."""

    status = 409
    code = "too_many_edits"


class MarkChangedError(RequestError):
    """The mark no longer has this ETag: read it again."""

    status = 412
    code = "mark_changed"


class TooManyMarksError(RequestError):
    """The lecture has as many marks as it may have."""

    status = 409
    code = "too_many_marks"


class UtteranceUnknownError(RequestError):
    """The transcript has no such utterance."""

    status = 422
    code = "utterance_unknown"


class LanguageUnknownError(RequestError):
    """The speech model does not know this language."""

    status = 422
    code = "language_unknown"


class ModelUnknownError(RequestError):
    """There is no speech model of this name."""

    status = 422
    code = "model_unknown"


class ProviderNotSetUpError(RequestError):
    """This installation recognizes speech by another provider."""

    status = 422
    code = "provider_not_set_up"


class TranscriptEmptyError(RequestError):
    """A transcript has at least one utterance; a lecture of which nothing is to stay is deleted."""

    status = 422
    code = "transcript_empty"


class ConditionMissingError(RequestError):
    """This needs `If-Match` with the ETag of what is to be changed, so that no concurrent change
    is lost."""

    status = 428
    code = "condition_missing"


class IdempotencyConflictError(RequestError):
    """This Idempotency-Key was used for another request."""

    status = 409
    code = "idempotency_key_reused"


class IdempotencyInProgressError(RequestError):
    """The request with this Idempotency-Key is still in progress."""

    status = 409
    code = "idempotency_in_progress"


class BodyTooSlowError(RequestError):
    """The request body arrives too slowly; the connection is closed."""

    status = 408
    code = "body_too_slow"


class PayloadTooLargeError(RequestError):
    """The request body is larger than the limit."""

    status = 413
    code = "payload_too_large"


class RateLimitedError(RequestError):
    """Too many writes; the answer says when the next one may come."""

    status = 429
    code = "rate_limited"

    def __init__(self, message: str | None = None, *, retry_after_sec: float = 1) -> None:
        super().__init__(message)
        self.retry_after_sec = retry_after_sec


class ReadsLimitedError(RateLimitedError):
    """Too many reads; the answer says when the next one may come."""


class DailyLimitReachedError(RateLimitedError, PermanentError):
    """The daily limit is reached; the answer says when the next day begins."""

    code = "daily_limit_reached"


class StreamsBusyError(RequestError):
    """The limit of open event streams, of the instance or of the caller, is reached: poll
    instead."""

    status = 503
    code = "streams_busy"
