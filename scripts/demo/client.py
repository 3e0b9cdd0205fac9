"""A client of the API as a phone app would have it: plain HTTP, nothing of Pegasus imported."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

CHUNK_BYTES = 256 * 1024
"""Cloud Storage takes chunks of multiples of this."""
TIMEOUT_SEC = 60
STALLED_CHUNKS = 5
"""So many chunks in a row of which nothing arrived end an upload."""

Json = dict[str, Any]


class ApiError(Exception):
    """The API answered with a problem document."""


class Client:
    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()

    def get(self, path: str) -> Json:
        return self._json(self._http.get(f"{self._url}{path}", timeout=TIMEOUT_SEC))

    def post(self, path: str, body: Json) -> Json:
        return self._json(self._http.post(f"{self._url}{path}", json=body, timeout=TIMEOUT_SEC))

    def download(self, path: str) -> bytes:
        response = self._http.get(f"{self._url}{path}", timeout=TIMEOUT_SEC)
        response.raise_for_status()
        return response.content

    def close(self) -> None:
        self._http.close()

    @staticmethod
    def _json(response: requests.Response) -> Json:
        answer: Json = response.json()
        if not response.ok:
            raise ApiError(f"{answer.get('code')}: {answer.get('detail')}")
        return answer


class Upload:
    """One resumable upload: a session that takes the file in chunks and outlives connections."""

    def __init__(self, upload: Json, file: Path) -> None:
        """`upload` is the API's answer: a signed URL and the headers that go with it."""
        start = requests.request(
            upload["method"], upload["url"], headers=upload["headers"], timeout=TIMEOUT_SEC
        )
        start.raise_for_status()
        self._session = start.headers["Location"]
        self._file = file
        self._size = file.stat().st_size

    def send(
        self, *, break_once: bool = False, on_break: Callable[[int], None] = lambda _: None
    ) -> Iterator[int]:
        """Send what is missing, chunk by chunk; yields the bytes that have arrived.

        With `break_once` the connection is cut in the middle of a chunk, once; what has
        arrived by then is asked for and the upload continues from there. Raises ApiError if
        nothing more arrives.
        """
        sent, stalled = 0, 0
        while sent < self._size or self._size == 0:
            chunk = self._chunk(sent)
            if break_once and sent + len(chunk) >= self._size / 2:
                break_once = False
                self._break_connection(sent, chunk)
                sent = self.received()
                on_break(sent)
                continue
            before, sent = sent, self._put(sent, chunk)
            stalled = 0 if sent > before else stalled + 1
            if stalled == STALLED_CHUNKS:
                raise ApiError(f"the upload does not get beyond {sent} of {self._size} bytes")
            yield sent
            if self._size == 0:
                return

    def received(self) -> int:
        """Ask how many bytes have arrived."""
        answer = requests.put(
            self._session,
            headers={"Content-Range": f"bytes */{self._size}", "Content-Length": "0"},
            timeout=TIMEOUT_SEC,
        )
        return self._position(answer)

    def _chunk(self, start: int) -> bytes:
        with self._file.open("rb") as stream:
            stream.seek(start)
            return stream.read(CHUNK_BYTES)

    def _put(self, start: int, chunk: bytes) -> int:
        answer = requests.put(
            self._session, data=chunk, headers=self._headers(start, chunk), timeout=TIMEOUT_SEC
        )
        return self._position(answer)

    def _headers(self, start: int, chunk: bytes) -> dict[str, str]:
        span = f"{start}-{start + len(chunk) - 1}" if chunk else "*"
        return {
            "Content-Range": f"bytes {span}/{self._size}",
            "Content-Length": str(len(chunk)),
        }

    def _position(self, answer: requests.Response) -> int:
        if answer.status_code == 308:
            if (reached := re.fullmatch(r"bytes=0-(\d+)", answer.headers.get("Range", ""))) is None:
                return 0
            return int(reached[1]) + 1
        answer.raise_for_status()
        return self._size

    def _break_connection(self, start: int, chunk: bytes) -> None:
        """Begin to send a chunk as an HTTP client would, and vanish half-way."""
        address = urlsplit(self._session)
        lines = [f"PUT {address.path}?{address.query} HTTP/1.1", f"Host: {address.netloc}"]
        lines += [f"{name}: {value}" for name, value in self._headers(start, chunk).items()]
        head = "\r\n".join([*lines, "", ""]).encode()
        with socket.create_connection((str(address.hostname), address.port or 80)) as line:
            line.sendall(head + chunk[: len(chunk) // 2])
