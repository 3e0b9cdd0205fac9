"""The bucket. The only module that calls Cloud Storage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, cast

import requests
from google.api_core import exceptions as google_errors
from google.auth import exceptions as auth_errors
from google.cloud.storage import Blob, Bucket, Client

from shared.config import Settings
from shared.emulators import emulator_credentials
from shared.errors import ObjectMissingError, PreconditionFailedError, TransientError
from shared.log import log
from shared.storage.url_signing import signing_options
from shared.text import is_storable
from shared.vendors.google_refusals import permanent_refusal

STREAM_CHUNK_BYTES = 1 << 20
"""Sent at a time of a stream, which is kept in memory until it is stored."""
READ_CHUNK_BYTES = 1 << 20
"""One ranged read of a streamed object. A mebibyte keeps a 200 MB upload to 200 requests."""


@dataclass(frozen=True)
class StoredObject:
    name: str
    generation: int
    size: int
    """Bytes."""
    crc32c: str
    """Base64 of the big-endian checksum."""
    content_type: str
    created_at: datetime


@contextmanager
def _google_errors_mapped(name: str) -> Iterator[None]:
    """Turn the client's errors into ours. Its own retries have run out by then."""
    try:
        yield
    except google_errors.NotFound as error:
        raise ObjectMissingError(f"{name} is not in the bucket") from error
    except google_errors.PreconditionFailed as error:
        raise PreconditionFailedError(f"{name} changed since it was looked at") from error
    except google_errors.GoogleAPICallError as error:
        refusal = permanent_refusal(error, "storage")
        raise refusal or _unavailable(name, error) from error
    except (
        google_errors.GoogleAPIError,
        auth_errors.GoogleAuthError,
        requests.RequestException,
    ) as error:
        raise _unavailable(name, error) from error


def _read_refusal(response: requests.Response, **_options: object) -> None:
    """Read a refusal's body, so that its connection returns to the pool.

    The client downloads by streamed requests and repeats a refused one without reading its
    answer: that connection would stay open until the garbage collector finds it.
    """
    if not response.ok:
        _ = response.content


def _unavailable(name: str, error: Exception) -> TransientError:
    return TransientError(f"storage: {name}: {type(error).__name__}")


