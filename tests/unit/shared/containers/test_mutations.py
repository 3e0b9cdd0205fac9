"""Damaged recordings of every container: as much as FFmpeg decodes, or a report of the loss."""

import io
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import cache
from typing import Literal

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from functions.transcribe.audio import SAMPLE_RATE, decode
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from shared.containers.opening import packets
from shared.documents.warnings import WarningCode
from shared.errors import NotAudioError
from tests.support.sound.audio import as_file

pytestmark = pytest.mark.heavy

Dice = np.random.Generator

RECORDINGS = [
    ("wav", "pcm_s16le", 16_000),
    ("flac", "flac", 16_000),
    ("mp3", "mp3", 44_100),
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
    ("matroska", "aac", 48_000),
    ("mp4", "aac", 48_000),
    ("adts", "aac", 48_000),
    ("mpegts", "aac", 48_000),
    ("asf", "wmav2", 44_100),
    ("aiff", "pcm_s16be", 16_000),
    ("caf", "pcm_s16be", 16_000),
    ("w64", "pcm_s16le", 16_000),
    ("avi", "mp3", 44_100),
]
SECONDS = 12
TOLERANCE_SEC = 0.3
LOSSES = {WarningCode.RECORDING_INCOMPLETE, WarningCode.RECORDING_DAMAGED}


@cache
def whole(container: str, codec: str, rate: int) -> bytes:
    noise = np.random.default_rng(8).normal(0, 3000, SECONDS * SAMPLE_RATE).astype(np.int16)
    return as_file(noise, container=container, codec=codec, rate=rate)


def cut_off(data: bytes, dice: Dice) -> bytes:
    return data[: int(dice.integers(len(data) // 10, len(data)))]


def hole(data: bytes, dice: Dice) -> bytes:
    start, stop = sorted(dice.integers(0, len(data), 2))
    return data[:start] + data[stop:]


def zeroed(data: bytes, dice: Dice) -> bytes:
    start = int(dice.integers(len(data)))
    length = int(dice.integers(1, len(data) // 3))
    return data[:start] + bytes(min(length, len(data) - start)) + data[start + length :]


def flipped(data: bytes, dice: Dice) -> bytes:
    damaged = bytearray(data)
    for at in dice.integers(0, len(data), int(dice.integers(1, 60))):
        damaged[at] ^= 1 << int(dice.integers(8))
    return bytes(damaged)


def header(data: bytes, dice: Dice) -> bytes:
    """Sizes and counts lie among the first bytes."""
    damaged = bytearray(data)
    for at in dice.integers(4, min(len(data), 200), int(dice.integers(1, 5))):
        damaged[at] = int(dice.integers(256))
    return bytes(damaged)


def appended(data: bytes, dice: Dice) -> bytes:
    container, codec, rate = RECORDINGS[int(dice.integers(len(RECORDINGS)))]
    return data + whole(container, codec, rate)


def resized(data: bytes, dice: Dice) -> bytes:
    """A field of four bytes in the head says another size: none, less, more, or all there is."""
    at = int(dice.integers(0, min(len(data), 120) - 4))
    order: Literal["little", "big"] = "little" if dice.integers(2) else "big"
    size = int(dice.choice([0, 1, len(data) // 7, len(data) * 3, 0x7FFFFFFF, 0xFFFFFFFF]))
    return data[:at] + size.to_bytes(4, order) + data[at + 4 :]


def edited(data: bytes, dice: Dice) -> bytes:
    """The edit list of an MP4 names another stretch of the sound; elsewhere the end is repeated."""
    at = data.find(b"elst")
    if at < 0:
        return data + data[-int(dice.integers(1, 5_000)) :]
    duration, media_time = int(dice.integers(0, 20_000)), int(dice.integers(-1, 600_000))
    entry = duration.to_bytes(4, "big") + media_time.to_bytes(4, "big", signed=True)
    return data[: at + 12] + entry + data[at + 20 :]


def begun_late(data: bytes, dice: Dice) -> bytes:
    """The same packets with time stamps that begin later, or jump in the middle."""
    offset_sec, jump_sec = dice.uniform(0, 30), dice.uniform(0, 30)
    copy = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source:
        track = source.streams.audio[0]
        name = source.format.name.partition(",")[0].replace("aac", "adts").replace("mov", "mp4")
        with av.open(copy, "w", format=name) as output:
            stream = output.add_stream_from_template(track)
            unit = track.time_base or Fraction(1, 1000)
            # A muxer that wants the first stamp to be 0 may refuse the rest.
            with suppress(av.FFmpegError):
                for index, packet in enumerate(source.demux(track)):
                    if packet.dts is None or packet.pts is None:
                        continue
                    late = offset_sec + (jump_sec if index > 20 else 0)
                    packet.pts += round(late / unit)
                    packet.dts += round(late / unit)
                    packet.stream = stream
                    output.mux(packet)
    return copy.getvalue() or data


MUTATIONS: tuple[Callable[[bytes, Dice], bytes], ...] = (
    cut_off,
    hole,
    zeroed,
    flipped,
    header,
    appended,
    resized,
    edited,
    begun_late,
)


def by_ffmpeg(data: bytes) -> float:
    """Seconds that FFmpeg decodes of the main track when it goes on after errors."""
    found = 0.0
    try:
        with av.open(io.BytesIO(data), "r") as container:
            track = container.streams.best("audio")
            if not isinstance(track, AudioStream):
                return 0.0
            for packet in packets(container, track):
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    continue
                found += sum(map(_seconds, frames))
    except (av.FFmpegError, ValueError):
        pass
    return found


def _seconds(frame: object) -> float:
    assert isinstance(frame, av.AudioFrame)
    return frame.samples / frame.sample_rate if frame.sample_rate else 0.0


def check(data: bytes) -> None:
    expected = by_ffmpeg(data)
    report = DecodingReport()
    try:
        found = sum(map(len, decode(io.BytesIO(data), report=report))) / SAMPLE_RATE
    except NotAudioError:
        assert expected < 1, "refused though FFmpeg decodes some of it"
        return
    told = {warning.code for warning in warnings_of(report)}
    assert found >= expected - TOLERANCE_SEC or told & LOSSES, (found, expected, report)


@pytest.mark.sampled(42)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize(("container", "codec", "rate"), RECORDINGS)
def test_no_sound_is_lost_without_a_report(
    container: str, codec: str, rate: int, mutation: Callable[[bytes, Dice], bytes]
) -> None:
    dice = np.random.default_rng(17)
    for _ in range(2):
        check(mutation(whole(container, codec, rate), dice))


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize(("container", "codec", "rate"), RECORDINGS)
def test_no_sound_is_lost_in_two_hundred_mutations(
    container: str, codec: str, rate: int, mutation: Callable[[bytes, Dice], bytes]
) -> None:
    """Of each container."""
    for seed in range(-(-200 // len(MUTATIONS))):
        data = mutation(whole(container, codec, rate), np.random.default_rng(1_000 + seed))
        check(data)


def test_a_stream_that_appears_in_the_middle_is_passed_over() -> None:
    """Bits of a transport stream's program table that happen to name one more stream."""
    data = whole("mpegts", "aac", 48_000)

    for seed in (1009, 1015, 1026, 1028):
        check(flipped(data, np.random.default_rng(seed)))
