"""A form is read as a stream; its file ends well or not at all."""

import base64
import io
from collections.abc import Iterator
from typing import IO, cast

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from functions.ingest.uploads.form import BOUNDARY_CHARS, FIELDS_BYTES, Form, FormAudio, read_form
from functions.ingest.uploads.multipart import CHUNK_BYTES, MAX_PARTS
from shared.errors import InvalidRequestError

BOUNDARY = "----pegasus7MA4YWxk"
HEADER = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()


def text(name: str, value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return _part(f'form-data; name="{name}"', data)


def file(data: bytes, *, name: str = "audio", media_type: str = "audio/wav") -> bytes:
    kind = f"\r\nContent-Type: {media_type}" if media_type else ""
    return _part(f'form-data; name="{name}"; filename="lecture.wav"{kind}', data)


def _part(head: str, data: bytes) -> bytes:
    start = f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n"
    return start.encode() + data + b"\r\n"


class Trickle:
    """A stream that gives what has arrived, in pieces of these sizes over and over."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data = io.BytesIO(data)
        self._sizes = self._forever(sizes)

    def read(self, size: int) -> bytes:
        return self._data.read(min(size, next(self._sizes)))

    @staticmethod
    def _forever(sizes: list[int]) -> Iterator[int]:
        while True:
            yield from sizes


def form_of(body: bytes, sizes: list[int] | None = None) -> Form:
    stream = Trickle(body, sizes or [CHUNK_BYTES])
    return read_form(cast(IO[bytes], stream), HEADER)


def audio_of(form: Form) -> FormAudio:
    assert form.audio is not None
    return form.audio


def rest(audio: FormAudio, size: int = 1000) -> bytes:
    return b"".join(iter(lambda: audio.read(size), b""))


def refused(body: bytes, match: str | None = None) -> None:
    """Before or instead of the file's end."""
    with pytest.raises(InvalidRequestError, match=match):
        if (audio := form_of(body).audio) is not None:
            rest(audio)


def test_the_fields_are_known_before_the_file_is_read() -> None:
    form = form_of(text("courseId", "algorithms") + text("title", "Größe") + file(b"abc") + END)

    assert form.fields == {"courseId": "algorithms", "title": "Größe"}
    audio = audio_of(form)
    assert (audio.content_type, audio.size) == ("audio/wav", 0)
    assert rest(audio) == b"abc"


def test_a_form_without_a_file_has_none() -> None:
    assert form_of(text("courseId", "algorithms") + END) == Form({"courseId": "algorithms"}, None)
    assert form_of(END) == Form({}, None)


def test_a_file_may_come_without_a_media_type_or_with_parameters() -> None:
    bare = audio_of(form_of(file(b"a", media_type="") + END))
    told = audio_of(form_of(file(b"a", media_type="Audio/WebM; codecs=opus") + END))

    assert (bare.content_type, told.content_type) == ("", "audio/webm")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "shift_jis", "gb18030"])
def test_a_file_name_in_any_encoding_costs_no_form(encoding: str) -> None:
    name = "aufzeichnung-ä\u0301" if encoding == "latin-1" else "録音-表.wav"
    head = b'form-data; name="audio"; filename="' + name.encode(encoding, "replace")
    part = b'--%s\r\nContent-Disposition: %s"\r\nContent-Type: audio/wav\r\n\r\nabc\r\n'
    form = form_of(text("title", "Größe") + part % (BOUNDARY.encode(), head) + END)

    assert form.fields == {"title": "Größe"}
    assert audio_of(form).content_type == "audio/wav"
    assert rest(audio_of(form)) == b"abc"


def test_size_and_checksum_grow_with_what_is_read() -> None:
    data = bytes(range(256)) * 1000
    audio = audio_of(form_of(file(data) + END))

    audio.read(10)
    assert (audio.size, audio.tell(), audio.crc32c) == (10, 10, _crc32c(data[:10]))
    rest(audio)
    assert (audio.size, audio.crc32c) == (len(data), _crc32c(data))


def _crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


