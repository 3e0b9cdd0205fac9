"""A first look at an upload: is it audio at all, and of what kind?"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from shared.audio_container import open_audio
from shared.errors import NotAudioError

PACKETS_TRIED = 64
"""A recording cut out of a running stream may begin with packets that do not decode."""

LONGEST_PLAUSIBLE_SEC = 24 * 365 * 3600


@dataclass(frozen=True)
class Probe:
    container: str
    codec: str
    duration_sec: float | None
    """As the header has it, None where it says nothing credible: live recordings carry
    none and some mp3 files a wrong one. Good for a progress bar, not for counting on."""
    sample_rate: int
    """Hz."""
    channels: int


def probe(stream: IO[bytes]) -> Probe:
    """Read the header and the first frames of a seekable binary stream.

    Raises NotAudioError with a reason for the uploader.
    """
    with open_audio(stream) as (container, track):
        frame = next(_first_frames(container, track), None)
        if frame is None:
            raise NotAudioError("no sound could be decoded from the file")
        return Probe(
            container=container.format.name,
            codec=track.codec_context.name,
            duration_sec=_header_duration(container, track),
            sample_rate=frame.sample_rate,
            channels=frame.layout.nb_channels,
        )


def _first_frames(container: InputContainer, track: AudioStream) -> Iterator[AudioFrame]:
    try:
        for packet in itertools.islice(container.demux(track), PACKETS_TRIED):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            yield from (frame for frame in frames if frame.samples)
    except av.FFmpegError:
        return  # the container itself breaks off


def _header_duration(container: InputContainer, track: AudioStream) -> float | None:
    if track.duration is not None and track.time_base is not None:
        duration = float(track.duration * track.time_base)
    elif container.duration is not None:
        duration = container.duration / av.time_base
    else:
        return None
    plausible = math.isfinite(duration) and 0 < duration < LONGEST_PLAUSIBLE_SEC
    return duration if plausible else None
