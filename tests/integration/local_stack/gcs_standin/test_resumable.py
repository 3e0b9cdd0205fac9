"""Resumable uploads over a network that fails."""

import socket
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests
from google.cloud.storage import Bucket

from scripts.local.gcs import StorageServer
from tests.integration.local_stack.gcs_standin.support import (
    BUCKET,
    UNIT,
    Workbench,
    break_off,
    put_range,
    status,
    until,
)

DATA = b"".join(bytes([n % 256]) * 1000 for n in range(1500))  # no two places alike
TOTAL = len(DATA)


@pytest.fixture
def session_uri(bucket: Bucket) -> str:
    uri: str = bucket.blob("x").create_resumable_upload_session(content_type="audio/mpeg")
    return uri


def content(bucket: Bucket) -> bytes | None:
    blob = bucket.get_blob("x")
    data: bytes | None = blob and blob.download_as_bytes()
    return data


def test_chunks_add_up_to_the_object_with_the_last_of_them(
    session_uri: str, bucket: Bucket
) -> None:
    first = put_range(session_uri, DATA[: 2 * UNIT], 0, "*")
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{2 * UNIT - 1}")
    second = put_range(session_uri, DATA[2 * UNIT : 4 * UNIT], 2 * UNIT, TOTAL)
    assert (second.status_code, second.headers["Range"]) == (308, f"bytes=0-{4 * UNIT - 1}")
    assert content(bucket) is None

    last = put_range(session_uri, DATA[4 * UNIT :], 4 * UNIT, TOTAL)
    assert (last.status_code, last.json()["size"]) == (200, str(TOTAL))
    assert last.json()["contentType"] == "audio/mpeg"
    assert content(bucket) == DATA


def test_a_fresh_session_has_no_range(session_uri: str) -> None:
    answer = status(session_uri, TOTAL)
    assert answer.status_code == 308
    assert "Range" not in answer.headers


def test_an_upload_broken_off_goes_on_where_it_stopped(session_uri: str, bucket: Bucket) -> None:
    arrived = 3 * UNIT + 1234
    break_off(
        session_uri,
        {"Content-Range": f"bytes 0-{TOTAL - 1}/{TOTAL}"},
        DATA[:arrived],
        length=TOTAL,
    )
    assert content(bucket) is None
    answer = status(session_uri, TOTAL)
    assert (answer.status_code, answer.headers["Range"]) == (308, f"bytes=0-{3 * UNIT - 1}")
    assert put_range(session_uri, DATA[3 * UNIT :], 3 * UNIT, TOTAL).status_code == 200
    assert content(bucket) == DATA


def test_an_upload_in_one_request_can_break_off_too(session_uri: str, bucket: Bucket) -> None:
    break_off(session_uri, {}, DATA[:UNIT], length=TOTAL)
    assert status(session_uri).headers["Range"] == f"bytes=0-{UNIT - 1}"
    assert put_range(session_uri, DATA[UNIT:], UNIT, TOTAL).status_code == 200
    assert content(bucket) == DATA


def test_bytes_sent_again_are_not_appended_again(session_uri: str, bucket: Bucket) -> None:
    put_range(session_uri, DATA[: 3 * UNIT], 0, TOTAL)
    again = put_range(session_uri, DATA[UNIT : 4 * UNIT], UNIT, TOTAL)
    assert again.headers["Range"] == f"bytes=0-{4 * UNIT - 1}"
    older = put_range(session_uri, DATA[:UNIT], 0, TOTAL)
    assert older.headers["Range"] == f"bytes=0-{4 * UNIT - 1}"
    assert put_range(session_uri, DATA, 0, TOTAL).status_code == 200
    assert content(bucket) == DATA


def test_a_client_with_a_hanging_connection_goes_on_over_another(
    session_uri: str, bucket: Bucket
) -> None:
    parts = urlsplit(session_uri)
    request = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Content-Length: {TOTAL}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as hanging:
        hanging.sendall(request.encode() + DATA[: 2 * UNIT])
        assert status(session_uri, TOTAL).status_code == 308
        assert put_range(session_uri, DATA, 0, TOTAL).status_code == 200
        hanging.sendall(b"\0" * (TOTAL - 2 * UNIT))
        hanging.shutdown(socket.SHUT_WR)
        assert b" 503 " in hanging.recv(1024)
    assert content(bucket) == DATA


def test_what_a_status_query_completed_is_not_made_twice(session_uri: str, bucket: Bucket) -> None:
    parts = urlsplit(session_uri)
    request = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n{UNIT:x}\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as slow:
        slow.sendall(request.encode() + DATA[:UNIT] + b"\r\n")
        until(lambda: status(session_uri, UNIT).status_code == 200)
        slow.sendall(b"0\r\n\r\n")
        assert slow.recv(1024).startswith(b"HTTP/1.1 200 ")
    assert bucket.get_blob("x").metageneration == 1
    assert content(bucket) == DATA[:UNIT]


