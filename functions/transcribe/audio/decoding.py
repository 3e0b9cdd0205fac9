"""Decode any recording into 16 kHz mono samples, once, front to back.

Memory does not grow with the recording, and its length is what was decoded:
headers are not asked.
"""

import os
from collections.abc import Iterator
from typing import IO

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from functions.transcribe.audio.continuity import Continuity
from functions.transcribe.audio.mixdown import Mixdown
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.samples import SAMPLE_RATE, Samples, clipped_sec
from functions.transcribe.audio.timeline import Timeline
from functions.transcribe.audio.unread import UnreadBytes, unread_in
from functions.transcribe.audio.unread_tail import UnreadTail
from shared.containers.concatenation import beginnings
from shared.containers.duration import counted_duration
from shared.containers.opening import open_audio, packets
from shared.containers.riff import share_present
from shared.containers.window import window
from shared.errors import NotAudioError

_GROUP_SEC = 5
"""Frames last some 20 ms; resampling them one by one costs several times as much."""

_BREAKS_IN_A_ROW = 16
"""How often reading may fail with no packet in between before the rest is given up."""


def decode(
    stream: IO[bytes],
    *,
    block_sec: float = 30,
    track: int | None = None,
    report: DecodingReport | None = None,
) -> Iterator[Samples]:
    """Yield the recording as int16 mono blocks at 16 kHz of `block_sec`, the last one shorter.

    Of several recordings in one file (shared/containers/concatenation.py) all are decoded, one
    after the other. `track` is the stream's index in the container, None for the main one.
    What is damaged in the middle becomes silence of the same length where the file
    tells how long it was; a file that breaks off ends where it breaks off. `report` is filled
    with what was lost or repaired.

    Raises NotAudioError if there is no audio or nothing of it can be decoded. What
    reading the stream raises passes through.
    """
    report = report or DecodingReport()
    size = round(block_sec * SAMPLE_RATE)
    waiting: list[Samples] = []
    length = total = 0
    for part in _parts(stream):
        for piece in _decoded(part, track, report):
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


def _parts(stream: IO[bytes]) -> list[IO[bytes]]:
    """The recordings of a file. What only looks like the beginning of one begins none."""
    end = stream.seek(0, os.SEEK_END)
    first, *others = beginnings(stream, end)
    starts = [first, *(start for start in others if _opens(window(stream, start, end)))]
    if len(starts) == 1:
        return [stream]
    return [
        window(stream, start, stop) for start, stop in zip(starts, [*starts[1:], end], strict=True)
    ]


def _opens(stream: IO[bytes]) -> bool:
    try:
        with open_audio(stream):
            return True
    except NotAudioError:
        return False


def _decoded(stream: IO[bytes], track: int | None, report: DecodingReport) -> Iterator[Samples]:
    samples = 0
    damaged_before_sec = report.damaged_sec
    size = stream.seek(0, os.SEEK_END)
    present = share_present(stream, size)
    with open_audio(stream, track=track) as (container, audio):
        unread = unread_in(container, stream, size)
        continuity = Continuity(container, audio, stream)
        claimed_sec = counted_duration(container, audio, stream)
        for piece in _resampled(container, audio, report, unread, continuity):
            samples += len(piece)
            report.clipped_sec += clipped_sec(piece)
            yield piece
    if claimed_sec is not None and present > 0:
        claimed_sec /= present
    decoded_sec = samples / SAMPLE_RATE
    damaged_sec = report.damaged_sec - damaged_before_sec
    unread_sec = unread.lost_sec(decoded_sec=decoded_sec - damaged_sec, damaged_sec=damaged_sec)
    report.end_part(decoded_sec=decoded_sec, claimed_sec=claimed_sec, unread_sec=unread_sec)


