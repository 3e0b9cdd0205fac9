"""The parts of a `multipart/form-data` body, while it is being read."""

import re
from collections.abc import Generator
from typing import IO

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import NEED_DATA, Event, MultipartDecoder, State

from shared.errors import InvalidRequestError

CHUNK_BYTES = 1 << 16
MAX_PARTS = 30

# Shift JIS has a backslash as the second byte of a character; it escapes no quote there.
_NOT_ASCII = re.compile(rb"[\x80-\xff]\\?")

Events = Generator[Event, None, None]


class _Decoder(MultipartDecoder):
    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        """In the heads of parts only names of fields and media types matter, which are ASCII. A
        file's name, which may be in any encoding, must not cost the form."""
        try:
            data.decode()
        except UnicodeDecodeError:
            data = _NOT_ASCII.sub(b"?", data)
        return super()._parse_headers(data)


def multipart_events(stream: IO[bytes], boundary: bytes) -> Events:
    """What the body consists of, up to its closing boundary; what follows is not read.

    Memory is that of two chunks. Raises InvalidRequestError, where the body breaks off too,
    and what `stream` raises.
    """
    decoder = _Decoder(boundary, max_form_memory_size=2 * CHUNK_BYTES, max_parts=MAX_PARTS)
    delimiter = b"\r\n--" + boundary
    held = b""
    while True:
        chunk = stream.read(CHUNK_BYTES)
        data = held + chunk
        end = _unambiguous(data, delimiter) if chunk else len(data)
        held = data[end:]
        _receive(decoder, data[:end])
        if not chunk:
            _receive(decoder, None)
        while (event := _next_event(decoder)) is not NEED_DATA:
            closed = decoder.state == State.EPILOGUE
            yield event
            if closed:
                return


def _unambiguous(data: bytes, delimiter: bytes) -> int:
    """How much of `data` can be decoded before more has come.

    A piece that ends inside of a delimiter, or before it is clear which kind it is, makes
    the decoder count the delimiter's first byte to the file.
    """
    at = data.find(b"\r", max(0, len(data) - len(delimiter) - len("--\r\n") + 1))
    while at >= 0:
        tail = data[at:]
        if delimiter.startswith(tail) or tail.startswith(delimiter):
            return at
        at = data.find(b"\r", at + 1)
    return len(data)


def _receive(decoder: MultipartDecoder, data: bytes | None) -> None:
    try:
        decoder.receive_data(data)
    except RequestEntityTooLarge as error:
        raise InvalidRequestError("A part of the form has too large a head.") from error


def _next_event(decoder: MultipartDecoder) -> Event:
    # Its exceptions are not documented, and all of them are the sender's fault.
    try:
        return decoder.next_event()
    except Exception as error:
        if decoder.complete:
            raise InvalidRequestError("The form breaks off before its end.") from error
        raise InvalidRequestError("The form cannot be read.") from error
