"""Taking a recording: announced with a signed URL, or sent as a form."""

import uuid
from datetime import timedelta
from typing import IO, cast

from sqlalchemy.orm import Session

from functions.ingest.admission.auth import Principal
from functions.ingest.lectures.lookup import no_lecture
from functions.ingest.schemas.uploads import IngestRequest, IngestResponse, Upload
from functions.ingest.uploads.announced_lecture import (
    await_upload,
    insert_new,
    new_lecture,
    waits_for_upload,
)
from functions.ingest.uploads.form import FormAudio
from shared.database.locks import lock_lecture
from shared.errors import ConflictError, PayloadTooLargeError, PreconditionFailedError
from shared.fault_points import reach
from shared.models import Lecture, LectureStatus
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject

UPLOAD_URL_TTL = timedelta(hours=1)
"""How long an upload may be started; once started it has a week."""


def announce_upload(
    rt: Runtime, principal: Principal, request: IngestRequest, *, generated_id: uuid.UUID
) -> IngestResponse:
    """Register the lecture and sign a URL for its recording.

    Asked again for a lecture that still waits, it answers with a fresh URL for the same
    object, so an upload in progress may continue. `generated_id` names a lecture that the client
    has not named. Raises PayloadTooLargeError, ConflictError, DailyLimitReachedError.
    """
    limit = rt.settings.plc_max_audio_upload_mb
    if (request.size_bytes or 0) > limit * 1_000_000:
        raise PayloadTooLargeError(f"A recording may have {limit} MB at most.")
    new = new_lecture(rt, principal, request, generated_id)
    lecture = insert_new(rt, principal, request, new) or rt.transact(
        lambda session: await_upload(rt, session, principal, request, new),
    )
    return _response(rt, lecture, request, sign_upload(rt, lecture))


def sign_upload(rt: Runtime, lecture: Lecture) -> Upload:
    """A fresh URL for the recording of a lecture that waits for it. Raises ConflictError."""
    if not waits_for_upload(lecture):
        raise ConflictError(f"Lecture {lecture.slug!r} does not wait for an upload.")
    settings = rt.settings
    sizes = (1, settings.max_audio_bytes)
    if lecture.expected_size is not None:
        sizes = (lecture.expected_size, lecture.expected_size)
    expires_at = rt.clock() + UPLOAD_URL_TTL
    url, headers = rt.store.signed_upload_url(
        lecture.source_object, content_type=lecture.content_type, sizes=sizes, ttl=UPLOAD_URL_TTL
    )
    return Upload(url=url, headers=headers, expires_at=expires_at, max_bytes=sizes[1])


def receive_upload(
    rt: Runtime,
    principal: Principal,
    request: IngestRequest,
    audio: FormAudio,
    *,
    generated_id: uuid.UUID,
) -> IngestResponse:
    """Register the lecture and store the recording that came with the request.

    From there on it goes the way of every upload: the bucket's notification. Of several forms for
    one lecture one is kept, and the others are refused: each stores an object of its own, and the
    lecture names the last one it was announced for until a stored one is recorded.
    Raises ConflictError, NotFoundError, DailyLimitReachedError, and what reading `audio` raises.
    """
    new = new_lecture(rt, principal, request, generated_id)
    lecture = rt.transact(
        lambda session: await_upload(rt, session, principal, request, new, new_object=True),
    )
    try:
        stored = rt.store.create_from_stream(
            lecture.source_object, cast(IO[bytes], audio), lecture.content_type
        )
    except PreconditionFailedError:
        raise _overtaken() from None
    reach("upload.stored", stored.name)
    rt.transact(lambda session: _record_stored(rt, session, lecture, stored))
    return _response(rt, lecture, request, None)


def _record_stored(rt: Runtime, session: Session, lecture: Lecture, stored: StoredObject) -> None:
    """From now on no other upload takes this one's place."""
    lock_lecture(session, lecture.id)
    row = session.get(Lecture, lecture.id)
    if row is None:
        raise no_lecture(lecture.slug)
    if row.source_object != stored.name:
        raise _overtaken()
    if row.status == LectureStatus.AWAITING_UPLOAD:
        row.source_size, row.source_crc32c = stored.size, stored.crc32c
        row.updated_at = rt.clock()


def _overtaken() -> ConflictError:
    return ConflictError("Another upload of this lecture is its recording; this one is not kept.")


def _response(
    rt: Runtime, lecture: Lecture, request: IngestRequest, upload: Upload | None
) -> IngestResponse:
    return IngestResponse(
        lecture_id=lecture.slug,
        course_id=request.course_id,
        status=lecture.status,
        audio_path=rt.store.uri(lecture.source_object),
        upload_url=upload.url if upload else None,
        upload=upload,
    )
