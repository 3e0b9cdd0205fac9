"""The front of the API over raw sockets: bodies that do not come, and malformed requests."""

import json
import random
import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from shared.config import Settings
from tests.integration.conftest import TEMPLATE, Cluster
from tests.support.access.issuer import Issuer
from tests.support.processes.api_process import (
    STATIC_TOKEN,
    Answer,
    ApiProcess,
    api_process,
    receive,
)

SOON_SEC = 4
"""Far below any deadline of the server, also where the machine is busy."""
PIECE_SEC = 1.0
SHORT: dict[str, object] = {
    "plc_write_rate_limit_max_requests": 10_000,
    "plc_body_min_bytes_per_sec": 65_536,
    "plc_body_timeout_sec": 4,
}
"""Each 64 KiB has a second, and a body four."""
JSON = {"Content_Type": "application/json"}
FORM = {"Content_Type": "multipart/form-data; boundary=b"}
BEGUN = (
    b'--b\r\nContent-Disposition: form-data; name="courseId"\r\n\r\nalgorithms\r\n'
    b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n'
)


@pytest.fixture(scope="module")
def api(
    cluster: Cluster,
    storage_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    issuer: Issuer,
) -> Iterator[ApiProcess]:
    """One process for all: what one test leaves behind must not stop the next."""
    name = f"front_{uuid.uuid4().hex}"
    url = cluster.create(name, template=TEMPLATE).set(drivername="postgresql")
    settings = storage_settings.model_copy(
        update={"database_url": SecretStr(url.render_as_string(hide_password=False))}
    )
    with api_process(settings, tmp_path_factory.mktemp("api"), issuer, **SHORT) as process:
        yield process
    cluster.drop(name)


@pytest.fixture
def token(issuer: Issuer) -> str:
    return issuer.id_token("alice")


def problem(answer: Answer) -> tuple[int, str]:
    assert "content-type: application/problem+json" in answer.head, answer.received[:300]
    assert "x-request-id: " in answer.head
    document = json.loads(answer.body)
    assert document["status"] == answer.status
    return answer.status, document["code"]


class TestBodies:
    def test_a_caller_without_a_token_is_answered_before_the_body_is_read(
        self, api: ApiProcess
    ) -> None:
        for token, headers in ((None, JSON), ("no token", JSON), (None, FORM)):
            request = api.head(
                "POST", "/lectures/ingest", token=token, Content_Length=100_000, **headers
            )
            with api.connect() as sock:
                sock.sendall(request + b"{")
                answer = receive(sock, seconds=SOON_SEC)
            assert problem(answer) == (401, "unauthorized")
            assert "connection: close" in answer.head
            assert answer.closed

    @pytest.mark.sampled(1)
    @pytest.mark.parametrize(
        ("headers", "begun"),
        [
            ({**JSON, "Content_Length": 1000}, b"{"),
            ({**JSON, "Transfer_Encoding": "chunked"}, b"5\r\n{"),
            ({**FORM, "Content_Length": 1_000_000}, BEGUN),
            ({**FORM, "Content_Length": 1_000_000}, b""),
        ],
        ids=["json", "chunked", "form", "form without a byte"],
    )
    def test_a_body_that_stops_is_answered_408_and_cut(
        self, api: ApiProcess, token: str, headers: dict[str, Any], begun: bytes
    ) -> None:
        began = time.monotonic()
        answer = api.ask(api.head("POST", "/lectures/ingest", token=token, **headers) + begun)

        assert problem(answer) == (408, "body_too_slow")
        assert "connection: close" in answer.head
        assert answer.closed
        assert time.monotonic() - began > PIECE_SEC / 2

    def test_one_that_trickles_is_cut_as_well(self, api: ApiProcess, token: str) -> None:
        with api.connect() as sock:
            sock.sendall(
                api.head("POST", "/lectures/ingest", token=token, Content_Length=10_000, **JSON)
            )
            answer = self._trickle(sock, piece=b" ", every_sec=0.02, at_most_sec=10)

        assert problem(answer) == (408, "body_too_slow")

    @pytest.mark.slow
    def test_one_of_the_least_rate_is_cut_at_the_deadline(
        self, api: ApiProcess, token: str
    ) -> None:
        began = time.monotonic()
        with api.connect() as sock:
            sock.sendall(
                api.head("POST", "/lectures/ingest", token=token, Content_Length=1 << 24, **FORM)
                + BEGUN
            )
            # Twice the least rate at the most, and above it.
            answer = self._trickle(sock, piece=bytes(1 << 15), every_sec=0.25, at_most_sec=15)

        assert problem(answer) == (408, "body_too_slow")
        assert time.monotonic() - began > 3 * PIECE_SEC

    def test_one_that_comes_in_time_is_taken(self, api: ApiProcess, token: str) -> None:
        body = json.dumps({"courseId": "algorithms", "title": "Hashing"}).encode()
        with api.connect() as sock:
            sock.sendall(
                api.head("POST", "/lectures/ingest", token=token, Content_Length=len(body), **JSON)
            )
            for byte in body:
                sock.sendall(bytes([byte]))
            answer = receive(sock, seconds=1)

        assert answer.status == 201
        assert not answer.closed

    def test_json_above_the_limit_is_refused_unread(self, api: ApiProcess, token: str) -> None:
        for path in ("/lectures/ingest", "/lectures/hashing/transcribe"):
            request = api.head("POST", path, token=token, Content_Length=(1 << 20) + 1, **JSON)
            answer = api.ask(request, seconds=SOON_SEC)
            assert problem(answer) == (413, "payload_too_large")
            assert answer.closed

    def test_clients_that_do_not_close_stop_no_other(self, api: ApiProcess) -> None:
        refused = api.head("POST", "/lectures/ingest", Content_Length=100, **JSON) + b"{"
        farewell = api.head("GET", "/health", Connection="close")
        held = [api.connect() for _ in range(30)]
        for index, sock in enumerate(held):
            sock.sendall(refused if index % 2 else farewell)

        began = time.monotonic()
        answer = api.ask(api.head("GET", "/health", Connection="close"), seconds=SOON_SEC)

        assert answer.status == 200
        assert time.monotonic() - began < SOON_SEC
        for sock in held:
            sock.close()

    def test_who_does_not_take_an_answer_is_cut(self, api: ApiProcess) -> None:
        request = api.head("GET", "/openapi.json")
        with api.connect(receive_buffer=4096) as sock:
            sock.sendall(request * 100)
            until = time.monotonic() + 30
            while time.monotonic() < until and api.holds(sock):
                time.sleep(0.1)
            assert not api.holds(sock)

    def _trickle(
        self, sock: socket.socket, *, piece: bytes, every_sec: float, at_most_sec: float
    ) -> Answer:
        until = time.monotonic() + at_most_sec
        while time.monotonic() < until:
            try:
                sock.sendall(piece)
            except OSError:
                break
            answer = receive(sock, seconds=every_sec)
            if answer.received:
                return answer
        return receive(sock, seconds=1)


