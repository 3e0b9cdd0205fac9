"""Decode any recording into 16 kHz mono samples, once, front to back.

Memory does not grow with the recording, and its length is what was decoded:
headers are not asked.
"""

from collections.abc import Iterator
from typing import IO

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from functions.transcribe.timeline import Timeline
from shared.audio_container import open_audio
from shared.errors import NotAudioError

SAMPLE_RATE = 16_000
"""Hz; what Whisper and Silero were trained on."""

Samples = NDArray[np.int16]

_GROUP_SEC = 5
"""Frames last some 20 ms; resampling them one by one costs several times as much."""

_BREAKS_IN_A_ROW = 16
"""How often reading may fail with no packet in between before the rest is given up."""


def decode(stream: IO[bytes], *, block_sec: float = 30) -> Iterator[Samples]:
    """Yield the recording as int16 mono blocks at 16 kHz of `block_sec`, the last one shorter.

    What is damaged in the middle becomes silence of the same length where the file
    tells how long it was; a file that breaks off ends where it breaks off.

    Raises NotAudioError if there is no audio or nothing of it can be decoded. What
    reading the stream raises passes through.
    """
    size = round(block_sec * SAMPLE_RATE)
    waiting: list[Samples] = []
    length = total = 0
    with open_audio(stream) as (container, track):
        for piece in _resampled(container, track):
            waiting.append(piece)
            length += len(piece)
            total += len(piece)
            if length >= size:
                joined = np.concatenate(waiting)
                whole = length - length % size
                yield from np.split(joined[:whole], whole // size)
                waiting, length = [joined[whole:]], length - whole
    if total == 0:
        raise NotAudioError("no sound could be decoded from the file")
    if length:
        yield np.concatenate(waiting)


def as_float(samples: Samples) -> NDArray[np.float32]:
    """The same samples in -1 to 1."""
    return samples.astype(np.float32) / np.float32(32768)


def _resampled(container: InputContainer, track: AudioStream) -> Iterator[Samples]:
    timeline = Timeline()
    run: _Run | None = None
    for frame, damaged in _frames(container, track):
        gap_sec = timeline.gap_before(frame, damaged=damaged)
        if run is not None and (gap_sec or not run.fits(frame)):
            yield from run.finish()
            run = None
        for start in range(0, missing := round(gap_sec * SAMPLE_RATE), SAMPLE_RATE):
            yield np.zeros(min(SAMPLE_RATE, missing - start), np.int16)
        run = run or _Run(frame)
        yield from run.add(frame)
    if run is not None:
        yield from run.finish()


class _Run:
    """A stretch of frames of one format, without a gap."""

    def __init__(self, first: AudioFrame) -> None:
        self._kind = _kind(first)
        self._group = AudioFifo()
        self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)

    def fits(self, frame: AudioFrame) -> bool:
        return _kind(frame) == self._kind

    def add(self, frame: AudioFrame) -> Iterator[Samples]:
        frame.pts = None  # the timeline has seen it; the group must not check it again
        self._group.write(frame)
        if self._group.samples >= _GROUP_SEC * frame.sample_rate:
            yield from self._resample(self._group.read())

    def finish(self) -> Iterator[Samples]:
        rest = self._group.read()
        if rest is not None:
            yield from self._resample(rest)
        yield from self._resample(None)

    def _resample(self, frame: AudioFrame | None) -> Iterator[Samples]:
        try:
            pieces = self._resampler.resample(frame)
        except av.FFmpegError as error:
            # Dozens of channels, say: another attempt would end the same way.
            raise NotAudioError("the file's sound has a form that cannot be read") from error
        for resampled in pieces:
            if resampled is not None and resampled.samples:
                yield resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _frames(container: InputContainer, track: AudioStream) -> Iterator[tuple[AudioFrame, bool]]:
    """Every frame that decodes, and whether something before it did not."""
    damaged = False
    breaks = 0
    ended = False
    while not ended and breaks < _BREAKS_IN_A_ROW:
        try:
            for packet in container.demux(track):
                breaks = 0
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    damaged = True
                    continue
                for frame in frames:
                    if frame.samples:
                        yield frame, damaged
                        damaged = False
            ended = True
        except av.FFmpegError:
            damaged = True
            breaks += 1
