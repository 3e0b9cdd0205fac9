"""Answers in gzip, for clients that accept it. Cloud Run's front end does not compress."""

import gzip

from flask import Request, Response

LEAST_BYTES = 1024
"""Of a smaller answer little would be saved."""
LEVEL = 5
"""Of a transcript of 90 minutes with all words 1.2 MB become 0.3 MB, in 20 ms."""
_MEDIA_TYPES = frozenset({"application/json", "application/problem+json", "text/html"})


def compress(request: Request, response: Response) -> None:
    """The answer as gzip where that is accepted and worth it. Streams stay as they are."""
    if response.mimetype not in _MEDIA_TYPES or response.is_streamed:
        return
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if (
        len(body) < LEAST_BYTES
        or "Content-Encoding" in response.headers
        or not request.accept_encodings["gzip"]
    ):
        return
    # Without a time in its header the same answer has the same bytes.
    response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag is not None:
        # The same content in other bytes.
        response.set_etag(etag, weak=True)