PATHS = ["/", "/lectures", "/a%0Ab", "/%0A", "/lectures/%0A", "/lectures/x%0D%0Ay", "/robots.txt",
         "/favicon.ico", "/%00", "/%ff%fe", "/lectures/%c3%28", "//", "/..", "/lectures/..%2f..",
         "/lectures/" + "x" * 5000, "/lectures?limit=%ff&cursor=%00", "/lectures?q=%0a",
         "http://elsewhere.test/lectures", "http://elsewhere.test", "/lectures;x=1", "/%", "/%zz",
         "/?%0a"]  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
           "PROPFIND", "BREW", "M-SEARCH"]  # fmt: skip
HEADERS = [
    {},
    {"X_Request_Id": "\xff\xfe"},
    {"X_Request_Id": "a" * 4000},
    {"X_Forwarded_For": "999.1.1.1, \xff, ,"},
    {"traceparent": "00-zz"},
    {"Accept_Encoding": "\xe9"},
    {"Content_Type": "application/json; charset=nothing"},
    {"Content_Type": "multipart/form-data"},
    {"Content_Type": "multipart/form-data; boundary=\xff"},
    {"If_None_Match": '"' * 50},
    {"Idempotency_Key": "\x80"},
    {"Cookie": "=;" * 2000},
    {"Range": "bytes=a-b"},
    {"Authorization": "Bearer \xff"},
    {"Authorization": "Negotiate " + "A" * 7000},
    {"Expect": "100-continue"},
]
BODIES = [
    b"",
    b"Content-Length: 5\r\n\r\n{\xff\xfe\x00}",
    b"Content-Length: 2\r\n\r\n{}",
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n2;=\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}}}}0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 10_000,
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n",
]
MALFORMED_HEADS = [
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET\r\n\r\n",
    b"\x00\xff\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    b"GET / HTTP/1.1\r\nBad Name: a\r\n\r\n",
    b"get / HTTP/1.1\r\n\r\n",
]


class TestMalformed:
    def test_whatever_reaches_the_api_is_answered_by_it(
        self, api: ApiProcess, token: str, issuer: Issuer
    ) -> None:
        operator = issuer.operator_token()
        chosen = random.Random(8)  # noqa: S311 - the same requests each time
        for _ in range(150):
            method, path = chosen.choice(METHODS), chosen.choice(PATHS)
            headers, body = chosen.choice(HEADERS), chosen.choice(BODIES)
            head = api.head(
                method,
                path,
                token=chosen.choice([None, token, operator, STATIC_TOKEN]),
                Connection="close",
                **headers,
            )
            request = head.removesuffix(b"\r\n") + (body or b"\r\n")
            answer = api.ask(request)
            received = answer.received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
            answer = Answer(received, answer.closed)
            told = (request[:200], body[:60], received[:300])
            assert answer.closed, told
            assert answer.status < 500, told
            assert "x-request-id: " in answer.head, told
            if answer.status >= 400 and method != "HEAD":
                problem(answer)

    def test_a_body_that_cannot_be_decoded_is_the_clients_fault(
        self, api: ApiProcess, token: str
    ) -> None:
        for body in BODIES[4:]:
            if b"a=b" in body:
                continue
            head = api.head("POST", "/lectures/ingest", token=token, **JSON)
            answer = api.ask(head.removesuffix(b"\r\n") + body)
            assert problem(answer)[0] in (400, 408), (body[:60], answer.received[:300])
            assert answer.closed

    def test_a_line_break_in_a_path_does_not_pass_the_check_of_the_caller(
        self, api: ApiProcess, token: str
    ) -> None:
        for path in ("/a%0Ab", "/lectures/%0A", "/robots.txt", "/favicon.ico", "/%00"):
            head = api.head("GET", path, Connection="close")
            assert problem(api.ask(head)) == (401, "unauthorized")
            head = api.head("GET", path, token=token, Connection="close")
            assert problem(api.ask(head)) == (404, "not_found")

    def test_what_the_server_itself_refuses_is_no_error_of_the_server(
        self, api: ApiProcess
    ) -> None:
        for head in MALFORMED_HEADS:
            answer = api.ask(head)
            assert 400 <= answer.status < 500, (head[:60], answer.received[:200])
            assert answer.closed
        assert api.ask(api.head("GET", "/health", Connection="close")).status == 200