def test_a_chunk_that_leaves_a_gap_is_refused(session_uri: str) -> None:
    put_range(session_uri, DATA[:UNIT], 0, TOTAL)
    gap = put_range(session_uri, DATA[2 * UNIT :], 2 * UNIT, TOTAL)
    assert gap.status_code == 400
    assert status(session_uri).headers["Range"] == f"bytes=0-{UNIT - 1}"


def test_chunks_but_the_last_come_in_units_of_256_kib(session_uri: str) -> None:
    small = put_range(session_uri, DATA[: UNIT - 1], 0, TOTAL)
    assert (small.status_code, "262144" in small.text) == (400, True)
    uneven = put_range(session_uri, DATA[: UNIT + 5], 0, "*")
    assert (uneven.status_code, uneven.headers["Range"]) == (308, f"bytes=0-{UNIT - 1}")
    assert status(session_uri, UNIT + 5).status_code == 308  # the odd bytes were not kept


@pytest.mark.parametrize("header", ["bytes 5-1/9", "bytes 0-9/5", "items 0-9/10", "bytes 0-9"])
def test_a_range_that_makes_no_sense_is_refused(session_uri: str, header: str) -> None:
    response = requests.put(
        session_uri, data=b"0123456789", headers={"Content-Range": header}, timeout=10
    )
    assert response.status_code == 400


def test_the_total_cannot_change(session_uri: str) -> None:
    put_range(session_uri, DATA[:UNIT], 0, TOTAL)
    assert put_range(session_uri, DATA[UNIT:], UNIT, TOTAL + 1).status_code == 400


def test_a_status_query_with_the_total_completes_what_is_all_there(
    session_uri: str, bucket: Bucket
) -> None:
    put_range(session_uri, DATA[:UNIT], 0, "*")
    assert status(session_uri, UNIT).status_code == 200
    assert content(bucket) == DATA[:UNIT]


def test_a_finished_upload_keeps_saying_so(session_uri: str, bucket: Bucket) -> None:
    generation = put_range(session_uri, DATA, 0, TOTAL).json()["generation"]
    assert status(session_uri, TOTAL).json()["generation"] == generation
    assert put_range(session_uri, DATA, 0, TOTAL).json()["generation"] == generation
    assert str(bucket.get_blob("x").generation) == generation


def test_a_wrong_checksum_of_the_whole_makes_no_object(session_uri: str, bucket: Bucket) -> None:
    put_range(session_uri, DATA[:UNIT], 0, TOTAL)
    wrong = put_range(session_uri, DATA[UNIT:], UNIT, TOTAL, **{"x-goog-hash": "crc32c=AAAAAA=="})
    assert wrong.status_code == 400
    assert content(bucket) is None


def test_a_cancelled_session_is_gone(session_uri: str, workbench: Workbench) -> None:
    put_range(session_uri, DATA[:UNIT], 0, TOTAL)
    assert requests.delete(session_uri, timeout=10).status_code == 499
    assert status(session_uri).status_code == 404
    assert list((workbench.root / "content").iterdir()) == []


def test_a_session_lives_a_week(session_uri: str, workbench: Workbench) -> None:
    workbench.clock.ahead = timedelta(days=6, hours=23)
    assert status(session_uri).status_code == 308
    workbench.clock.ahead = timedelta(days=7, seconds=1)
    assert status(session_uri).status_code == 410


def test_a_precondition_holds_until_the_last_byte(bucket: Bucket) -> None:
    sessions = [
        bucket.blob("x").create_resumable_upload_session(if_generation_match=0) for _ in range(2)
    ]
    for uri in sessions:
        assert put_range(uri, DATA[:UNIT], 0, TOTAL).status_code == 308
    answers = [put_range(uri, DATA[UNIT:], UNIT, TOTAL).status_code for uri in sessions]
    assert answers == [200, 412]


def test_an_announced_size_is_binding(server: StorageServer) -> None:
    url = f"{server.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&name=x"
    start = requests.post(url, data=b"", headers={"X-Upload-Content-Length": str(UNIT)}, timeout=10)
    uri = start.headers["Location"]
    assert put_range(uri, DATA, 0, TOTAL).status_code == 400
    assert put_range(uri, DATA[:UNIT], 0, UNIT).status_code == 200


def test_an_upload_of_unknown_length_ends_with_its_body(session_uri: str, bucket: Bucket) -> None:
    pieces = iter([DATA[:100], DATA[100:]])
    assert requests.put(session_uri, data=pieces, timeout=10).status_code == 200
    assert content(bucket) == DATA
