"""A request's body: slots while it arrives, its end, and sockets that are overdue."""

import io
import socket
import threading
from collections.abc import Mapping

import pytest
from werkzeug.exceptions import BadRequest

from functions.ingest.admission.handling import Slot, Slots
from functions.ingest.web.deadlines import Deadlines
from functions.ingest.web.request_body import PIECE_BYTES, RequestBody
from shared.errors import BodyTooSlowError, TransientError

CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}


class Ticker:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def body_of(
    data: bytes | io.RawIOBase,
    *,
    slot: Slot | None = None,
    large: Slots | None = None,
    sock: socket.socket | None = None,
    deadlines: Deadlines | None = None,
    environ: Mapping[str, str] | None = None,
) -> RequestBody:
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    length = {"CONTENT_LENGTH": str(len(data))} if isinstance(data, bytes) else {}
    return RequestBody(
        {"wsgi.input": stream, **length, **(environ or {})},
        sock=sock,
        slot=slot or Slot(Slots(1)),
        large=large or Slots(1, wait_sec=0),
        deadlines=deadlines or Deadlines(),
        longest_sec=100,
        piece_sec=10,
    )


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES + 7])
@pytest.mark.parametrize("environ", [{}, CHUNKED], ids=["length", "chunked"])
def test_all_of_a_body_is_read(size: int, environ: dict[str, str]) -> None:
    data = bytes(index % 251 for index in range(size))

    whole = body_of(data, environ=environ)
    assert whole.read() == data
    assert whole.read() == b""
    assert not whole.pending

    parts = body_of(data, environ=environ)
    assert b"".join(iter(lambda: parts.read(1000), b"")) == data
    assert not parts.pending


def test_one_that_ends_early_is_the_clients_fault() -> None:
    body = body_of(b"{}", environ={"CONTENT_LENGTH": "3"})

    with pytest.raises(BadRequest):
        body.read()
    assert body.pending


@pytest.mark.parametrize("length", ["", "nothing", "-5"])
def test_what_announces_no_body_has_none(length: str) -> None:
    body = body_of(b"GET /", environ={"CONTENT_LENGTH": length})

    assert body.read() == b""
    assert not body.pending


def test_no_slot_is_held_while_it_arrives() -> None:
    slots = Slots(1, wait_sec=0)
    slot = Slot(slots)
    taken: list[bool] = []

    class Client(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            # What another request could do at this moment.
            other = Slot(slots)
            other.acquire()
            other.release()
            taken.append(True)
            return b"{}"

    slot.acquire()
    body_of(Client(), slot=slot, environ={"CONTENT_LENGTH": "2"}).read()

    assert taken == [True]
    with pytest.raises(TransientError):
        slots.take()


def test_large_bodies_are_received_a_few_at_a_time() -> None:
    large = Slots(2, wait_sec=0)
    first, second, third = (body_of(bytes(2 * PIECE_BYTES), large=large) for _ in range(3))
    small = body_of(bytes(PIECE_BYTES), large=large)
    first.read()
    second.read()

    with pytest.raises(TransientError):
        third.read()
    assert len(small.read()) == PIECE_BYTES
    first.close()
    first.close()
    assert len(body_of(bytes(2 * PIECE_BYTES), large=large).read()) == 2 * PIECE_BYTES
    with pytest.raises(TransientError):
        large.take()


def test_what_is_overdue_is_shut_and_what_is_over_is_left_alone() -> None:
    clock = Ticker()
    deadlines = Deadlines(clock=clock)
    (ours, theirs), (other, others) = socket.socketpair(), socket.socketpair()
    with ours, theirs, other, others:
        with deadlines.limit(other, 5, socket.SHUT_RDWR):
            pass
        with deadlines.limit(ours, 10, socket.SHUT_RD) as limit:
            clock.now = 9
            deadlines.enforce()
            assert limit is not None
            seen = [limit.expired]
            clock.now = 10
            deadlines.enforce()
            assert [*seen, limit.expired] == [False, True]
            assert ours.recv(1) == b""
        ours.sendall(b"answer")
        assert theirs.recv(10) == b"answer"
        others.sendall(b"next")
        assert other.recv(10) == b"next"


def test_a_read_that_is_overdue_ends_in_its_error() -> None:
    clock = Ticker()
    deadlines = Deadlines(clock=clock)
    ours, theirs = socket.socketpair()
    reading = threading.Event()

    class Client(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            reading.set()
            return ours.recv(size)

    def late() -> None:
        reading.wait(10)
        clock.now = 11

    with ours, theirs:
        helper = threading.Thread(target=late)
        helper.start()
        body = body_of(Client(), sock=ours, deadlines=deadlines, environ={"CONTENT_LENGTH": "5"})
        with pytest.raises(BodyTooSlowError):
            body.read()
        helper.join()
        assert body.pending
        assert body.read() == b""
