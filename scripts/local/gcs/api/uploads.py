"""Uploads by the JSON API (`/upload/storage/v1`): simple, multipart and resumable."""

import re
from urllib.parse import quote, unquote

from scripts.local.gcs.api.json_api import json_response, read_json
from scripts.local.gcs.api.permissions import Permissions, caller_of
from scripts.local.gcs.api.resumable import Progress, ResumableUploads
from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.content_range import parse_upload_range
from scripts.local.gcs.http.messages import Request, Response
from scripts.local.gcs.http.multipart import read_multipart
from scripts.local.gcs.objects.checksums import Expected
from scripts.local.gcs.objects.preconditions import Preconditions, whole_number
from scripts.local.gcs.objects.resources import Attributes, UploadResource, parse_resource
from scripts.local.gcs.objects.sessions import Terms
from scripts.local.gcs.objects.store import Store

_UPLOAD = re.compile(r"/upload/storage/v1/b/([^/]+)/o")


class UploadApi:
    def __init__(self, store: Store, resumable: ResumableUploads, permissions: Permissions) -> None:
        self._store = store
        self._resumable = resumable
        self._permissions = permissions

    def handle(self, request: Request) -> Response:
        path = _UPLOAD.fullmatch(request.path)
        if path is None:
            raise StorageError(Refusal.NO_ROUTE, "Not Found")
        bucket, query = unquote(path.group(1)), request.query
        match request.method, query.get("uploadType"), query.get("upload_id"):
            case "PUT", _, str(upload_id):
                return self._receive(request, upload_id)
            case "DELETE", _, str(upload_id):
                self._resumable.cancel(upload_id)
                raise StorageError(Refusal.CANCELLED, "Client Closed Request")
            case "POST", "media", _:
                return self._simple(request, bucket)
            case "POST", "multipart", _:
                return self._multipart(request, bucket)
            case "POST", "resumable", _:
                return self._start(request, bucket)
        raise StorageError(Refusal.INVALID, "Invalid upload type or method.")

    def _simple(self, request: Request, bucket: str) -> Response:
        """`uploadType=media`: the body is the object."""
        name = request.query.get("name", "")
        conditions = self._conditions(request, bucket, name)
        with self._store.new_content() as path:
            request.body.save(path)
            record = self._store.put(
                bucket,
                name,
                path,
                attributes=Attributes(content_type=request.headers.get("Content-Type")),
                preconditions=conditions,
                expected=Expected.from_headers(request.headers),
            )
        return json_response(record.as_json(request.base_url))

    def _multipart(self, request: Request, bucket: str) -> Response:
        content_type = request.headers.get("Content-Type", "")
        with self._store.new_content() as path:
            value, media_type = read_multipart(request.body, content_type, path)
            resource = parse_resource(UploadResource, value)
            name = request.query.get("name") or resource.name or ""
            record = self._store.put(
                bucket,
                name,
                path,
                attributes=_attributes(resource, media_type),
                preconditions=self._conditions(request, bucket, name),
                expected=Expected.from_headers(request.headers).or_else(
                    crc32c=resource.crc32c, md5=resource.md5_hash
                ),
            )
        return json_response(record.as_json(request.base_url))

    def _start(self, request: Request, bucket: str) -> Response:
        resource = parse_resource(UploadResource, read_json(request))
        name = request.query.get("name") or resource.name or ""
        session = self._resumable.start(
            Terms(
                bucket=bucket,
                name=name,
                attributes=_attributes(resource, request.headers.get("X-Upload-Content-Type")),
                preconditions=self._conditions(request, bucket, name),
                total=whole_number(request.headers, "X-Upload-Content-Length"),
                crc32c=resource.crc32c,
                md5=resource.md5_hash,
            )
        )
        location = (
            f"{request.base_url}/upload/storage/v1/b/{bucket}/o"
            f"?uploadType=resumable&name={quote(name, safe='')}&upload_id={session.id}"
        )
        return Response(200, {"Location": location, "X-GUploader-UploadID": session.id})

    def _conditions(self, request: Request, bucket: str, name: str) -> Preconditions:
        """Raises StorageError (403) if the caller may not create the object."""
        return self._permissions.create(
            caller_of(request), bucket, name, Preconditions.from_query(request.query)
        )

    def _receive(self, request: Request, upload_id: str) -> Response:
        progress = receive(self._resumable, upload_id, request)
        if progress.record is None:
            return incomplete(progress)
        return json_response(progress.record.as_json(request.base_url))


def receive(resumable: ResumableUploads, upload_id: str, request: Request) -> Progress:
    """A PUT to a session URI of either API."""
    return resumable.receive(
        upload_id,
        parse_upload_range(request.headers.get("Content-Range"), request.body.length),
        request.body,
        Expected.from_headers(request.headers),
    )


def incomplete(progress: Progress) -> Response:
    """308 with what is kept; no `Range` while that is nothing."""
    kept = {"Range": f"bytes=0-{progress.received - 1}"} if progress.received else {}
    return Response(308, kept)


def _attributes(resource: UploadResource, media_type: str | None) -> Attributes:
    values = resource.model_dump(include=set(Attributes.model_fields))
    return Attributes(**{**values, "content_type": resource.content_type or media_type})
