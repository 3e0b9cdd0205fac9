"""How long a header says that a recording is."""

from typing import IO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from shared.containers import mp3

LONGEST_PLAUSIBLE_SEC = 24 * 365 * 3600

_COUNTED = ("mov", "matroska", "wav", "w64", "flac", "aiff", "caf", "asf", "avi")
"""Containers whose writer counts the samples. For the others FFmpeg divides the file's size by
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
    if container.format.name == "mp3":
        return credible(_counted_in_mp3(stream, track.rate))
    if not container.format.name.startswith(_COUNTED):
        return None
    return credible(header_duration(container, track))


def _counted_in_mp3(stream: IO[bytes], rate: int) -> float | None:
    """FFmpeg reads this too, but does not distinguish it from an estimate."""
    position = stream.tell()
    stream.seek(0)
    stream.seek(mp3.id3_length(stream.read(10)))
    first = stream.read(mp3.SEARCHED_BYTES)
    stream.seek(position)
    return mp3.counted_seconds(first, rate=rate)


def credible(duration_sec: float | None) -> float | None:
    plausible = duration_sec is not None and 0 < duration_sec < LONGEST_PLAUSIBLE_SEC
    return duration_sec if plausible else None
