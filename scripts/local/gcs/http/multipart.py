"""The body of a multipart upload (RFC 2387): the object's resource, then its bytes."""

import json
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.messages import Body

MAX_HEAD_BYTES = 1024 * 1024
"""Most that may stand before the bytes: the resource and two sets of headers."""


def read_multipart(body: Body, content_type: str, path: Path) -> tuple[object, str | None]:
    """Write the second part to `path`; return the first, and the second's content type.

    Raises StorageError if the body is not made of these two parts.
    """
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary()
    if not boundary:
        raise _malformed("no boundary is given")
    mark = b"--" + boundary.encode()
    head = _Head(body)
    head.until(mark)
    # gcloud ends its lines with a bare line feed, and the real service takes that.
    end = head.line_end()
    head.until(end + end)
    resource_text = head.until(end + mark)
    media_headers = BytesParser().parsebytes(head.until(end + end).lstrip(), headersonly=True)
    try:
        resource = json.loads(resource_text)
    except ValueError as error:
        raise _malformed("the first part is not JSON") from error
    _write_media(head.rest, body, end + mark + b"--", path)
    return resource, media_headers.get("content-type")


class _Head:
    """The part of the body that is read into memory."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.rest = b""

    def line_end(self) -> bytes:
        """How the line ends that begins here."""
        self._read_to(b"\n")
        return b"\r\n" if self.rest.partition(b"\n")[0].endswith(b"\r") else b"\n"

    def until(self, mark: bytes) -> bytes:
        self._read_to(mark)
        found, _, self.rest = self.rest.partition(mark)
        return found

    def _read_to(self, mark: bytes) -> None:
        while mark not in self.rest:
            piece = self._body.read()
            if not piece or len(self.rest) > MAX_HEAD_BYTES:
                raise _malformed("a part is missing")
            self.rest += piece


def _write_media(first: bytes, body: Body, end_mark: bytes, path: Path) -> None:
    with path.open("w+b") as file:
        file.write(first)
        while block := body.read():
            file.write(block)
        # The bytes run up to the closing mark, which may be followed by one line end.
        size = file.tell()
        file.seek(max(0, size - len(end_mark) - 2))
        tail = file.read()
        position = tail.rfind(end_mark)
        if position < 0 or tail[position + len(end_mark) :].strip(b"\r\n"):
            raise _malformed("the closing boundary is missing")
        file.truncate(size - len(tail) + position)


def _malformed(why: str) -> StorageError:
    return StorageError(Refusal.INVALID, f"Malformed multipart body: {why}.")
