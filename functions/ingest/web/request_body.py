"""A request's body as it arrives: with a least rate, a deadline, and errors of its own."""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import BadRequest

from functions.ingest.admission.handling import Slot, Slots
from functions.ingest.web.deadlines import Deadlines
from shared.errors import BodyTooSlowError
from shared.log import log

MAX_BODY_BYTES = 32 << 20
"""What Cloud Run lets through in one request."""
PIECE_BYTES = 1 << 16
"""Read, and sent, at a time. Each piece has its own deadline, which makes a least rate."""
LARGE_BODIES_AT_ONCE = 40
"""Bodies beyond one piece that an instance receives at a time. Each takes up to 3 MiB of memory:
JSON of 1 MiB, or a recording's chunk on its way to storage."""
DRAIN_BYTES = 1 << 16
"""Of a body that nothing has read: more is not worth the connection."""


class RequestBody:
    """Takes the place of `wsgi.input`.

    Reading raises BodyTooSlowError, BadRequest for a body that cannot be decoded or that ends
    before its announced length, and TransientError while too many large ones arrive.
    """

    def __init__(
        self,
        environ: Mapping[str, Any],
        *,
        sock: socket.socket | None,
        slot: Slot,
        large: Slots,
        deadlines: Deadlines,
        longest_sec: float,
        piece_sec: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = environ["wsgi.input"]
        self._announced = _announced(environ)
        self._received = 0
        self._sock = sock
        self._slot = slot
        self._large = Slot(large)
        self._deadlines = deadlines
        self._piece_sec = piece_sec
        self._clock = clock
        self._due = clock() + longest_sec
        self._failed = False
        self._ended = self._announced == 0

    @property
    def pending(self) -> bool:
        """Whether bytes of it may still be on the connection, which then serves no other."""
        return self._failed or not self._ended

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = size if size is not None and size >= 0 else None
        data = bytearray()
        while wanted is None or len(data) < wanted:
            most = PIECE_BYTES if wanted is None else min(PIECE_BYTES, wanted - len(data))
            piece = self._read_piece(most)
            if not piece:
                break
            data += piece
        return bytes(data)

    def drain(self) -> None:
        """Read what the handler had no use for, if it is little."""
        if self.pending and not self._failed and (self._announced or 0) <= DRAIN_BYTES:
            self.read(DRAIN_BYTES)

    def close(self) -> None:
        """The request is over."""
        self._large.release()

    def _read_piece(self, most: int) -> bytes:
        if self._ended or self._failed:
            return b""
        if self._received >= PIECE_BYTES:
            self._large.acquire()
        seconds = min(self._piece_sec, self._due - self._clock())
        failure: Exception | None = None
        data = b""
        with (
            self._slot.given_up(),
            self._deadlines.limit(self._sock, seconds, socket.SHUT_RD) as limit,
        ):
            try:
                data = self._stream.read(most)
            except Exception as error:
                # Each server has its own for a body that cannot be decoded.
                failure = error
        if limit is not None and limit.expired:
            self._failed = True
            raise BodyTooSlowError()
        if failure is not None:
            self._failed = True
            log.info("body.unreadable", kind=type(failure).__name__)
            raise BadRequest("The request body cannot be read.") from failure
        self._received += len(data)
        if self._announced is None:
            self._ended = len(data) < most
        else:
            self._ended = self._received >= self._announced
            if not data and not self._ended:
                self._failed = True
                raise BadRequest("The request body ends before its announced length.")
        return data


def _announced(environ: Mapping[str, Any]) -> int | None:
    """The body's length in bytes; None for a chunked one, which ends by its own word."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
