"""Whether an object in the bucket can be a lecture's recording."""

from functions.ingest.uploads.probe import Probe, probe
from shared.auth.daily_usage import is_limited
from shared.errors import UploadCorruptError, UploadEmptyError, UploadTooLargeError
from shared.models import Lecture
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject


def inspect(rt: Runtime, stored: StoredObject, lecture: Lecture) -> Probe:
    """The cheap checks first: what fails them is not opened.

    Raises UploadEmptyError, UploadTooLargeError, UploadCorruptError, NotAudioError,
    UploadTooLongError.
    """
    if stored.size == 0:
        raise UploadEmptyError()
    limit = rt.settings.plc_max_audio_upload_mb
    if stored.size > limit * 1_000_000:
        raise UploadTooLargeError(f"The uploaded file is larger than {limit} MB.")
    _compare(stored, lecture)
    with rt.store.open(stored.name, generation=stored.generation) as stream:
        return probe(
            stream,
            max_sec=rt.settings.plc_max_audio_duration_sec,
            # What a daily limit counts has to be known before any of it is transcribed.
            measured=is_limited(lecture.owner),
        )


def _compare(stored: StoredObject, lecture: Lecture) -> None:
    """With what the client said beforehand, if it did."""
    if lecture.expected_size not in (None, stored.size):
        raise UploadCorruptError(
            f"The uploaded file has {stored.size} bytes, "
            f"but {lecture.expected_size} were announced. Upload it again."
        )
    if lecture.expected_crc32c not in (None, stored.crc32c):
        raise UploadCorruptError(
            "The uploaded file was damaged on its way: "
            "it does not have the checksum that was announced. Upload it again."
        )
