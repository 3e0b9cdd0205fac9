"""A recording inside a form: `multipart/form-data`, read as a stream and never to disk.

As in the form uploads of S3, the text fields come first and the file comes last. What
cannot be known before the last byte (that nothing follows the file, that the body did not
break off) is reported in place of the end, so that a caller never finishes a wrong copy.
"""

import base64
from dataclasses import dataclass
from typing import IO, Final

import google_crc32c
from multipart import MultipartSegment
from werkzeug.http import parse_options_header

from functions.ingest.uploads.multipart import Events, multipart_events
from shared.errors import InvalidRequestError

_END: Final = object()

AUDIO_FIELD = "audio"
FIELDS_BYTES = 1 << 16
"""All names and values of text fields together."""
BOUNDARY_CHARS = 200
"""RFC 2046, 5.1.1, allows 70; clients that use a time and a random number have a few more."""


class FormAudio:
    """The file in the form, read once and front to back.

    Of a stream it has what a copying reader needs. Reading raises InvalidRequestError where
    the form does not end right after the file, and what the request's stream raises.
    """

    def __init__(self, events: Events, *, content_type: str) -> None:
        self.content_type = content_type
        """The media type that the client gave the file; empty if none."""
        self.size = 0
        """Bytes read so far."""
        self._crc32c = 0
        self._events = events
        self._pending = bytearray()
        self._ended = False

    @property
    def crc32c(self) -> str:
        """Of the bytes read so far, as Cloud Storage writes it."""
        return base64.b64encode(self._crc32c.to_bytes(4, "big")).decode()

    def read(self, size: int, /) -> bytes:
        """Exactly `size` bytes; fewer only at the file's end."""
        while len(self._pending) < size and not self._ended:
            self._pending += self._decoded()
        data = bytes(self._pending[:size])
        del self._pending[:size]
        self._crc32c = google_crc32c.extend(self._crc32c, data)
        self.size += len(data)
        return data

    def tell(self) -> int:
        return self.size

    def _decoded(self) -> bytes:
        event = next(self._events, _END)
        if isinstance(event, bytes):
            return event
        if event is _END:
            # Read on after an error: the events themselves end only with the form.
            raise InvalidRequestError("The form could not be read to its end.")
        if next(self._events, _END) is not _END:
            self._events.close()
            raise InvalidRequestError("The file must be the last field of the form.")
        self._ended = True
        return b""


@dataclass(frozen=True)
class Form:
    fields: dict[str, str]
    """Text fields, all of which come before the file."""
    audio: FormAudio | None
    """None if the form has no file."""


def read_form(stream: IO[bytes], content_type_header: str) -> Form:
    """Read a request's body as far as the beginning of its file.

    Raises InvalidRequestError, and what `stream` raises.
    """
    events = multipart_events(stream, _boundary(content_type_header))
    fields: dict[str, str] = {}
    room = FIELDS_BYTES
    for part in events:
        assert isinstance(part, MultipartSegment)  # noqa: S101 - each part is read to its end
        if not part.name:
            raise InvalidRequestError("A part of the form has no name.")
        if part.filename is not None:
            return Form(fields, _audio(part, events))
        if part.name in fields:
            raise InvalidRequestError(f"The form has the field {part.name!r} twice.")
        value = _value(events, room - len(part.name.encode()))
        room -= len(part.name.encode()) + len(value)
        fields[part.name] = _text(part.name, value)
    return Form(fields, None)


def _audio(part: MultipartSegment, events: Events) -> FormAudio:
    if part.name != AUDIO_FIELD:
        raise InvalidRequestError(f"The file belongs into the form's field {AUDIO_FIELD!r}.")
    return FormAudio(events, content_type=part.content_type or "")


def _value(events: Events, room: int) -> bytes:
    value = bytearray()
    for piece in events:
        if not isinstance(piece, bytes):
            break
        value += piece
        if len(value) > room:
            raise InvalidRequestError(f"The form's fields exceed {FIELDS_BYTES} bytes.")
    return bytes(value)


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidRequestError(f"The form's field {name!r} is not UTF-8.") from None


def _boundary(content_type_header: str) -> bytes:
    boundary = parse_options_header(content_type_header)[1].get("boundary", "")
    if not 0 < len(boundary) <= BOUNDARY_CHARS or not boundary.isascii():
        raise InvalidRequestError("The form's Content-Type names no usable boundary.")
    return boundary.encode()
