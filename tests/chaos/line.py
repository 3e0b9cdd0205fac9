"""The line between the functions' processes and the storm: at each named point they ask
what shall happen, and are told."""

import json
import socket
import socketserver
import threading
import time
from typing import Any

from scripts.local.ports import HOST
from tests.chaos.listening import Bears, Listening
from tests.chaos.storm import Storm

Json = dict[str, Any]
CLOCK = "clock"
"""No point, but the question what time it is."""
CLOCK_KEPT_SEC = 0.5


class StormLine(Listening):
    """Answers processes: `{point, work, function}` → `{do, sec, clock}`.

    `do` is `go`, `die`, `fail`, or `wait` for `sec` seconds; `clock` is by how many seconds
    that function's clock is wrong.
    """

    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self.clocks: dict[str, float] = {}
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
        if fault is None:
            return {"do": "go", "sec": 0.0, "clock": clock}
        return {"do": fault.kind, "sec": fault.size, "clock": clock}


class PointsFromLine:
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
        """What shall happen here; `go` where nobody answers any more."""
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
