"""Errors that end or interrupt the work on a lecture."""

from shared.errors.base import PegasusError, PermanentError, TransientError

# --- delivery -------------------------------------------------------------------


class MalformedEventError(PermanentError):
    """The request is not an event that this function understands."""

    code = "malformed_event"


class LeaseLostError(PegasusError):
    """Another worker has taken over this work; this worker may not write any more."""

    code = "lease_lost"


class ContendedError(TransientError):
    """Other requests are changing the same rows; try again."""

    code = "contended"


class SchemaBehindError(TransientError):
    """The database has not been migrated to what this code needs."""

    code = "schema_behind"


class AccessDeniedError(PermanentError):
    """Google Cloud refuses this function a permission that it needs. The operator has to grant it;
    then the work can be replayed."""

    code = "access_denied"


# --- storage --------------------------------------------------------------------


class ObjectMissingError(PermanentError):
    """The object is not in the bucket."""

    code = "object_missing"


class PreconditionFailedError(PegasusError):
    """The object has changed since it was read."""

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


class RecordingNotSilencedError(PermanentError):
    """What was cut out of the recording could not be silenced, so the recording is not played any
    more. The job can be replayed; the lecture can be deleted."""

    code = "recording_not_silenced"


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
    """The language model's answer does not have the requested form."""

    # A repeated request may well be answered correctly.
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
