"""A server of the suite's own, on a thread; its clients may be killed at any moment."""

import socketserver
import threading
from typing import Any


class Bears:
    """For a server class: a client that is gone is no error, that is what it is there for."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        return None


class HttpServerThread:
    """Start and stop of `_server`."""

    _server: socketserver.TCPServer
    _thread: threading.Thread

    @property
    def port(self) -> int:
        port: int = self._server.server_address[1]
        return port

    def start(self) -> None:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
