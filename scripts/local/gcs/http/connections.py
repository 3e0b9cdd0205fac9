"""The HTTP server: connections, threads, keep-alive.

Python's own `http.server`, because a handler there sees the bytes of a request as
they arrive; that is what lets an upload that breaks off keep what came through.
"""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from typing import Any, cast

from scripts.local.gcs.errors import BrokenConnectionError
from scripts.local.gcs.http.messages import BLOCK_BYTES, Body, FileSlice, Request, Response

_log = logging.getLogger(__name__)


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handle: Callable[[Request], Response]) -> None:
        super().__init__((host, port), _Handler)
        self.handle_message = handle
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.exception("connection from %s failed", client_address)

    def close_connections(self) -> None:
        """End kept-alive connections and requests in progress; wait until they have ended."""
        with self._changed:
            for connection in self._open:
                with suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "UploadServer"
    sys_version = ""
    disable_nagle_algorithm = True  # an answer goes out in two writes, headers and body

    def _serve(self) -> None:
        server = cast(HttpServer, self.server)
        length = _body_length(self)
        body = Body(cast(BufferedReader, self.rfile), length)
        host = self.headers.get("Host") or "{}:{}".format(*server.server_address[:2])
        request = Request(self.command, self.path, self.headers, body, f"http://{host}")
        try:
            response = server.handle_message(request)
            try:
                self._send(response)
            finally:
                if isinstance(response.body, FileSlice):
                    response.body.file.close()
            body.drain()
        except (BrokenConnectionError, ConnectionError):
            self.close_connection = True

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            # http.server writes Latin-1; this puts UTF-8 on the wire, and no line ends.
            self.send_header(name, " ".join(value.splitlines()).encode().decode("latin-1"))
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(response.length))
        self.end_headers()
        if self.command == "HEAD":
            return
        body, to_send = response.body, response.length // (2 if response.breaks_off else 1)
        if isinstance(body, FileSlice):
            self._send_slice(FileSlice(body.file, body.start, to_send))
        else:
            self.wfile.write(body[:to_send])
        if response.breaks_off:
            raise BrokenConnectionError

    def _send_slice(self, part: FileSlice) -> None:
        part.file.seek(part.start)
        left = part.length
        while left and (block := part.file.read(min(left, BLOCK_BYTES))):
            self.wfile.write(block)
            left -= len(block)

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)


def _body_length(handler: BaseHTTPRequestHandler) -> int | None:
    """In bytes; None for a chunked body. An invalid length ends the connection."""
    if "chunked" in (handler.headers.get("Transfer-Encoding") or "").lower():
        return None
    length = handler.headers.get("Content-Length") or "0"
    if not length.isdigit():
        handler.close_connection = True
        return 0
    return int(length)
