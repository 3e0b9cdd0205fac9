"""One HTTP request to a function: with its caller's token and a deadline, cut off from outside if
need be."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

_CONNECT_SECONDS = 10.0

SignToken = Callable[[str, str], str | None]
"""(audience, service account's address) → a signed JWT, or None for no token: the OIDC token with
which Google's services authenticate to a function."""


def authorization(sign_token: SignToken | None, *, audience: str, email: str) -> dict[str, str]:
    """The header that carries the token; empty without an account or a signer."""
    token = sign_token(audience, email) if sign_token and email else None
    return {"Authorization": f"Bearer {token}"} if token else {}


@dataclass(frozen=True)
class PushRequest:
    url: str
    headers: Mapping[str, str]
    body: bytes
    deadline_seconds: float
    method: str = "POST"


@dataclass(frozen=True)
class Outcome:
    """What became of a request. `status` is None when no whole answer came."""

    status: int | None
    reason: str
    retry_after: str | None = None
    seconds: float = 0.0
    """How long it took."""


class HttpPusher:
    """Sends requests on connections of their own.

    A function is killed and restarted while the stack runs; a connection kept from
    before would fail the first delivery to its successor.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False

    def send(self, request: PushRequest) -> Outcome:
        started = time.monotonic()
        outcome = self._exchange(request, started)
        return replace(outcome, seconds=time.monotonic() - started)

    def _exchange(self, request: PushRequest, started: float) -> Outcome:
        parts = urlsplit(request.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = HTTPConnection(
            parts.hostname or "",
            parts.port,
            timeout=min(_CONNECT_SECONDS, request.deadline_seconds),
        )
        try:
            connection.connect()
            with self._cuttable(connection.sock):
                connection.sock.settimeout(request.deadline_seconds)
                connection.request(request.method, target, request.body, dict(request.headers))
                spent = time.monotonic() - started
                connection.sock.settimeout(max(0.001, request.deadline_seconds - spent))
                response = connection.getresponse()
                response.read()
                return Outcome(response.status, response.reason, response.getheader("Retry-After"))
        except TimeoutError:
            return Outcome(None, "deadline exceeded")
        except (OSError, HTTPException, ValueError) as error:
            return Outcome(None, f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    def cut(self) -> None:
        """Break every request in progress and refuse new ones."""
        with self._lock:
            self._closed = True
            for connected in self._open:
                with contextlib.suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _cuttable(self, connected: socket.socket) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("the sender is stopping")
            self._open.add(connected)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connected)
