"""The WSGI front of the API: which resources slow clients may hold, and for how long.

Around the Flask application it bounds the time that a body takes to arrive and an answer to
be taken, gives the handling slot back meanwhile, and closes connections whose body was not
read. It stands in front of the functions framework's own application too: that one reads
every body to its end before it answers, and answers some paths itself.
"""

import socket
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import Any

from functions.ingest.admission.handling import SLOT, Slot, Slots
from functions.ingest.web.deadlines import Deadlines
from functions.ingest.web.request_body import LARGE_BODIES_AT_ONCE, PIECE_BYTES, RequestBody
from shared.config import Settings

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LINGER_SEC = 2.0
LINGER_BYTES = 1 << 16
"""How long and how far a closing connection is read, so that the client gets the answer to a
body it is still sending (RFC 9112, 9.6)."""


class Front:
    def __init__(self, app: WsgiApp, settings: Settings) -> None:
        self._app = app
        self._slots = Slots(settings.plc_handled_at_once)
        self._large_bodies = Slots(LARGE_BODIES_AT_ONCE, wait_sec=0)
        self._deadlines = Deadlines()
        self._longest_sec = settings.plc_body_timeout_sec
        self._piece_sec = PIECE_BYTES / settings.plc_body_min_bytes_per_sec

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        sock = environ.get("gunicorn.socket")
        slot = Slot(self._slots)
        body = RequestBody(
            environ,
            sock=sock,
            slot=slot,
            large=self._large_bodies,
            deadlines=self._deadlines,
            longest_sec=self._longest_sec,
            piece_sec=self._piece_sec,
        )
        closing = _closes(environ)

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal closing
            if status < "4":
                with suppress(Exception):
                    body.drain()
            if body.pending:
                closing = True
                _announce_close(start_response)
            return start_response(status, headers, exc_info)

        environ["wsgi.input"] = body
        environ[SLOT] = slot
        try:
            answer = self._app(environ, begin)
        finally:
            slot.release()
            body.close()
        return _Answer(
            answer,
            sock=sock,
            deadlines=self._deadlines,
            piece_sec=self._piece_sec,
            linger=lambda: closing,
        )


class _Answer(Iterator[bytes]):
    """Gives an answer out in pieces, each of which the client has to take in time."""

    def __init__(
        self,
        answer: Iterable[bytes],
        *,
        sock: socket.socket | None,
        deadlines: Deadlines,
        piece_sec: float,
        linger: Callable[[], bool],
    ) -> None:
        self._answer = answer
        self._sock = sock
        self._linger = linger
        self._pieces: Generator[bytes, None, None] = self._watched(deadlines, piece_sec)

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self._pieces.close()
        if close := getattr(self._answer, "close", None):
            close()
        if self._sock is not None and self._linger():
            _linger(self._sock)

    def _watched(self, deadlines: Deadlines, piece_sec: float) -> Generator[bytes, None, None]:
        for item in self._answer:
            for at in range(0, len(item), PIECE_BYTES):
                # The server sends it while this stands still.
                with deadlines.limit(self._sock, piece_sec, socket.SHUT_RDWR):
                    yield item[at : at + PIECE_BYTES]


def _closes(environ: dict[str, Any]) -> bool:
    """Whether the client wants the connection closed after this answer."""
    wanted = environ.get("HTTP_CONNECTION", "").strip().lower()
    if environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return bool(wanted != "keep-alive")
    return bool(wanted == "close" or environ["REQUEST_METHOD"] == "CONNECT")


def _announce_close(start_response: Callable[..., Any]) -> None:
    """Have the server answer `Connection: close`.

    A WSGI application must not send that header (PEP 3333), and gunicorn drops it; its
    response, whose method `start_response` is, can be asked.
    """
    response = getattr(start_response, "__self__", None)
    if force_close := getattr(response, "force_close", None):
        force_close()


def _linger(sock: socket.socket) -> None:
    """Read on for a moment, then shut the connection.

    Gunicorn does the same after this, but in the one thread that accepts connections: a
    client that does not close its end would stop the server for two seconds. Of a socket
    that is shut it reads nothing.
    """
    until = time.monotonic() + LINGER_SEC
    left = LINGER_BYTES
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while left > 0 and (seconds := until - time.monotonic()) > 0:
            sock.settimeout(seconds)
            data = sock.recv(left)
            if not data:
                break
            left -= len(data)
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RD)