@given(
    data=st.binary(max_size=300)
    | st.lists(
        st.sampled_from([b"\r", b"\n", b"-", b"\r\n--", BOUNDARY.encode()[:-1], b"x"]), max_size=30
    ).map(b"".join),
    sizes=st.lists(st.integers(1, 150), min_size=1, max_size=6),
    reads=st.integers(1, 400),
)
def test_whatever_the_file_and_however_it_arrives_the_same_bytes_come_out(
    data: bytes, sizes: list[int], reads: int
) -> None:
    form = form_of(text("title", "a\r\nb") + file(data) + END, sizes)
    audio = audio_of(form)

    pieces = list(iter(lambda: audio.read(reads), b""))

    assert form.fields == {"title": "a\r\nb"}
    assert b"".join(pieces) == data
    assert all(len(piece) == reads for piece in pieces[:-1])
    assert audio.read(reads) == b""


@pytest.mark.parametrize("size", range(1, 120))
def test_a_delimiter_that_arrives_in_two_pieces_is_none_of_the_file(size: int) -> None:
    body = text("title", "Hashing") + file(b"abc") + END

    form = form_of(body, [len(body) - size, CHUNK_BYTES])

    assert (form.fields["title"], rest(audio_of(form))) == ("Hashing", b"abc")


def test_a_body_that_breaks_off_anywhere_is_refused() -> None:
    body = text("title", "Hashing") + file(b"RIFF\r\n--and more") + END
    whole = len(body) - len("\r\n")

    for end in range(whole):
        refused(body[:end])
    assert rest(audio_of(form_of(body[:whole]))) == b"RIFF\r\n--and more"


def test_no_end_is_signalled_after_an_error_either() -> None:
    audio = audio_of(form_of(file(b"abc") + file(b"def") + END))

    for _ in range(3):
        with pytest.raises(InvalidRequestError):
            rest(audio)


def test_a_large_file_is_not_held_in_memory() -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            head = file(b"")[:-2] if not self.given else b""
            self.given += size
            return head + bytes(size - len(head))

    stream = Endless()
    audio = audio_of(read_form(cast(IO[bytes], stream), HEADER))

    for _ in range(100):
        audio.read(CHUNK_BYTES)
        assert stream.given - audio.size < 3 * CHUNK_BYTES


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (file(b"abc") + text("title", "late") + END, "last field"),
        (file(b"abc") + file(b"def") + END, "last field"),
        (file(b"abc", name="video") + END, "'audio'"),
        (text("title", "a") + text("title", "b") + file(b"abc") + END, "'title' twice"),
        (text("title", b"\xff\xfe") + END, "not UTF-8"),
        (_part("form-data", b"abc") + END, "no name"),
        (f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nabc\r\n".encode() + END, "cannot"),
        (text("title", "x" * FIELDS_BYTES) + END, "exceed"),
        (text("a", "x" * (FIELDS_BYTES // 2)) + text("b", "x" * (FIELDS_BYTES // 2)), "exceed"),
        (b"".join(text(f"field{i}", "x") for i in range(MAX_PARTS + 1)) + END, "many parts"),
        (_part(f'form-data; name="a"; x="{"y" * 3 * CHUNK_BYTES}"', b"") + END, "long a head"),
        (b"no form at all", "breaks off"),
        (b'{"courseId": "algorithms"}' * 10_000, "breaks off"),
    ],
)
def test_what_is_no_such_form_is_refused(body: bytes, reason: str) -> None:
    refused(body, reason)


def test_a_name_that_is_not_utf8_names_no_field_of_the_api() -> None:
    named = form_of(text("title", "x").replace(b"title", b"titl\xe9") + END)
    assert named.fields == {"titl\xe9": "x"}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * (BOUNDARY_CHARS + 1)}",
        "multipart/form-data; boundary=\xe4",
    ],
)
def test_a_form_without_a_usable_boundary_is_refused(header: str) -> None:
    with pytest.raises(InvalidRequestError, match="boundary"):
        read_form(io.BytesIO(file(b"abc") + END), header)


def test_a_body_over_the_servers_limit_stays_that_error() -> None:
    class Limited(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise RequestEntityTooLarge()
            return super().read(size)

    audio = audio_of(read_form(Limited(file(bytes(CHUNK_BYTES)) + END), HEADER))

    with pytest.raises(RequestEntityTooLarge):
        rest(audio)
