"""In the cloud IAM signs the URLs: no key is there, and the access token goes to IAM alone."""

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from google.auth import crypt
from google.auth import exceptions as auth_errors
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud.storage import Client

from scripts.local.gcs import StorageServer
from shared.errors import TransientError
from shared.storage.bucket import ObjectStore
from shared.storage.url_signing import IamSigning, iam_signing
from tests.integration.conftest import SIGNER
from tests.support.lectures.builders import BUCKET, PROJECT

ACCESS_TOKEN = "ya29.secret"
TTL = timedelta(minutes=5)


class MetadataCredentials(Credentials):
    """A function's own: they learn whose they are with their first token."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.service_account_email = "default"

    def refresh(self, request: Any) -> None:
        self.token = ACCESS_TOKEN
        self.service_account_email = SIGNER


@dataclass
class Iam:
    """IAM's `signBlob`, with the account's key; a transport of google.auth."""

    key_file: Path
    status: int = 200
    away: bool = False
    calls: list[tuple[str, str]] = field(default_factory=list)
    """URL and `Authorization` of each call."""

    def __call__(
        self, url: str, method: str, body: bytes, headers: dict[str, str], **_: Any
    ) -> SimpleNamespace:
        if self.away:
            raise auth_errors.TransportError("no route to IAM")  # type: ignore[no-untyped-call]
        self.calls.append((url, headers["authorization"]))
        signer = crypt.RSASigner.from_service_account_file(str(self.key_file))  # type: ignore[no-untyped-call]
        signature = signer.sign(base64.b64decode(json.loads(body)["payload"]))
        answer = {"keyId": "1", "signedBlob": base64.b64encode(signature).decode()}
        return SimpleNamespace(status=self.status, data=json.dumps(answer).encode())


@pytest.fixture
def iam(signing_key_file: Path) -> Iam:
    return Iam(signing_key_file)


@pytest.fixture
def signing(iam: Iam) -> IamSigning:
    return iam_signing(MetadataCredentials(), None, iam)


@pytest.fixture
def bucket(signing: IamSigning, storage_server: StorageServer) -> ObjectStore:
    client = Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": storage_server.url},
    )
    return ObjectStore(
        client.bucket(BUCKET),
        signing_options=lambda: {
            "credentials": signing,
            "api_access_endpoint": storage_server.url,
        },
    )


def test_storage_accepts_what_iam_signed(bucket: ObjectStore, iam: Iam) -> None:
    name = "raw/signed-by-iam.mp3"
    url, headers = bucket.signed_upload_url(
        name, content_type="audio/mpeg", sizes=(1, 100), ttl=TTL
    )
    started = requests.post(url, headers=headers, timeout=10)
    assert started.status_code == 201, started.text
    sent = requests.put(started.headers["Location"], data=b"sound", timeout=10)
    assert sent.status_code == 200

    download = bucket.signed_download_url(name, file_name="lecture.mp3", ttl=TTL)
    assert requests.get(download, timeout=10).content == b"sound"
    assert len(iam.calls) == 2


def test_the_access_token_is_shown_to_iam_and_to_nobody_else(bucket: ObjectStore, iam: Iam) -> None:
    url, headers = bucket.signed_upload_url("x", content_type="audio/mpeg", sizes=(1, 2), ttl=TTL)
    download = bucket.signed_download_url("x", file_name="x.mp3", ttl=TTL)

    for public in (url, download, *headers.values()):
        assert ACCESS_TOKEN not in public
    for called, authorization in iam.calls:
        assert called.startswith("https://iamcredentials.googleapis.com/")
        assert called.endswith(f"/{SIGNER}:signBlob")
        assert authorization == f"Bearer {ACCESS_TOKEN}"


def test_a_url_signed_in_another_accounts_name_is_refused(
    iam: Iam, storage_server: StorageServer, store: ObjectStore
) -> None:
    stranger = iam_signing(MetadataCredentials(), f"stranger@{PROJECT}.test", iam)
    store.create("exports/signed", b"sound", "audio/mpeg")
    client = Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": storage_server.url},
    )
    theirs = ObjectStore(
        client.bucket(BUCKET),
        signing_options=lambda: {
            "credentials": stranger,
            "api_access_endpoint": storage_server.url,
        },
    )

    url = theirs.signed_download_url("exports/signed", file_name="x.mp3", ttl=TTL)

    assert requests.get(url, timeout=10).status_code in (401, 403)


@pytest.mark.parametrize("change", [{"away": True}, {"status": 403}], ids=str)
def test_an_outage_of_iam_is_nothing_for_good(
    bucket: ObjectStore, iam: Iam, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(iam, name, value)

    with pytest.raises(TransientError):
        bucket.signed_download_url("x", file_name="x.mp3", ttl=TTL)
    with pytest.raises(TransientError):
        bucket.signed_upload_url("x", content_type="audio/mpeg", sizes=(1, 2), ttl=TTL)


def test_an_account_that_is_not_known_is_asked_for_first(iam: Iam) -> None:
    assert iam_signing(MetadataCredentials(), None, iam).signer_email == SIGNER
    assert iam_signing(MetadataCredentials(), "other@example.com", iam).signer_email == (
        "other@example.com"
    )
    with pytest.raises(auth_errors.DefaultCredentialsError):
        iam_signing(_Nobody(), None, iam)


class _Nobody:
    """A person's credentials, which belong to no service account."""

    def refresh(self, request: Any) -> None:
        """Nothing to learn."""
