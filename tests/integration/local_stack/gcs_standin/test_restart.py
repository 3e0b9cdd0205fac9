"""What a restart keeps, an orderly one and a kill."""

import socket
import subprocess
import sys
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
)

SERVE_UNTIL_KILLED = """
import sys
from pathlib import Path
from scripts.local.gcs import StorageServer
server = StorageServer(
    Path(sys.argv[1]), port=0, signing_keys={}, publish=lambda topic, data, attributes: None
)
server.start()
server.ensure_bucket("lectures")
print(server.url, flush=True)
sys.stdin.read()  # until the test, too, is gone
"""


def upload_url(base: str, kind: str, name: str = "x") -> str:
    return f"{base}/upload/storage/v1/b/{BUCKET}/o?uploadType={kind}&name={name}"


def media_url(base: str, name: str = "x") -> str:
    return f"{base}/download/storage/v1/b/{BUCKET}/o/{name}?alt=media"


def test_a_restart_keeps_objects_and_unfinished_uploads(
    workbench: Workbench,
) -> None:
    server = workbench.serve()
    requests.post(upload_url(server.url, "media", "kept"), data=b"kept", timeout=10)
    before = requests.get(f"{server.url}/storage/v1/b/{BUCKET}/o/kept", timeout=10).json()
    session = requests.post(upload_url(server.url, "resumable"), data=b"", timeout=10)
    session_uri = session.headers["Location"]
    put_range(session_uri, b"a" * UNIT, 0, UNIT + 3)
    server.stop()

    server = workbench.serve()
    try:
        after = requests.get(f"{server.url}/storage/v1/b/{BUCKET}/o/kept", timeout=10).json()
        assert after == before
        assert requests.get(media_url(server.url, "kept"), timeout=10).content == b"kept"
        assert status(session_uri).headers["Range"] == f"bytes=0-{UNIT - 1}"
        assert put_range(session_uri, b"end", UNIT, UNIT + 3).status_code == 200
        assert requests.get(media_url(server.url), timeout=10).content == b"a" * UNIT + b"end"
    finally:
        server.stop()


def test_generations_rise_when_the_clock_steps_back(
    server: StorageServer, bucket: Bucket, workbench: Workbench
) -> None:
    bucket.blob("x").upload_from_string(b"x")
    first = bucket.get_blob("x").generation
    bucket.blob("x").delete()
    server.stop()
    workbench.clock.ahead = timedelta(days=-1)
    again = workbench.serve()
    try:
        bucket.blob("x").upload_from_string(b"x")
        assert bucket.get_blob("x").generation > first
    finally:
        again.stop()


def test_a_killed_server_leaves_the_old_object_and_the_bytes_that_arrived(
    workbench: Workbench,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_UNTIL_KILLED, str(workbench.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        requests.post(upload_url(base, "media"), data=b"old", timeout=10)
        session = requests.post(upload_url(base, "resumable"), data=b"", timeout=10)
        session_uri = session.headers["Location"]
        # One upload hangs in the middle of a simple request, one has broken off.
        parts = urlsplit(upload_url(base, "media"))
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as hanging:
            hanging.sendall(
                f"POST {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\n"
                "Content-Length: 1000000\r\n\r\nnew".encode()
            )
            break_off(session_uri, {}, b"n" * (UNIT + 7), length=2 * UNIT)
            process.kill()

    server = workbench.serve()
    try:
        assert requests.get(media_url(server.url), timeout=10).content == b"old"
        resumed = session_uri.replace(base, server.url)
        assert status(resumed).headers["Range"] == f"bytes=0-{UNIT - 1}"
        # Bytes that no request can reach are gone; the object's and the session's stay.
        assert len(list((workbench.root / "content").iterdir())) == 2
        assert put_range(resumed, b"n" * UNIT, UNIT, 2 * UNIT).status_code == 200
        assert requests.get(media_url(server.url), timeout=10).content == b"n" * 2 * UNIT
        assert len(list((workbench.root / "content").iterdir())) == 1
    finally:
        server.stop()


def test_a_stopped_server_answers_nobody(workbench: Workbench) -> None:
    server = workbench.serve()
    with requests.Session() as client:
        assert client.get(media_url(server.url), timeout=10).status_code == 404
        server.stop()
        with pytest.raises(requests.ConnectionError):
            client.get(media_url(server.url), timeout=10)