def _resampled(
    container: InputContainer,
    track: AudioStream,
    report: DecodingReport,
    unread: UnreadBytes | UnreadTail,
    continuity: Continuity,
) -> Iterator[Samples]:
    timeline = Timeline(start_sec=_clock_start(container))
    mixdown = Mixdown()
    run: _Run | None = None
    heard = report.decoded_sec > 0  # of an earlier part of the file
    for frame, damaged in _frames(container, track, unread, continuity):
        gap_sec = timeline.gap_before(frame, damaged=damaged)
        if run is not None and (gap_sec or not run.fits(frame)):
            yield from run.finish()
            heard, run = run.heard, None
        if damaged:
            report.damaged_sec += gap_sec
        for start in range(0, missing := round(gap_sec * SAMPLE_RATE), SAMPLE_RATE):
            yield np.zeros(min(SAMPLE_RATE, missing - start), np.int16)
        run = run or _Run(frame, mixdown, report, heard=heard)
        yield from run.add(frame)
    if run is not None:
        yield from run.finish()
    report.damaged_sec += mixdown.garbled_sec
    report.inverted_sec += mixdown.inverted_sec
    report.scaled_sec += mixdown.scaled_sec


def _clock_start(container: InputContainer) -> float | None:
    """The time stamp that players show as 0, in seconds."""
    if container.format.name.startswith("mov"):
        return 0.0  # the presentation's own clock; an edit list may let the sound begin later
    return None if container.start_time is None else container.start_time / av.time_base


class _Run:
    """A stretch of frames of one format, without a gap."""

    def __init__(
        self, first: AudioFrame, mixdown: Mixdown, report: DecodingReport, *, heard: bool
    ) -> None:
        self.heard = heard
        """Whether any sound of the recording could be read so far."""
        self._kind = _kind(first)
        self._mixdown = mixdown
        self._report = report
        self._group = AudioFifo()
        self._resampled_kind = self._kind
        self._resampler = _resampler()

    def fits(self, frame: AudioFrame) -> bool:
        return _kind(frame) == self._kind

    def add(self, frame: AudioFrame) -> Iterator[Samples]:
        frame.pts = None  # the timeline has seen it; the group must not check it again
        self._group.write(frame)
        if self._group.samples >= _GROUP_SEC * frame.sample_rate:
            yield from self._mix_group()

    def finish(self) -> Iterator[Samples]:
        yield from self._mix_group()
        yield from self._resample(None)

    def _mix_group(self) -> Iterator[Samples]:
        frame = self._group.read()
        if frame is None:
            return
        mixed = self._mixdown.treat(frame)
        if _kind(mixed) != self._resampled_kind:
            yield from self._resample(None)
            self._resampled_kind, self._resampler = _kind(mixed), _resampler()
        mixed.pts = None
        yield from self._resample(mixed)

    def _resample(self, frame: AudioFrame | None) -> Iterator[Samples]:
        try:
            pieces = self._resampler.resample(frame)
        except av.FFmpegError as error:
            if not self.heard:
                # Dozens of channels, say: another attempt would end the same way.
                raise NotAudioError("the file's sound has a form that cannot be read") from error
            yield self._unreadable(frame)
            return
        for resampled in pieces:
            if resampled is not None and resampled.samples:
                self.heard = True
                yield resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)

    def _unreadable(self, frame: AudioFrame | None) -> Samples:
        """Silence as long as what is damaged so that it names such a form."""
        self._resampler = _resampler()
        lost_sec = frame.samples / frame.sample_rate if frame is not None else 0.0
        self._report.damaged_sec += lost_sec
        return np.zeros(round(lost_sec * SAMPLE_RATE), np.int16)


def _resampler() -> AudioResampler:
    return AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _frames(
    container: InputContainer,
    track: AudioStream,
    unread: UnreadBytes | UnreadTail,
    continuity: Continuity,
) -> Iterator[tuple[AudioFrame, bool]]:
    """Every frame that decodes, and whether something before it did not."""
    others = continuity.pass_other if continuity.watches_all else None
    damaged = False
    breaks = 0
    ended = False
    while not ended and breaks < _BREAKS_IN_A_ROW:
        try:
            for packet in packets(container, track, other=others):
                breaks = 0
                damaged = continuity.breaks_before(packet) or damaged
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    damaged = True
                    unread.took(packet, decoded=False)
                    continue
                unread.took(packet, decoded=True)
                for frame in frames:
                    if frame.samples:
                        tells_gap = frame.time is not None
                        yield frame, damaged
                        damaged = continuity.falls_short(packet, frame) or (
                            damaged and not tells_gap
                        )
            ended = True
        except av.FFmpegError:
            damaged = True
            breaks += 1
