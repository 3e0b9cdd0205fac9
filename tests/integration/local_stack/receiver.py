"""A function's place in these tests: an HTTP server that remembers what it was sent."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

DEADLINE_SECONDS = 30.0


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Message
    body: bytes
    at: float
    """Seconds of the monotonic clock."""

    @property
    def envelope(self) -> Any:
        return json.loads(self.body)

    @property
    def message_id(self) -> str:
        return str(self.envelope["message"]["messageId"])


@dataclass(frozen=True)
class Answer:
    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)


class Receiver:
    """`answer` is called on the request's own thread and may block."""

    def __init__(
        self, answer: Callable[[Received], Answer] = lambda _: Answer(), *, port: int = 0
    ) -> None:
        self._answer = answer
        self._changed = threading.Condition()
        self._received: list[Received] = []
        self._under_way = 0
        self.most_under_way = 0
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def received(self, path: str | None = None) -> list[Received]:
        """In the order of arrival; those at `path` only, if given."""
        with self._changed:
            return [each for each in self._received if path in (None, each.path)]

    def wait_for(self, count: int, path: str | None = None) -> list[Received]:
        with self._changed:
            arrived = self._changed.wait_for(
                lambda: len(self.received(path)) >= count, DEADLINE_SECONDS
            )
            assert arrived, f"{len(self.received(path))} of {count} requests came"
            return self.received(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                received = Received(self.command, self.path, self.headers, body, time.monotonic())
                answer = receiver._take(received)
                self.send_response(answer.status)
                for name, value in {"Content-Length": "0", **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler

    def _take(self, received: Received) -> Answer:
        with self._changed:
            self._received.append(received)
            self._under_way += 1
            self.most_under_way = max(self.most_under_way, self._under_way)
            self._changed.notify_all()
        try:
            return self._answer(received)
        finally:
            with self._changed:
                self._under_way -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that gave up is no news here."""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """For what can only be asked, not waited on."""
    give_up = time.monotonic() + DEADLINE_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain until {what}"
        pause.wait(0.02)
