"""A WSGI application that forwards each request to a server over a socket, byte for byte.

With it werkzeug's test client, and what is written for it, asks a process.
"""

import socket
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPResponse
from typing import Any

_ANSWERED_HERE = {"connection", "transfer-encoding", "keep-alive"}
_TIMEOUT_SEC = 60


class Forwarding:
    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        request = _head(environ) + environ["wsgi.input"].read(length)
        with socket.create_connection(self._address, timeout=_TIMEOUT_SEC) as connection:
            connection.sendall(request)
            answer = HTTPResponse(connection, method=environ["REQUEST_METHOD"])
            answer.begin()
            body = answer.read()
        headers = [each for each in answer.getheaders() if each[0].lower() not in _ANSWERED_HERE]
        start_response(f"{answer.status} {answer.reason}", headers)
        return [body]


def _head(environ: Mapping[str, Any]) -> bytes:
    lines = [f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']} HTTP/1.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in _headers(environ)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _headers(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name.removeprefix("HTTP_").replace("_", "-"), value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            yield name.replace("_", "-"), environ[name]
