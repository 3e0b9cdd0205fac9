"""The XML API (`/bucket/object`), which signed URLs speak."""

import re
from urllib.parse import quote

from scripts.local.gcs.api.permissions import Permissions, function_of
from scripts.local.gcs.api.resumable import ResumableUploads
from scripts.local.gcs.api.uploads import incomplete, receive
from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.media import download, object_headers
from scripts.local.gcs.http.messages import Request, Response
from scripts.local.gcs.http.signatures import SignatureVerifier, is_signed
from scripts.local.gcs.objects.checksums import Expected
from scripts.local.gcs.objects.preconditions import Preconditions, whole_number
from scripts.local.gcs.objects.resources import Attributes, ObjectRecord
from scripts.local.gcs.objects.sessions import SizeLimits, Terms
from scripts.local.gcs.objects.store import Store


class XmlApi:
    def __init__(
        self,
        store: Store,
        resumable: ResumableUploads,
        verifier: SignatureVerifier,
        permissions: Permissions,
    ) -> None:
        self._store = store
        self._resumable = resumable
        self._verifier = verifier
        self._permissions = permissions

    def handle(self, request: Request) -> Response:
        upload_id = request.query.get("upload_id")
        if upload_id is not None:
            # A session URI is its own authorization.
            return self._session(request, upload_id)
        if not is_signed(request.query):
            raise StorageError(
                Refusal.ACCESS_DENIED,
                "Access denied.",
                details={"Details": "Anonymous caller does not have access to the object."},
            )
        signer = function_of(self._verifier.verify(request))
        match request.method:
            case "GET" | "HEAD":
                self._permissions.read(signer, *request.bucket_and_name)
                return self._get(request)
            case "PUT":
                return self._put(request, self._conditions(signer, request))
            case "POST":
                return self._start(request, self._conditions(signer, request))
            case "DELETE":
                bucket, name = request.bucket_and_name
                self._permissions.delete(signer, bucket, name)
                self._store.delete(
                    bucket,
                    name,
                    whole_number(request.query, "generation"),
                    Preconditions.from_headers(request.headers),
                )
                return Response(204)
        raise StorageError(Refusal.METHOD_NOT_ALLOWED, "The specified method is not allowed.")

    def _get(self, request: Request) -> Response:
        bucket, name = request.bucket_and_name
        query = request.query
        record, file = self._store.open(
            bucket,
            name,
            whole_number(query, "generation"),
            Preconditions.from_headers(request.headers),
        )
        overrides = {
            "content_type": query.get("response-content-type"),
            "content_disposition": query.get("response-content-disposition"),
        }
        shown = {key: value for key, value in overrides.items() if value is not None}
        attributes = record.attributes.model_copy(update=shown)
        record = record.model_copy(update={"attributes": attributes})
        return download(record, file, request.headers.get("Range"))

    def _conditions(self, signer: str, request: Request) -> Preconditions:
        """Raises StorageError (403) if the signer may not create the object."""
        conditions = Preconditions.from_headers(request.headers)
        return self._permissions.create(signer, *request.bucket_and_name, conditions)

    def _put(self, request: Request, conditions: Preconditions) -> Response:
        bucket, name = request.bucket_and_name
        limits = _size_limits(request)
        if request.body.length is not None:
            limits.check(request.body.length)
        with self._store.new_content() as path:
            limits.check(request.body.save(path))
            record = self._store.put(
                bucket,
                name,
                path,
                attributes=_attributes(request),
                preconditions=conditions,
                expected=Expected.from_headers(request.headers),
            )
        return _written(record)

    def _start(self, request: Request, conditions: Preconditions) -> Response:
        if request.headers.get("x-goog-resumable") != "start":
            raise StorageError(Refusal.INVALID, "POST needs x-goog-resumable: start.")
        bucket, name = request.bucket_and_name
        session = self._resumable.start(
            Terms(
                bucket=bucket,
                name=name,
                attributes=_attributes(request),
                preconditions=conditions,
                limits=_size_limits(request),
            )
        )
        location = f"{request.base_url}/{bucket}/{quote(name)}?upload_id={session.id}"
        return Response(201, {"Location": location, "X-GUploader-UploadID": session.id})

    def _session(self, request: Request, upload_id: str) -> Response:
        match request.method:
            case "PUT":
                progress = receive(self._resumable, upload_id, request)
                if progress.record is None:
                    return incomplete(progress)
                return _written(progress.record)
            case "DELETE":
                self._resumable.cancel(upload_id)
                raise StorageError(Refusal.CANCELLED, "Client Closed Request")
        raise StorageError(Refusal.METHOD_NOT_ALLOWED, "The specified method is not allowed.")


def _written(record: ObjectRecord) -> Response:
    """The XML API describes a written object in headers; its body is empty."""
    return Response(200, object_headers(record))


def _attributes(request: Request) -> Attributes:
    headers = request.headers
    prefix = "x-goog-meta-"
    return Attributes(
        content_type=headers.get("Content-Type"),
        content_disposition=headers.get("Content-Disposition"),
        cache_control=headers.get("Cache-Control"),
        metadata={
            key.lower().removeprefix(prefix): value
            for key, value in headers.items()
            if key.lower().startswith(prefix)
        },
    )


def _size_limits(request: Request) -> SizeLimits:
    header = request.headers.get("x-goog-content-length-range")
    if header is None:
        return SizeLimits()
    match = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*", header)
    if match is None:
        raise StorageError(Refusal.INVALID, f"Invalid x-goog-content-length-range: {header}")
    return SizeLimits(least=int(match.group(1)), most=int(match.group(2)))
