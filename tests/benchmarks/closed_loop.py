"""A closed loop of requests: each connection sends its next one once the last is answered.

One thread over raw sockets, so that the client costs little beside what it measures.
"""

import selectors
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

HOST = "127.0.0.1"
UNIQUE = "0" * 32
"""In a request's body: replaced by what no other request has, of the same length."""
PATIENCE_SEC = 30
_RECEIVE_BYTES = 1 << 16
_END_OF_HEAD = b"\r\n\r\n"


class WrongAnswerError(Exception):
    """Not what the load expects: what was measured is not what was meant."""


@dataclass(frozen=True)
class Shot:
    """One request as bytes, and the status it must be answered with."""

    request: bytes
    status: int

    @classmethod
    def of(
        cls,
        method: str,
        path: str,
        *,
        status: int = 200,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> "Shot":
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return cls("\r\n".join(lines).encode() + _END_OF_HEAD + body, status)


@dataclass(frozen=True)
class Load:
    port: int
    shots: tuple[Shot, ...]
    """Sent in turn, over all connections."""
    connections: int
    seconds: float


@dataclass(frozen=True)
class Outcome:
    seconds: float
    latencies_ms: list[float]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies_ms) / self.seconds


def drive(load: Load) -> Outcome:
    """Raises WrongAnswerError, OSError."""
    shots = cycle(load.shots)
    latencies: list[float] = []
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(load.connections):
            connection = _Connection(load.port, shots)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        while selector.get_map():
            ready = selector.select(PATIENCE_SEC)
            if not ready:
                raise WrongAnswerError(f"no answer within {PATIENCE_SEC} s")
            for key, _ in ready:
                connection = key.data
                if not connection.receive():
                    continue
                now = time.perf_counter()
                latencies.append((now - connection.sent_at) * 1000)
                if now - began < load.seconds:
                    connection.send()
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
    return Outcome(time.perf_counter() - began, latencies)


class _Connection:
    def __init__(self, port: int, shots: Iterator[Shot]) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=PATIENCE_SEC)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._shots = shots
        self.send()

    def send(self) -> None:
        self._shot = next(self._shots)
        self._received = b""
        request = self._shot.request
        if UNIQUE.encode() in request:
            request = request.replace(UNIQUE.encode(), uuid.uuid4().hex.encode())
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Whether the answer is complete."""
        more = self.socket.recv(_RECEIVE_BYTES)
        self._received += more
        head, end, body = self._received.partition(_END_OF_HEAD)
        if not more:
            raise WrongAnswerError(f"connection closed after {self._received!r}")
        if not end:
            return False
        if int(head[9:12]) != self._shot.status:
            raise WrongAnswerError(self._received.decode(errors="replace"))
        return self._shot.status == 304 or len(body) >= _content_length(head)


def _content_length(head: bytes) -> int:
    _, named, rest = head.lower().partition(b"\r\ncontent-length:")
    if not named:
        raise WrongAnswerError("an answer without a length: " + head.decode(errors="replace"))
    return int(rest.partition(b"\r\n")[0])
