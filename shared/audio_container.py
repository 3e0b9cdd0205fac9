"""Opening an uploaded recording without trusting it.

FFmpeg reads far more than recordings: playlists, scripts and stream
descriptions that make it open other files and addresses. Only containers that
carry their own audio are allowed, and nothing but the given stream is ever read.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from shared.errors import NotAudioError

CONTAINERS = (
    "aac",
    "aiff",
    "amr",
    "asf",
    "avi",
    "caf",
    "flac",
    "matroska",
    "mov",
    "mp3",
    "mpegts",
    "ogg",
    "w64",
    "wav",
)
"""FFmpeg's names of what phones, browsers, recorders and meeting software write.
`mov` covers mp4, m4a and 3gp, `matroska` covers webm."""

MAX_TRACKS = 32

LARGEST_ALLOCATION_BYTES = 256 << 20
"""FFmpeg keeps 24 bytes for every packet that an mp4 file lists, eight million in two days
of sound. A small file may list any number; FFmpeg's own limit for one table is 2 GiB."""

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"#EXTM3U", "a playlist, which only points to audio elsewhere"),
    (b"ffconcat", "a playlist, which only points to audio elsewhere"),
    (b"v=0", "a stream description, which only points to audio elsewhere"),
    (b"<", "a web page or another marked-up text"),
    (b"{", "a JSON text"),
)
"""How some files begin that people take for a recording by mistake, and what to call them."""


def avutil_libraries(package: Path) -> list[Path]:
    """FFmpeg's libavutil in PyAV's wheels: beside the package on Linux, inside it on macOS."""
    return [*package.parent.glob("av.libs/libavutil*"), *package.glob(".dylibs/libavutil*")]


def _bound_allocations() -> None:
    """PyAV has no call for it, so FFmpeg's own is used."""
    for library in avutil_libraries(Path(av.__file__).parent):
        ctypes.CDLL(str(library)).av_max_alloc(ctypes.c_size_t(LARGEST_ALLOCATION_BYTES))


_bound_allocations()

METADATA_OPTIONS: dict[str, Any] = (
    {"metadata_errors": "surrogateescape"} if hasattr(InputContainer, "metadata_errors") else {}
)
"""Tags need not be UTF-8. PyAV 19 always decodes them so and no longer has the argument."""


class _WatchedStream:
    """The stream as FFmpeg sees it; remembers what went wrong below.

    FFmpeg takes some read errors for the end of the file. A storage outage must
    not shorten a lecture, so the error is kept and raised after all.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.failure: Exception | None = None

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except Exception as error:
            self.failure = error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._stream.seek(offset, whence)
        except Exception as error:
            self.failure = error
            raise

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True


@contextmanager
def open_audio(stream: IO[bytes]) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open a seekable binary stream and find its main audio track.

    Raises NotAudioError with a reason for the uploader. Whatever reading the
    stream itself raises comes out unchanged, at the latest when the block ends.
    """
    stream.seek(0)
    head = stream.read(64)
    stream.seek(0)
    if not head:
        raise NotAudioError("the file is empty")
    watched = _WatchedStream(stream)
    try:
        with _opened(watched, head) as container:
            yield container, _audio_track(container)
    except (av.FFmpegError, NotAudioError):
        if watched.failure is not None:
            raise watched.failure from None
        raise
    if watched.failure is not None:
        raise watched.failure


def _opened(watched: _WatchedStream, head: bytes) -> InputContainer:
    try:
        container: InputContainer = av.open(
            watched,
            "r",
            options={
                "format_whitelist": ",".join(CONTAINERS),
                "protocol_whitelist": "none",
                "max_streams": str(MAX_TRACKS),
            },
            io_open=_refuse_to_open,
            **METADATA_OPTIONS,
        )
        return container
    except av.FFmpegError as error:
        raise NotAudioError(f"the file is {_described(head)}") from error


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> Any:
    """FFmpeg asks for a second file only when the first one told it to."""
    raise NotAudioError("the file points to other files")


def _described(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, description in _SIGNATURES:
        if text.startswith(signature):
            return f"{description}, not a recording"
    return "not a recording in a format that can be read"


def _audio_track(container: InputContainer) -> AudioStream:
    track = container.streams.best("audio")
    if not isinstance(track, AudioStream):
        other = "a video without sound" if container.streams.video else "without an audio track"
        raise NotAudioError(f"the file is {other}")
    if track.codec_context is None:
        raise NotAudioError("the file's audio is in a codec that cannot be read")
    return track
