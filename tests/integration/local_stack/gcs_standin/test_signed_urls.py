"""Signed URLs in the hands of plain HTTP clients."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from google.cloud.storage import Bucket

from scripts.local.gcs import StorageServer, ensure_service_account_key
from shared.storage.bucket import ObjectStore
from tests.integration.local_stack.gcs_standin.support import (
    SIGNER,
    UNIT,
    Workbench,
    break_off,
    credentials,
    put_range,
    status,
    xml_code,
)

HOUR = timedelta(hours=1)
MAX_BYTES = 2 * UNIT


@pytest.fixture
def sign(server: StorageServer, bucket: Bucket, workbench: Workbench) -> Any:
    signer = credentials(workbench.key_file)

    def sign(method: str, **options: Any) -> str:
        given = {"expiration": HOUR, "credentials": signer, **options}
        url: str = bucket.blob("a b/ü.mp3").generate_signed_url(
            version="v4", method=method, api_access_endpoint=server.url, **given
        )
        return url

    return sign


def start_upload(objects: ObjectStore, name: str = "raw/x.mp3") -> str:
    url, headers = objects.signed_upload_url(
        name, content_type="audio/mpeg", sizes=(1, MAX_BYTES), ttl=HOUR
    )
    response = requests.post(url, headers=headers, timeout=10)
    assert response.status_code == 201, response.text
    return response.headers["Location"]


def test_a_phone_uploads_with_the_url_and_headers_it_is_given(objects: ObjectStore) -> None:
    session_uri = start_upload(objects)
    data = b"sound" * 60_000
    fresh = status(session_uri, len(data))
    assert (fresh.status_code, "Range" in fresh.headers) == (308, False)
    break_off(
        session_uri,
        {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"},
        data[: UNIT + 99],
        length=len(data),
    )
    assert objects.stat("raw/x.mp3") is None
    assert status(session_uri, len(data)).headers["Range"] == f"bytes=0-{UNIT - 1}"

    done = put_range(session_uri, data[UNIT:], UNIT, len(data))
    assert done.status_code == 200
    stored = objects.stat("raw/x.mp3")
    assert stored is not None
    assert done.headers["x-goog-generation"] == str(stored.generation)
    assert (stored.size, stored.content_type) == (len(data), "audio/mpeg")
    assert objects.read("raw/x.mp3") == data
    assert status(session_uri, len(data)).status_code == 200


@pytest.mark.parametrize(
    ("size", "code"), [(MAX_BYTES + 1, "EntityTooLarge"), (0, "EntityTooSmall")]
)
def test_the_signed_size_range_holds(objects: ObjectStore, size: int, code: str) -> None:
    session_uri = start_upload(objects)
    refused = requests.put(session_uri, data=bytes(size), timeout=10)
    assert (refused.status_code, xml_code(refused)) == (400, code)
    assert objects.stat("raw/x.mp3") is None


def test_an_upload_announced_too_large_is_refused_with_its_first_chunk(
    objects: ObjectStore,
) -> None:
    session_uri = start_upload(objects)
    refused = put_range(session_uri, bytes(UNIT), 0, MAX_BYTES + 1)
    assert (refused.status_code, xml_code(refused)) == (400, "EntityTooLarge")
    assert "Range" not in status(session_uri).headers


def test_the_size_range_holds_for_a_body_that_does_not_tell_its_length(
    objects: ObjectStore,
) -> None:
    session_uri = start_upload(objects)
    endless = (bytes(UNIT) for _ in range(3))
    refused = requests.put(session_uri, data=endless, timeout=10)
    assert (refused.status_code, xml_code(refused)) == (400, "EntityTooLarge")
    assert objects.stat("raw/x.mp3") is None


def test_a_signed_upload_never_replaces_an_object(objects: ObjectStore) -> None:
    first, second = start_upload(objects), start_upload(objects)
    assert requests.put(first, data=b"one", timeout=10).status_code == 200
    refused = requests.put(second, data=b"two", timeout=10)
    assert (refused.status_code, xml_code(refused)) == (412, "PreconditionFailed")
    url, headers = objects.signed_upload_url(
        "raw/x.mp3", content_type="audio/mpeg", sizes=(1, MAX_BYTES), ttl=HOUR
    )
    assert requests.post(url, headers=headers, timeout=10).status_code == 412
    assert objects.read("raw/x.mp3") == b"one"


def test_a_cancelled_upload_is_over(objects: ObjectStore) -> None:
    session_uri = start_upload(objects)
    assert requests.delete(session_uri, timeout=10).status_code == 499
    assert requests.put(session_uri, data=b"late", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("change", "status_code", "code"),
    [
        ({"content-type": "text/html"}, 403, "SignatureDoesNotMatch"),
        ({"x-goog-content-length-range": "1,999999999"}, 403, "SignatureDoesNotMatch"),
        ({"x-goog-if-generation-match": None}, 400, "MalformedSecurityHeader"),
        ({"x-goog-meta-extra": "1"}, 400, "MalformedSecurityHeader"),
    ],
)
def test_headers_are_sent_as_signed_or_refused(
    objects: ObjectStore, change: dict[str, str | None], status_code: int, code: str
) -> None:
    url, headers = objects.signed_upload_url(
        "raw/x.mp3", content_type="audio/mpeg", sizes=(1, MAX_BYTES), ttl=HOUR
    )
    sent = {name: value for name, value in {**headers, **change}.items() if value is not None}
    refused = requests.post(url, headers=sent, timeout=10)
    assert (refused.status_code, xml_code(refused)) == (status_code, code)


def test_put_get_head_and_delete(sign: Any) -> None:
    headers = {"content-type": "audio/mpeg", "x-goog-meta-origin": "phone"}
    url = sign("PUT", content_type="audio/mpeg", headers={"x-goog-meta-origin": "phone"})
    assert requests.put(url, data=b"0123456789", headers=headers, timeout=10).status_code == 200

    got = requests.get(sign("GET"), headers={"Range": "bytes=3-5"}, timeout=10)
    assert (got.status_code, got.content) == (206, b"345")
    assert got.headers["Content-Type"] == "audio/mpeg"
    assert got.headers["x-goog-meta-origin"] == "phone"
    for method in ("HEAD", "GET"):  # a URL signed for GET serves HEAD
        head = requests.head(sign(method), timeout=10)
        assert (head.status_code, head.headers["Content-Length"]) == (200, "10")
        assert head.content == b""

    assert requests.delete(sign("DELETE"), timeout=10).status_code == 204
    gone = requests.get(sign("GET"), timeout=10)
    assert (gone.status_code, xml_code(gone)) == (404, "NoSuchKey")


def test_a_download_carries_the_file_name_that_was_signed(objects: ObjectStore) -> None:
    objects.create("exports/1/x.pdf", b"%PDF", "application/pdf")
    url = objects.signed_download_url("exports/1/x.pdf", file_name="Week 1.pdf", ttl=HOUR)
    response = requests.get(url, timeout=10)
    assert response.content == b"%PDF"
    assert response.headers["Content-Disposition"] == 'attachment; filename="Week 1.pdf"'
    renamed = requests.get(url.replace("Week", "Weak"), timeout=10)
    assert (renamed.status_code, xml_code(renamed)) == (403, "SignatureDoesNotMatch")


def test_a_simple_put_is_held_to_size_range_and_precondition(sign: Any) -> None:
    headers = {"x-goog-content-length-range": "2,4", "x-goog-if-generation-match": "0"}
    url = sign("PUT", headers=dict(headers))
    for data, expected in ((b"1", "EntityTooSmall"), (b"12345", "EntityTooLarge")):
        for body in (data, iter([data])):
            refused = requests.put(url, data=body, headers=headers, timeout=10)
            assert (refused.status_code, xml_code(refused)) == (400, expected)
    assert requests.get(sign("GET"), timeout=10).status_code == 404
    assert requests.put(url, data=b"123", headers=headers, timeout=10).status_code == 200
    assert requests.put(url, data=b"456", headers=headers, timeout=10).status_code == 412
    assert requests.get(sign("GET"), timeout=10).content == b"123"


def test_a_simple_put_that_breaks_off_makes_no_object(sign: Any, workbench: Workbench) -> None:
    break_off(sign("PUT"), {}, b"half", length=8)
    assert requests.get(sign("GET"), timeout=10).status_code == 404
    assert list((workbench.root / "content").iterdir()) == []


def test_a_wrong_md5_or_crc32c_makes_no_object(sign: Any) -> None:
    wrong = {"x-goog-hash": "crc32c=AAAAAA=="}
    refused = requests.put(sign("PUT", headers=dict(wrong)), data=b"x", headers=wrong, timeout=10)
    assert (refused.status_code, xml_code(refused)) == (400, "BadDigest")
    assert requests.get(sign("GET"), timeout=10).status_code == 404


def test_a_url_expires(sign: Any, workbench: Workbench) -> None:
    url = sign("GET", expiration=timedelta(minutes=15))
    workbench.clock.ahead = timedelta(minutes=14)
    assert requests.get(url, timeout=10).status_code == 404
    workbench.clock.ahead = timedelta(minutes=15, seconds=1)
    refused = requests.get(url, timeout=10)
    assert (refused.status_code, xml_code(refused)) == (400, "ExpiredToken")


@pytest.mark.parametrize(
    ("old", "new", "status_code", "code"),
    [
        ("a%20b", "a%20c", 403, "SignatureDoesNotMatch"),
        ("X-Goog-Expires=3600", "X-Goog-Expires=36000", 403, "SignatureDoesNotMatch"),
        ("X-Goog-Expires=3600", "X-Goog-Expires=604801", 400, "MalformedSecurityHeader"),
        ("X-Goog-Signature=", "X-Goog-Signature=zz", 400, "MalformedSecurityHeader"),
        ("GOOG4-RSA-SHA256", "none", 400, "MalformedSecurityHeader"),
        ("X-Goog-SignedHeaders=host", "X-Goog-SignedHeaders=date", 400, "MalformedSecurityHeader"),
        ("signer", "other", 403, "InvalidSecurity"),
        ("X-Goog-Signature", "X-Goog-Nothing", 403, "AccessDenied"),
    ],
)
def test_a_url_that_was_tampered_with_is_refused(
    sign: Any, old: str, new: str, status_code: int, code: str
) -> None:
    url = sign("GET")
    assert old in url
    refused = requests.get(url.replace(old, new, 1), timeout=10)
    assert (refused.status_code, xml_code(refused)) == (status_code, code)


def test_a_url_for_one_method_serves_no_other(sign: Any) -> None:
    refused = requests.put(sign("GET"), data=b"x", timeout=10)
    assert (refused.status_code, xml_code(refused)) == (403, "SignatureDoesNotMatch")


def test_a_signature_by_another_key_is_refused(sign: Any, tmp_path: Path) -> None:
    path = tmp_path / "stranger.json"
    ensure_service_account_key(path, email=SIGNER, project="pegasus-local")
    stranger = credentials(path)
    refused = requests.get(sign("GET", credentials=stranger), timeout=10)
    assert (refused.status_code, xml_code(refused)) == (403, "SignatureDoesNotMatch")


def test_a_browser_may_upload_from_any_origin(objects: ObjectStore) -> None:
    url, headers = objects.signed_upload_url(
        "raw/x.mp3", content_type="audio/mpeg", sizes=(1, MAX_BYTES), ttl=HOUR
    )
    origin = {"Origin": "https://app.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-goog-a"}
    preflight = requests.options(url, headers={**origin, **asked}, timeout=10)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert preflight.headers["Access-Control-Allow-Headers"] == "x-goog-a"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    started = requests.post(url, headers={**headers, **origin}, timeout=10)
    assert "Location" in started.headers["Access-Control-Expose-Headers"]


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "signer.json"
    public = ensure_service_account_key(path, email=SIGNER, project="pegasus-local")
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_service_account_key(path, email=SIGNER, project="pegasus-local") == public
    assert credentials(path).service_account_email == SIGNER
    assert public.startswith("-----BEGIN PUBLIC KEY-----")
