"""A first check of an upload: whether it is audio, and of which type."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from functions.ingest.uploads.recorded_type import recorded_type
from shared.containers.duration import credible, header_duration
from shared.containers.opening import open_audio, packets
from shared.errors import NotAudioError, UploadTooLongError

PACKETS_TRIED = 64
"""A recording cut out of a running stream may begin with packets that do not decode."""

LONGEST_PACKET_SEC = 10.0
"""More than any codec puts into one packet: flac's largest block at 8 kHz lasts 8.2 s."""


@dataclass(frozen=True)
class Probe:
    container: str
    codec: str
    media_type: str
    """What the bytes are, whatever the client called them."""
    duration_sec: float | None
    """As the header has it, None where it says nothing credible: live recordings carry
    none and some mp3 files a wrong one. Good for a progress bar, not for counting on."""
    sample_rate: int
    """Hz."""
    channels: int


def probe(stream: IO[bytes], *, max_sec: float = math.inf, measured: bool = False) -> Probe:
    """Read the header and the first frames of a seekable binary stream.

    All of it is read, though nothing more decoded, where the header claims more than
    `max_sec`: only what is really there counts. With `measured` it is read also where the
    header states no length. Raises NotAudioError with a reason for the
    uploader, UploadTooLongError.
    """
    with open_audio(stream) as (container, track):
        frame = next(_first_frames(container, track), None)
        if frame is None:
            raise NotAudioError("no sound could be decoded from the file")
        _try_resampling(frame)
        claimed_sec = header_duration(container, track)
        found = Probe(
            container=container.format.name,
            codec=track.codec_context.name,
            media_type=recorded_type(
                container.format.name, track.codec_context.name, video=_has_video(container)
            ),
            duration_sec=credible(claimed_sec),
            sample_rate=frame.sample_rate,
            channels=frame.layout.nb_channels,
        )
    too_long = claimed_sec is not None and claimed_sec > max_sec
    if too_long or (measured and found.duration_sec is None):
        return replace(found, duration_sec=credible(_counted_duration(stream, max_sec)))
    return found


def _first_frames(container: InputContainer, track: AudioStream) -> Iterator[AudioFrame]:
    try:
        for packet in itertools.islice(packets(container, track), PACKETS_TRIED):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            yield from (frame for frame in frames if frame.samples)
    except av.FFmpegError:
        return  # the container itself breaks off


def _try_resampling(frame: AudioFrame) -> None:
    """The cutting worker will have to: dozens of channels, say, cannot be made one."""
    try:
        AudioResampler(format="s16", layout="mono", rate=16_000).resample(frame)
    except av.FFmpegError as error:
        raise NotAudioError("the file's sound has a form that cannot be read") from error


def _has_video(container: InputContainer) -> bool:
    """Moving pictures; a cover is none."""
    return any(
        not track.disposition & Disposition.attached_pic for track in container.streams.video
    )


def _counted_duration(stream: IO[bytes], max_sec: float) -> float:
    """Seconds that the packets last. Raises UploadTooLongError beyond `max_sec`.

    A packet's own word is bounded too: it stands in tables that a hostile file makes up.
    """
    seconds = 0.0
    with open_audio(stream) as (container, track):
        for length_sec in _packet_lengths(container, track):
            seconds += min(max(length_sec, 0.0), LONGEST_PACKET_SEC)
            if seconds > max_sec:
                raise UploadTooLongError(f"The recording is longer than {max_sec / 3600:g} hours.")
    return seconds


def _packet_lengths(container: InputContainer, track: AudioStream) -> Iterator[float]:
    """Seconds, as far as the file can be read; one that breaks off ends there."""
    last_pts: int | None = None
    try:
        for packet in packets(container, track):
            if not packet.size or track.time_base is None:
                continue
            ticks = packet.duration or 0
            if not ticks and packet.pts is not None and last_pts is not None:
                ticks = packet.pts - last_pts
            last_pts = packet.pts
            yield float(ticks * track.time_base)
    except av.FFmpegError:
        return
