"""The parts of a `multipart/form-data` body, while it is being read."""

from collections.abc import Generator
from typing import IO

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from shared.errors import InvalidRequestError

CHUNK_BYTES = 1 << 16
MAX_PARTS = 30

Events = Generator[MultipartSegment | bytes | None, None, None]
"""Of each part its head, its content in pieces, and None at its end."""


def multipart_events(stream: IO[bytes], boundary: bytes) -> Events:
    """What the body consists of. Memory is that of two chunks.

    Raises InvalidRequestError, where the body breaks off too, and what `stream` raises.
    """
    parser = PushMultipartParser(
        boundary,
        max_segment_count=MAX_PARTS,
        # In the heads of parts only names of fields and media types matter, which are ASCII. A
        # file's name, which may be in any encoding, must not cost the form.
        header_charset="latin-1",
    )
    try:
        while chunk := stream.read(CHUNK_BYTES):
            yield from parser.parse(chunk)
    except ParserLimitReached as error:
        raise InvalidRequestError("The form has too many parts or too long a head.") from error
    except MultipartError as error:
        raise InvalidRequestError("The form cannot be read.") from error
    try:
        parser.close()
    except MultipartError as error:
        raise InvalidRequestError("The form breaks off before its end.") from error
