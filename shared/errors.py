"""Every error that crosses a boundary of Pegasus, with its stable code.

Two families decide what happens to the work: a `PermanentError` ends it with a
reason a person can act on, a `TransientError` (and anything unforeseen) is tried
again until the job's attempts are used up. Errors of vendors' libraries are
turned into these where the library is called, never further in.
"""

from typing import ClassVar


class PegasusError(Exception):
    """Base of all errors of Pegasus. The message is written for a person."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: str | None = None) -> None:
        paragraph = (type(self).__doc__ or "").strip().partition("\n\n")[0]
        super().__init__(message or " ".join(paragraph.split()))

    @property
    def message(self) -> str:
        return str(self.args[0])


class PermanentError(PegasusError):
    """The work cannot succeed however often it is tried."""

    code = "permanent"


class TransientError(PegasusError):
    """Something the work depends on is not available just now."""

    code = "unavailable"


# --- delivery -------------------------------------------------------------------


class MalformedEventError(PermanentError):
    """The request is not an event that this function understands."""

    code = "malformed_event"


class LeaseLostError(PegasusError):
    """Another worker has taken this work over; nothing may be written any more."""

    code = "lease_lost"


class ContendedError(TransientError):
    """Other requests are changing the same rows; try again."""

    code = "contended"


class SchemaBehindError(TransientError):
    """The database has not been migrated to what this code needs."""

    code = "schema_behind"


# --- storage --------------------------------------------------------------------


class ObjectMissingError(PermanentError):
    """The object is not in the bucket."""

    code = "object_missing"


class PreconditionFailedError(PegasusError):
    """The object changed since it was looked at."""

    code = "precondition_failed"


# --- uploads and audio ----------------------------------------------------------


class UploadUnexpectedError(PermanentError):
    """No lecture expects this upload."""

    code = "upload_unexpected"


class UploadEmptyError(PermanentError):
    """The uploaded file is empty."""

    code = "upload_empty"


class UploadTooLargeError(PermanentError):
    """The uploaded file is larger than the limit."""

    code = "upload_too_large"


class UploadCorruptError(PermanentError):
    """The uploaded file does not have the checksum or size that was announced."""

    code = "upload_corrupt"


class UploadTooLongError(PermanentError):
    """The recording is longer than the limit."""

    code = "upload_too_long"


class NotAudioError(PermanentError):
    """The uploaded file is not audio that can be read."""

    code = "not_audio"


class RecordingIncompleteError(NotAudioError):
    """The recording is incomplete: the recorder stopped before it wrote the index, without which
    the sound cannot be found. Open the file in the app that recorded it and export it again, or
    repair it with a tool for damaged MP4 files, and upload the result.
    """

    code = "recording_incomplete"


class NoSpeechError(PermanentError):
    """No speech was found in the recording."""

    code = "no_speech"


class ModelUnavailableError(PermanentError):
    """The speech model cannot be found or does not match its digest."""

    code = "model_unavailable"


# --- generation and export ------------------------------------------------------


class GenerationRefusedError(PermanentError):
    """The language model refused to answer."""

    code = "generation_refused"


class GenerationInvalidError(PermanentError):
    """The language model's answer cannot be used."""

    code = "generation_invalid"


class AnswerUnusableError(TransientError):
    """The language model's answer is not of the form asked for."""

    # Asked again, it may well answer properly.
    code = "answer_unusable"


class ExportIncompleteError(PermanentError):
    """The lecture lacks what an export needs."""

    code = "export_incomplete"


class ExportFailedError(PermanentError):
    """A file could not be rendered."""

    code = "export_failed"


class ModelRejectedError(PermanentError):
    """The language model's service does not accept the request: key, model name or size."""

    code = "model_rejected"


class ProviderQuotaExhaustedError(PermanentError):
    """The quota or credit at a service that Pegasus pays for is used up. The operator has to raise
    it; then the job can be replayed."""

    code = "provider_quota_exhausted"


# --- jobs -----------------------------------------------------------------------


class WorkerLostError(PermanentError):
    """The worker stopped without an answer in every attempt."""

    code = "worker_lost"


class CancelledError(PermanentError):
    """The work was cancelled by its owner."""

    code = "cancelled"


class DeliveryExhaustedError(PermanentError):
    """No function could handle the message in any delivery."""

    code = "delivery_exhausted"


# --- HTTP API -------------------------------------------------------------------


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
    """There is no such thing, or it is not yours."""

    status = 404
    code = "not_found"


class DeletedByRetentionError(RequestError):
    """It has been deleted after the time for which such things are kept."""

    status = 410
    code = "deleted_by_retention"


class CursorUnknownError(RequestError):
    """This cursor was not given out for this list."""

    status = 404
    code = "cursor_unknown"


class ConflictError(RequestError):
    """The request does not fit the present state."""

    status = 409
    code = "conflict"


class TranscriptionRunningError(RequestError):
    """The lecture is being transcribed, which will replace its transcript: correct that one."""

    status = 409
    code = "transcription_running"


class TranscriptChangedError(RequestError):
    """The transcript is not the one of this ETag any more: read it again."""

    status = 412
    code = "transcript_changed"


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
    """This needs `If-Match` with the ETag of what is to be changed, so that nobody's change is
    lost."""

    status = 428
    code = "condition_missing"


class IdempotencyConflictError(RequestError):
    """This Idempotency-Key was used for another request."""

    status = 409
    code = "idempotency_key_reused"


class IdempotencyInProgressError(RequestError):
    """The request with this Idempotency-Key is still under way."""

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
    """As many progress streams as this instance bears are open: poll instead."""

    status = 503
    code = "streams_busy"
