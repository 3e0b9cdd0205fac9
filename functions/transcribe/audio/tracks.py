"""Which audio tracks of a file carry the lecture.

Recording programs write several: the microphone, the computer's own sound, both mixed. A film
has one for each language, and others with commentary. The first is not always the one that
carries speech.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from functions.transcribe.audio.samples import SAMPLE_RATE, Samples
from functions.transcribe.audio.voice_activity import SPEECH, WINDOW, VoiceActivity
from shared.containers.opening import open_audio, packets
from shared.speech.languages import from_tag

PLACES = (0.02, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Shares of the recording's length at which each track is listened to."""

PLACE_SEC = 8.0

SPEAKS_SEC = 1.0
SPEAKS_SHARE = 0.1
"""A track carries speech if that much was found, in seconds and against the track with most."""

_ASIDE = Disposition.comment | Disposition.visual_impaired | Disposition.hearing_impaired


@dataclass(frozen=True)
class Choice:
    tracks: tuple[int, ...]
    """Indexes of the container's streams, to be mixed if there are several."""
    numbers: tuple[int, ...]
    """Their places among the file's audio tracks, counted from 1 as players do."""
    of: int
    """How many audio tracks the file has."""

    @classmethod
    def among(cls, audio: Sequence[int], chosen: Sequence[int]) -> "Choice":
        """`audio` are the indexes of all audio streams, in the order of the file."""
        return cls(tuple(chosen), tuple(audio.index(each) + 1 for each in chosen), of=len(audio))


def choose_tracks(stream: IO[bytes], *, language: str | None) -> Choice:
    """The tracks that carry the lecture. `language` is ISO 639-1, if the caller named it.

    Of tracks in several languages only those of one are chosen. Where several carry speech,
    as two speakers with a microphone each, they all are.

    Raises what `open_audio` raises.
    """
    with open_audio(stream) as (container, main):
        tracks = [track for track in container.streams.audio if track.codec_context is not None]
        if len(tracks) < 2:
            return Choice.among([main.index], [main.index])
        candidates = _of_one_language(_without_asides(tracks), main, language)
        audio = [track.index for track in tracks]
        indexes = [track.index for track in candidates]
    if len(indexes) > 1:
        spoken = {index: _spoken_sec(stream, index) for index in indexes}
        least_sec = max(SPEAKS_SEC, SPEAKS_SHARE * max(spoken.values()))
        # Where none is heard to speak, the speech may lie between the places: keep all.
        indexes = [index for index in indexes if spoken[index] >= least_sec] or indexes
    return Choice.among(audio, indexes)


def mix(tracks: Sequence[Iterator[Samples]]) -> Iterator[Samples]:
    """The mean of several tracks, decoded in blocks of one size; as long as the longest."""
    waiting = list(tracks)
    while blocks := [block for track in waiting if (block := next(track, None)) is not None]:
        total = np.zeros(max(map(len, blocks)), np.int32)
        for block in blocks:
            total[: len(block)] += block
        yield (total // len(tracks)).astype(np.int16)


def _without_asides(tracks: list[AudioStream]) -> list[AudioStream]:
    return [track for track in tracks if not track.disposition & _ASIDE] or tracks


def _of_one_language(
    tracks: list[AudioStream], main: AudioStream, asked: str | None
) -> list[AudioStream]:
    tagged = {track.index: from_tag(track.language) for track in tracks}
    if asked in tagged.values():
        return [track for track in tracks if tagged[track.index] == asked]
    if len({language for language in tagged.values() if language is not None}) < 2:
        return tracks
    return [
        track
        for track in tracks
        if track.index == main.index
        or (tagged[track.index] is not None and tagged[track.index] == from_tag(main.language))
    ] or tracks[:1]


def _spoken_sec(stream: IO[bytes], index: int) -> float:
    """Seconds of speech at a few places of one track."""
    windows = 0
    for place in PLACES:
        with (
            open_audio(stream, track=index) as (container, track),
            suppress(av.FFmpegError, ValueError),
        ):
            if container.duration is None and place != PLACES[0]:
                break
            if container.duration is not None:
                start = container.start_time or 0
                container.seek(start + int(container.duration * place), backward=True)
            sound = list(_some_sound(container, track))
            voice = VoiceActivity()
            for samples in sound:
                windows += int((voice.add(samples) >= SPEECH).sum())
    return windows * WINDOW / SAMPLE_RATE


def _some_sound(container: InputContainer, track: AudioStream) -> Iterator[Samples]:
    """`PLACE_SEC` from where the container stands; what does not decode is passed over."""
    # Frames of another form than the first end this with a ValueError; so much suffices.
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    # A file without a stated length cannot be divided: its first minute has to do.
    wanted = PLACE_SEC if container.duration is not None else PLACE_SEC * len(PLACES)
    left = round(wanted * SAMPLE_RATE)
    for packet in packets(container, track):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            for resampled in resampler.resample(frame):
                samples = resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)
                left -= len(samples)
                yield samples
        if left <= 0:
            return
