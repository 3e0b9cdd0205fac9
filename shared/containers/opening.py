"""Opening an uploaded recording without trusting it.

FFmpeg reads far more than recordings: playlists, scripts and stream
descriptions that make it open other files and addresses. Only containers that
carry their own audio are allowed, and nothing but the given stream is ever read.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END
from pathlib import Path
from typing import IO, Any, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from shared.containers.mp4 import lacks_index
from shared.containers.riff import understates_length
from shared.containers.signatures import HEAD_BYTES, foreign_kind, likely_kind
from shared.errors import NotAudioError, RecordingIncompleteError

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
def open_audio(
    stream: IO[bytes], *, track: int | None = None
) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Open a seekable binary stream and find its main audio track, or the one asked for.

    `track` is a stream's index in the container. Raises NotAudioError with a reason for the
    uploader, of which RecordingIncompleteError is one. Whatever reading the stream itself
    raises comes out unchanged, at the latest when the block ends.
    """
    end = stream.seek(0, SEEK_END)
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if not head:
        raise NotAudioError("the file is empty")
    if kind := foreign_kind(head):
        raise NotAudioError(f"the file is {kind}, not a recording")
    watched = _WatchedStream(stream)
    try:
        with _opened(watched, head, end) as container:
            yield container, _audio_track(container, track)
    except (av.FFmpegError, NotAudioError):
        if watched.failure is not None:
            raise watched.failure from None
        raise
    if watched.failure is not None:
        raise watched.failure


def packets(
    container: InputContainer,
    track: AudioStream,
    *,
    other: "Callable[[Packet[Any]], None] | None" = None,
) -> "Iterator[Packet[AudioStream]]":
    """The track's packets. Raises av.FFmpegError where the container cannot be read.

    `other` is called with each packet of another track, in the order of the file.
    PyAV knows the streams that a header names, and raises IndexError for a packet of one that
    appears later, as in a damaged transport stream. Such packets are passed over.
    """
    while True:
        try:
            for packet in container.demux() if other else container.demux(track):
                if other is None or packet.stream.index == track.index:
                    yield cast("Packet[AudioStream]", packet)
                else:
                    other(packet)
            return
        except IndexError:
            continue


def _opened(watched: _WatchedStream, head: bytes, end: int) -> InputContainer:
    options = {
        "format_whitelist": ",".join(CONTAINERS),
        "protocol_whitelist": "none",
        "max_streams": str(MAX_TRACKS),
    }
    source = cast("IO[bytes]", watched)
    if understates_length(source, end):
        options["ignore_length"] = "1"
    watched.seek(0)
    try:
        container: InputContainer = av.open(
            watched, "r", options=options, io_open=_refuse_to_open, **METADATA_OPTIONS
        )
        return container
    except av.FFmpegError as error:
        if watched.failure is None and lacks_index(source, end):
            raise RecordingIncompleteError() from error
        kind = likely_kind(head)
        reason = f"{kind}, not a recording" if kind else _UNKNOWN
        raise NotAudioError(f"the file is {reason}") from error


_UNKNOWN = "not a recording in a format that can be read"


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> Any:
    """FFmpeg opens a second file only when the first one refers to it."""
    raise NotAudioError("the file points to other files")


def _audio_track(container: InputContainer, index: int | None) -> AudioStream:
    track = container.streams.best("audio") if index is None else container.streams[index]
    if not isinstance(track, AudioStream):
        other = "a video without sound" if container.streams.video else "without an audio track"
        raise NotAudioError(f"the file is {other}")
    if track.codec_context is None:
        raise NotAudioError("the file's audio is in a codec that cannot be read")
    return track
