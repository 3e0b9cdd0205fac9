"""Faults between a client and the bucket, injected by tests.

A test stands between the two and sees every request; what it does with it is its own:

    StorageServer(..., between=lambda request, answer: refused(request, Refusal.SUPERSEDED))
    StorageServer(..., between=lambda request, answer: half(answer(request)))
"""

from collections.abc import Callable
from dataclasses import replace

from scripts.local.gcs.errors import BrokenConnectionError, Refusal, StorageError
from scripts.local.gcs.http.messages import Body, FileSlice, Request, Response

JSON_API = ("/storage/v1/", "/download/storage/v1/", "/upload/storage/v1/")

Answer = Callable[[Request], Response]
Between = Callable[[Request, Answer], Response]
"""Gets a request and the bucket's own way to answer it; called from several threads."""


def undisturbed(request: Request, answer: Answer) -> Response:
    return answer(request)


def refused(request: Request, refusal: Refusal) -> Response:
    """The bucket refuses, and has done nothing."""
    return refusal_of(request, StorageError(refusal, "Refused, as a test wanted it."))


def refusal_of(request: Request, error: StorageError) -> Response:
    """In the words of the API that was spoken to."""
    status = error.refusal.status
    if status == 304:
        return Response(status, error.headers)
    if request.path.startswith(JSON_API):
        content_type, body = "application/json; charset=UTF-8", error.as_json()
    else:
        content_type, body = "application/xml; charset=UTF-8", error.as_xml()
    return Response(status, {"Content-Type": content_type, **error.headers}, body)


def lost(response: Response) -> Response:
    """The bucket has performed the request, and the answer is lost on the way back."""
    if isinstance(response.body, FileSlice):
        response.body.file.close()
    raise BrokenConnectionError


def half(response: Response) -> Response:
    """The connection breaks off in the middle of the answer."""
    return replace(response, breaks_off=True)


def half_sent(request: Request) -> Request:
    """The connection breaks off in the middle of what the client sends."""
    return replace(request, body=_HalfBody(request.body))


class _HalfBody(Body):
    def __init__(self, whole: Body) -> None:
        self._whole = whole
        self.length = whole.length
        self._left = (whole.length or 0) // 2

    def read(self, limit: int = 1 << 18) -> bytes:
        if self._left == 0:
            raise BrokenConnectionError
        piece = self._whole.read(min(limit, self._left))
        self._left -= len(piece)
        return piece
