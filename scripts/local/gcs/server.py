"""The stand-in for Cloud Storage: one server on one folder."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from scripts.local.access import Access
from scripts.local.gcs.api.json_api import JsonApi
from scripts.local.gcs.api.permissions import Permissions
from scripts.local.gcs.api.resumable import ResumableUploads
from scripts.local.gcs.api.uploads import UploadApi
from scripts.local.gcs.api.xml_api import XmlApi
from scripts.local.gcs.errors import BrokenConnectionError, Refusal, StorageError
from scripts.local.gcs.http.connections import HttpServer
from scripts.local.gcs.http.faults import JSON_API, Between, refusal_of, undisturbed
from scripts.local.gcs.http.messages import Request, Response
from scripts.local.gcs.http.signatures import SignatureVerifier
from scripts.local.gcs.objects.catalog import Catalog
from scripts.local.gcs.objects.notifications import BucketNotification, Outbox, Publish, Publisher
from scripts.local.gcs.objects.sessions import SessionTable
from scripts.local.gcs.objects.store import Store

_log = logging.getLogger(__name__)

_UPLOADS = "/upload/storage/v1/"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class StorageServer:
    """Serves the JSON and the XML API of Cloud Storage from `root`.

    `signing_keys`: public keys in PEM by service account address, for signed URLs.
    `publish(topic, data, attributes)` gets every notification, again if it raises.
    The folder may be served by one server at a time.
    """

    def __init__(
        self,
        root: Path,
        *,
        host: str = "127.0.0.1",
        port: int,
        signing_keys: Mapping[str, str],
        publish: Publish,
        notifications: Sequence[BucketNotification] = (),
        now: Callable[[], datetime] = _utc_now,
        between: Between = undisturbed,
        access: Access | None = None,
        access_bucket: str = "",
        forbids_first: bool = True,
    ) -> None:
        """`access`, `access_bucket` and `forbids_first`: see `Permissions`."""
        root.mkdir(parents=True, exist_ok=True)
        self._catalog = Catalog(root / "catalog.sqlite3")
        outbox = Outbox(notifications, base_url=lambda: self.url)
        self._publisher = Publisher(self._catalog, outbox, publish)
        sessions = SessionTable(self._catalog, now=now)
        sessions.remove_expired()
        self._store = Store(root, self._catalog, outbox, now=now)
        resumable = ResumableUploads(self._store, sessions, self._catalog)
        self._permissions = permissions = Permissions(
            access, bucket=access_bucket, forbids_first=forbids_first
        )
        verifier = SignatureVerifier(signing_keys, now=now)
        self._json_api = JsonApi(self._store, permissions)
        self._upload_api = UploadApi(self._store, resumable, permissions)
        self._xml_api = XmlApi(self._store, resumable, verifier, permissions)
        self._between = between
        self._http = HttpServer(host, port, self._handle)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="gcs-accept", daemon=True
        )

    @property
    def url(self) -> str:
        """`http://host:port`, the value of STORAGE_EMULATOR_HOST."""
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        self._publisher.start()
        self._thread.start()

    def stop(self) -> None:
        """Requests in progress are cut off, as when a process ends. Cannot be started again."""
        self._http.shutdown()
        self._thread.join()
        self._http.close_connections()
        self._http.server_close()
        self._publisher.stop()
        self._catalog.close()

    def set_access(self, access: Access) -> None:
        """As when a grant is added or taken away."""
        self._permissions.set_access(access)

    def ensure_bucket(self, name: str) -> None:
        """Create the bucket unless it is there."""
        try:
            self._store.create_bucket(name, "US")
        except StorageError as error:
            if error.refusal is not Refusal.BUCKET_EXISTS:
                raise

    def _handle(self, request: Request) -> Response:
        return _allow_origin(request, self._between(request, self._answer))

    def _answer(self, request: Request) -> Response:
        speaks_json = request.path.startswith(JSON_API)
        try:
            if request.method == "OPTIONS":
                return _preflight(request)
            _require_length(request)
            if request.path.startswith(_UPLOADS):
                return self._upload_api.handle(request)
            return (self._json_api if speaks_json else self._xml_api).handle(request)
        except StorageError as error:
            return refusal_of(request, error)
        except BrokenConnectionError:
            raise
        except Exception:
            _log.exception("%s %s failed", request.method, request.path)
            internal = StorageError(Refusal.INTERNAL, "We encountered an internal error.")
            return refusal_of(request, internal)


def _require_length(request: Request) -> None:
    announced = "Content-Length" in request.headers or request.body.length is None
    if request.method in ("PATCH", "POST", "PUT") and not announced:
        raise StorageError(
            Refusal.LENGTH_REQUIRED, "You must provide the Content-Length HTTP header."
        )


def _preflight(request: Request) -> Response:
    """CORS: a browser may upload from any origin, as if the bucket's CORS said so."""
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return Response(
        200,
        {
            "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST, PATCH, DELETE",
            "Access-Control-Allow-Headers": asked,
            "Access-Control-Max-Age": "3600",
        },
    )


def _allow_origin(request: Request, response: Response) -> Response:
    origin = request.headers.get("Origin")
    if origin is None:
        return response
    cors = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": (
            "Content-Length, Content-Range, ETag, Location, Range, X-GUploader-UploadID, "
            "x-goog-generation, x-goog-hash"
        ),
        "Vary": "Origin",
    }
    return replace(response, headers={**response.headers, **cors})