class ObjectStore:
    """One bucket. Raises ObjectMissingError, PreconditionFailedError, TransientError, and as any
    call of Google Cloud AccessDeniedError and ProviderQuotaExhaustedError."""

    def __init__(
        self,
        bucket: Bucket,
        *,
        signing_options: Callable[[], dict[str, Any]],
    ) -> None:
        self._bucket = bucket
        self._signing_options = signing_options

    @classmethod
    def from_settings(cls, settings: Settings) -> "ObjectStore":
        if settings.storage_emulator_host:
            client = Client(
                project=settings.google_cloud_project,
                credentials=emulator_credentials(settings),
                client_options={"api_endpoint": settings.storage_emulator_host},
            )
        else:
            client = Client(project=settings.google_cloud_project)
        client._http.hooks["response"].append(_read_refusal)  # the client has no parameter for it
        return cls(
            client.bucket(settings.gcs_bucket),
            signing_options=lambda: signing_options(settings),
        )

    def uri(self, name: str) -> str:
        return f"gs://{self._bucket.name}/{name}"

    def check(self) -> None:
        """Raise unless the bucket answers."""
        with _google_errors_mapped(self._bucket.name):
            next(iter(self._bucket.list_blobs(max_results=1)), None)

    def stat(self, name: str) -> StoredObject | None:
        with _google_errors_mapped(name):
            blob = self._bucket.get_blob(name)
        return _stored(blob) if blob is not None else None

    def list(self, prefix: str, *, start: str = "") -> Iterator[StoredObject]:
        """Every object under a prefix, from the name `start` on, ordered by name.

        An object whose name no row can hold is none of Pegasus', and is left out.
        """
        with _google_errors_mapped(prefix):
            for blob in self._bucket.list_blobs(prefix=prefix, start_offset=start or None):
                if is_storable(blob.name):
                    yield _stored(blob)
                else:
                    log.warning("object.foreign_name", bucket=self._bucket.name)

    def read(self, name: str, *, generation: int | None = None) -> bytes:
        with _google_errors_mapped(name):
            blob = self._bucket.blob(name, generation=generation)
            return cast(bytes, blob.download_as_bytes())

    @contextmanager
    def open(self, name: str, *, generation: int | None = None) -> Iterator[IO[bytes]]:
        """A seekable stream of ranged reads; memory does not grow with the object."""
        blob = self._bucket.blob(name, generation=generation)
        with (
            _google_errors_mapped(name),
            blob.open("rb", chunk_size=READ_CHUNK_BYTES) as stream,
        ):
            yield cast("IO[bytes]", stream)

    def create(self, name: str, data: bytes, content_type: str) -> StoredObject:
        """Write an object that must not exist yet.

        If it does (an earlier attempt wrote it and died), that one stands and is
        returned: names are unique to what may write them, so it is the same thing.
        """
        try:
            with self._creating(name):
                blob = self._bucket.blob(name)
                blob.upload_from_string(data, content_type=content_type, if_generation_match=0)
                return _stored(blob)
        except PreconditionFailedError:
            existing = self.stat(name)
            if existing is None:
                raise TransientError(f"storage: {name} came and went") from None
            return existing

    @contextmanager
    def _creating(self, name: str) -> Iterator[None]:
        """Raises PreconditionFailedError if the object exists, however that is answered.

        To overwrite is to delete as well, which most functions may not: Cloud Storage may say so
        (403) before it looks at the precondition (412). If there is no object, a permission to
        create it is missing.
        """
        with _google_errors_mapped(name):
            try:
                yield
            except google_errors.Forbidden as error:
                if self._bucket.get_blob(name) is None:
                    raise
                raise PreconditionFailedError(f"{name} exists") from error

    def create_from_stream(
        self, name: str, stream: IO[bytes], content_type: str, *, size: int | None = None
    ) -> StoredObject:
        """Write an object that must not exist yet from a stream read once.

        Raises PreconditionFailedError if it exists.
        """
        with self._creating(name):
            blob = self._bucket.blob(name, chunk_size=STREAM_CHUNK_BYTES)
            blob.upload_from_file(
                stream, size=size, content_type=content_type, if_generation_match=0
            )
            return _stored(blob)

    def delete(self, name: str, *, generation: int | None = None) -> bool:
        """True if the object was there. A missing one is no error: it is gone, as asked."""
        try:
            with _google_errors_mapped(name):
                self._bucket.blob(name, generation=generation).delete()
        except ObjectMissingError:
            return False
        return True

    def signed_upload_url(
        self, name: str, *, content_type: str, sizes: tuple[int, int], ttl: timedelta
    ) -> tuple[str, dict[str, str]]:
        """A URL that starts one resumable upload of a new object, and the headers to send.

        The client POSTs to it with exactly these headers and an empty body; the answer's
        `Location` is the session that takes the bytes. Object, type, size range (bytes,
        both ends included) and "must not exist yet" are part of the signature.
        """
        headers = {
            "content-type": content_type,
            "x-goog-content-length-range": f"{sizes[0]},{sizes[1]}",
            "x-goog-if-generation-match": "0",
            "x-goog-resumable": "start",
        }
        with _google_errors_mapped(name):
            url = self._bucket.blob(name).generate_signed_url(
                version="v4",
                method="POST",
                expiration=ttl,
                content_type=content_type,
                headers={k: v for k, v in headers.items() if k != "content-type"},
                **self._signing_options(),
            )
        return url, headers

    def signed_download_url(self, name: str, *, file_name: str, ttl: timedelta) -> str:
        """An address under which the object is saved as a file."""
        return self._signed_read_url(
            name, ttl, response_disposition=f'attachment; filename="{file_name}"'
        )

    def signed_playing_url(self, name: str, *, content_type: str, ttl: timedelta) -> str:
        """An address from which a player reads the object, whole or by ranges."""
        return self._signed_read_url(
            name, ttl, response_disposition="inline", response_type=content_type
        )

    def _signed_read_url(self, name: str, ttl: timedelta, **response: str) -> str:
        with _google_errors_mapped(name):
            url: str = self._bucket.blob(name).generate_signed_url(
                version="v4",
                method="GET",
                expiration=ttl,
                **response,
                **self._signing_options(),
            )
        return url


def _stored(blob: Blob) -> StoredObject:
    return StoredObject(
        name=blob.name,
        generation=int(blob.generation),
        size=int(blob.size),
        crc32c=blob.crc32c,
        content_type=blob.content_type or "application/octet-stream",
        created_at=blob.time_created,
    )
