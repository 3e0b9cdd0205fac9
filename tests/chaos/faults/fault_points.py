"""The line between the functions' processes and the storm: at each named point they ask
what shall happen, and are told."""

import json
import socket
import socketserver
import threading
import time
from typing import Any

from scripts.local.ports import HOST
from tests.chaos.faults.schedule import Storm
from tests.chaos.standins.http_server import Bears, HttpServerThread

Json = dict[str, Any]
CLOCK = "clock"
"""No point, but the question what time it is."""
CLOCK_KEPT_SEC = 0.5
LONGEST_WAIT_SEC = 3.0
LONGEST_STALL_SEC = 25.0
"""Less than a process waits for an answer."""
AFTER_STALL_SEC = 2.0
"""Others have passed the point, and end their work in this time."""


class FaultPointServer(HttpServerThread):
    """Answers processes: `{point, work, function}` → `{do, sec, clock}`.

    `do` is `go`, `die`, `fail`, or `wait` for `sec` seconds; `clock` is by how many seconds
    that function's clock is wrong. In a `stall` whoever is first at a point with a piece of
    work waits until somebody else has done the work.
    """

    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self.clocks: dict[str, float] = {}
        self._stalled: dict[str, threading.Event] = {}
        line = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for asked in self.rfile:
                    answer = line.answer(json.loads(asked))
                    self.wfile.write(json.dumps(answer).encode() + b"\n")

        class Server(Bears, socketserver.ThreadingTCPServer):
            allow_reuse_address = True

        self._server = Server((HOST, 0), Handler)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def answer(self, asked: Json) -> Json:
        point, work, function = asked["point"], asked["work"], asked["function"]
        clock = self.clocks.get(function, 0.0)
        if point == CLOCK:
            return {"do": "go", "sec": 0.0, "clock": clock}
        here = f"{point} {work}"
        self._storm.mended(here, f"work {work}", f"function {function}", "database")
        fault = self._storm.befalls("point", point, mended_by=here)
        if (others := self._stalled.get(here)) is not None:
            others.set()
            return {"do": "go", "sec": 0.0, "clock": clock}
        if fault is None:
            return {"do": "go", "sec": 0.0, "clock": clock}
        if fault.kind == "stall":
            self._stalled[here] = threading.Event()
            self._stalled[here].wait(LONGEST_STALL_SEC)
            return {"do": "wait", "sec": AFTER_STALL_SEC, "clock": clock}
        return {"do": fault.kind, "sec": fault.size * LONGEST_WAIT_SEC, "clock": clock}


class RemoteFaultPoints:
    """A process's end of the line; made anew in each process and thread, as sockets must be."""

    def __init__(self, address: str, function: str) -> None:
        self._host, _, port = address.partition(":")
        self._port = int(port)
        self._function = function
        self._own = threading.local()
        self._clock_sec = 0.0
        self._asked_at = 0.0

    def clock_sec(self) -> float:
        """By how many seconds this process's clock is wrong; at most half a second old."""
        if time.monotonic() - self._asked_at > CLOCK_KEPT_SEC:
            self.ask(CLOCK, "")
        return self._clock_sec

    def ask(self, point: str, work: str) -> Json:
        """What shall happen here; `go` where the server of faults has ended."""
        asked = {"point": point, "work": work, "function": self._function}
        try:
            stream = self._stream()
            stream.write(json.dumps(asked).encode() + b"\n")
            stream.flush()
            answer: Json = json.loads(stream.readline())
        except (OSError, ValueError):
            self._own.stream = None
            return {"do": "go", "sec": 0.0, "clock": 0.0}
        self._clock_sec, self._asked_at = answer["clock"], time.monotonic()
        return answer

    def _stream(self) -> Any:
        if getattr(self._own, "stream", None) is None:
            line = socket.create_connection((self._host, self._port), timeout=30)
            self._own.stream = line.makefile("rwb")
        return self._own.stream
