"""How long a header says that a recording is."""

from collections.abc import Callable, Mapping
from typing import IO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from shared.containers import asf, avi, mp3

LONGEST_PLAUSIBLE_SEC = 24 * 365 * 3600

_COUNTED = ("mov", "matroska", "wav", "w64", "flac", "aiff", "caf")
"""Other containers whose writer counts the samples. For the rest FFmpeg divides the file's size by
the bit rate, or takes the last time stamp that is there."""


def header_duration(container: InputContainer, track: AudioStream) -> float | None:
    """Seconds, as good or bad as the header; None where it says nothing."""
    if track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    if container.duration is not None:
        return container.duration / av.time_base
    return None


def counted_duration(
    container: InputContainer, track: AudioStream, stream: IO[bytes]
) -> float | None:
    """Seconds that the recorder counted and wrote down, None where none did or none can be."""
    if container.format.name in _STATED:
        position = stream.tell()
        stated_sec = _STATED[container.format.name](stream, track)
        stream.seek(position)
        return credible(stated_sec)
    if not container.format.name.startswith(_COUNTED):
        return None
    return credible(header_duration(container, track))


def _counted_in_mp3(stream: IO[bytes], rate: int) -> float | None:
    stream.seek(0)
    stream.seek(mp3.id3_length(stream.read(10)))
    return mp3.counted_seconds(stream.read(mp3.SEARCHED_BYTES), rate=rate)


_STATED: Mapping[str, Callable[[IO[bytes], AudioStream], float | None]] = {
    "mp3": lambda stream, track: _counted_in_mp3(stream, track.rate),
    "avi": lambda stream, track: avi.stated_seconds(stream, track.index),
    "asf": lambda stream, _: asf.stated_seconds(stream),
}
"""Of these FFmpeg reads it too, but does not distinguish it from an estimate by the size."""


def credible(duration_sec: float | None) -> float | None:
    plausible = duration_sec is not None and 0 < duration_sec < LONGEST_PLAUSIBLE_SEC
    return duration_sec if plausible else None
