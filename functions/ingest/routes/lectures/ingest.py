"""Uploading a recording."""

import uuid
from collections.abc import Callable

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from functions.ingest.admission.auth import caller
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.schemas.uploads import (
    FormFields,
    IngestForm,
    IngestRequest,
    IngestResponse,
    Upload,
)
from functions.ingest.uploads.form import Form, FormAudio, read_form
from functions.ingest.uploads.intake import announce_upload, receive_upload, sign_upload
from functions.ingest.web import idempotency
from functions.ingest.web.answers import json_model
from functions.ingest.web.media_types import ANY_TYPE, EXTENSIONS
from functions.ingest.web.operations import Operations
from functions.ingest.web.reading import read_body, read_fields
from shared.errors import InvalidRequestError
from shared.runtime import Runtime

DRAIN_BYTES = 1 << 16
_NAMES = uuid.UUID("3f6c1c5e-8a0c-4f0e-9d5b-6f6f3c1a7b11")
"""Namespace of the ids derived for writes that carry a key: the same key
and the same request give the same lecture."""


def operations(rt: Runtime) -> Operations:
    routes = Operations("uploads")

    @routes.post(
        "/lectures/ingest",
        answers={201: IngestResponse},
        body=IngestRequest,
        form=IngestForm,
        # The lecture of a form may be deleted while its recording is stored.
        problems=(404,),
    )
    def ingest_lecture() -> Response:
        """Announce a lecture and get a URL to upload its recording, or send it along.

        With a JSON body the answer holds a signed URL for a resumable upload straight to
        storage. A form (`multipart/form-data`) carries a recording of up to 30 MB itself, in
        its last field, `audio`. Once it has arrived, the lecture is processed automatically.
        """
        key = request.headers.get("Idempotency-Key")
        if request.mimetype == "multipart/form-data":
            return _from_form(key)
        if request.mimetype and request.mimetype != "application/json":
            raise UnsupportedMediaType("Send application/json or multipart/form-data.")
        announced = read_body(IngestRequest, request)
        return _once(
            key,
            lambda: idempotency.fingerprint_of(request, request.get_data()),
            lambda: announce_upload(
                rt, caller(), announced, generated_id=_generated_id(key, announced)
            ),
        )

    def _from_form(key: str | None) -> Response:
        form = read_form(request.stream, request.headers["Content-Type"])
        if form.audio is None:
            raise InvalidRequestError("The form has no file in its field 'audio'.")
        audio = form.audio
        fields = read_fields(FormFields, form.fields)
        announced = read_fields(
            IngestRequest,
            {
                **fields.model_dump(),
                # Many a client gives a file a type by its name or none: the bytes decide anyway.
                "content_type": fields.content_type
                or (audio.content_type if audio.content_type in EXTENSIONS else ANY_TYPE),
            },
        )
        return _once(
            key,
            lambda: _fingerprint(form, audio),
            lambda: receive_upload(
                rt, caller(), announced, audio, generated_id=_generated_id(key, announced)
            ),
        )

    def _fingerprint(form: Form, audio: FormAudio) -> str:
        """Of fields and bytes, not of the body: its boundary is another each time."""
        while audio.read(DRAIN_BYTES):
            pass
        told = repr((sorted(form.fields.items()), audio.content_type, audio.crc32c))
        return idempotency.fingerprint_of(request, told.encode())

    def _once(
        key: str | None, fingerprint: Callable[[], str], run: Callable[[], IngestResponse]
    ) -> Response:
        return idempotency.once(
            rt,
            scope=caller().owner,
            key=key,
            fingerprint=fingerprint,
            run=lambda: json_model(run(), status=201),
        )

    def _generated_id(key: str | None, announced: IngestRequest) -> uuid.UUID:
        if key is None:
            return rt.new_id()
        # A repetition after a crash between the write and the keeping of its answer must not
        # make a second lecture.
        told = announced.to_json().decode()
        return uuid.uuid5(_NAMES, f"{caller().owner}\n{key}\n{told}")

    @routes.post("/lectures/{lecture_id}/upload-url")
    def renew_upload_url(lecture_id: str) -> Upload:
        """Get a fresh URL for an upload that has not been finished.

        An upload that was started continues at its session's address for a week; a new one
        is started at the new URL.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        return sign_upload(rt, lecture)

    return routes
