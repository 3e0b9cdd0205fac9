"""What was lost or repaired while a recording was decoded becomes a warning; the rest does not."""

import io
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache

import av
import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from functions.transcribe.audio.recording import decoded_recording
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from shared.documents.warnings import LectureWarning, WarningCode
from tests.support.sound.audio import Track, as_file, from_channels, with_tracks, without_packets
from tests.support.sound.sounds import silence, tone
from tests.support.sound.speech import clip

pytestmark = pytest.mark.heavy

SECONDS = 30


@cache
def speech() -> Samples:
    return np.concatenate(list(decode(io.BytesIO(clip("economics", seconds=SECONDS)))))


def sound(*, level: float = 1.0) -> np.ndarray:
    scaled: np.ndarray = level * speech() / np.abs(speech()).max()
    return scaled


def warned(data: bytes) -> dict[str, LectureWarning]:
    report = DecodingReport()
    with decoded_recording(
        lambda: nullcontext(io.BytesIO(data)), language=None, report=report
    ) as blocks:
        for _ in blocks:
            pass
    return {warning.code: warning for warning in warnings_of(report)}


def channels(*rows: np.ndarray, codec: str = "pcm_s16le") -> bytes:
    return from_channels(np.vstack(rows), codec=codec, rate=SAMPLE_RATE)


UNDAMAGED = [
    ("mp4", "aac", 48_000),
    ("mp3", "mp3", 44_100),
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
    ("wav", "pcm_s16le", 16_000),
    ("wav", "pcm_f32le", 48_000),
    ("flac", "flac", 44_100),
]


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("container", "codec", "rate"), UNDAMAGED)
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_an_undamaged_recording_has_no_warning(
    container: str, codec: str, rate: int, layout: str
) -> None:
    data = as_file(speech(), container=container, codec=codec, rate=rate, layout=layout)

    assert warned(data) == {}


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("mp4", "aac")])
def test_speech_at_full_scale_is_not_too_loud(container: str, codec: str) -> None:
    data = from_channels(sound().reshape(1, -1), codec=codec, container=container, rate=SAMPLE_RATE)

    assert warned(data) == {}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("at", [0, 1])
def test_the_track_that_was_used_is_named(at: int) -> None:
    tracks = [Track(silence(SECONDS)), Track(silence(SECONDS))]
    tracks[at] = Track(speech())

    warnings = warned(with_tracks(tracks))

    assert set(warnings) == {WarningCode.SEVERAL_TRACKS}
    assert warnings[WarningCode.SEVERAL_TRACKS].params == {"tracks": 2, "used": (at + 1,)}


def test_tracks_are_counted_without_the_picture() -> None:
    data = with_tracks([Track(silence(SECONDS)), Track(speech())], picture_sec=SECONDS)

    assert warned(data)[WarningCode.SEVERAL_TRACKS].params["used"] == (2,)


def test_damage_in_any_of_the_mixed_tracks_is_told() -> None:
    """The report of one track is not the report of the recording."""
    reports = [DecodingReport(), DecodingReport(damaged_sec=8, missing_sec=3, clipped_sec=20)]
    reports[0].decoded_sec = SECONDS
    reports[0].absorb(reports[1])

    assert [warning.code for warning in warnings_of(reports[0])] == [
        WarningCode.RECORDING_INCOMPLETE,
        WarningCode.RECORDING_DAMAGED,
        WarningCode.CLIPPED,
    ]


@pytest.mark.slow
def test_damage_in_the_second_of_two_mixed_tracks_is_told() -> None:
    both = bytearray(with_tracks([Track(speech()), Track(speech())]))
    assert set(warned(bytes(both))) == {WarningCode.SEVERAL_TRACKS}
    with av.open(io.BytesIO(bytes(both)), "r") as container:
        second = [packet for packet in container.demux(audio=1) if packet.size and packet.pos]
        places = [(int(packet.pos or 0), packet.size) for packet in second]
    for at, size in places[len(places) // 3 : len(places) // 2]:
        both[at : at + size] = b"\xff" * size

    warnings = warned(bytes(both))

    assert set(warnings) == {WarningCode.SEVERAL_TRACKS, WarningCode.RECORDING_DAMAGED}
    assert warnings[WarningCode.RECORDING_DAMAGED].params["seconds"] == pytest.approx(5, abs=1)


@pytest.mark.parametrize("share", [-1.0, -0.89])
def test_opposite_polarity_is_told(share: float) -> None:
    warnings = warned(channels(sound(level=0.5), share * sound(level=0.5)))

    assert set(warnings) == {WarningCode.OPPOSITE_PHASE}
    assert warnings[WarningCode.OPPOSITE_PHASE].params["seconds"] == pytest.approx(SECONDS, abs=4)


def test_samples_beyond_full_scale_are_told_and_not_called_clipped() -> None:
    warnings = warned(channels(sound(level=20), codec="pcm_f32le"))

    assert set(warnings) == {WarningCode.BEYOND_FULL_SCALE}


@pytest.mark.parametrize(
    ("container", "codec", "code"),
    [
        ("wav", "pcm_s16le", WarningCode.CLIPPED),
        ("flac", "flac", WarningCode.CLIPPED),
        # Lossy decoders give back what was cut off as samples beyond full scale.
        ("mp4", "aac", WarningCode.BEYOND_FULL_SCALE),
    ],
)
@pytest.mark.parametrize("rows", [1, 2])
def test_a_level_that_was_too_high_is_told(
    container: str, codec: str, code: WarningCode, rows: int
) -> None:
    clipped = np.clip(sound(level=30), -1, 1)
    data = from_channels(
        np.vstack([clipped] * rows), codec=codec, container=container, rate=SAMPLE_RATE
    )

    warnings = warned(data)

    assert set(warnings) == {code}
    assert warnings[code].params["seconds"] == pytest.approx(SECONDS, abs=8)


def test_a_recording_that_breaks_off_is_told_with_what_is_missing() -> None:
    data = as_file(speech(), container="wav", codec="pcm_s16le")

    warnings = warned(data[: len(data) // 2])

    assert set(warnings) == {WarningCode.RECORDING_INCOMPLETE}
    missing = warnings[WarningCode.RECORDING_INCOMPLETE]
    assert missing.params["seconds"] == pytest.approx(SECONDS / 2, abs=1)
    assert f"about {SECONDS // 2} seconds are missing" in missing.message


def test_damage_in_the_middle_is_told() -> None:
    data = bytearray(as_file(speech(), container="mp4", codec="aac", rate=48_000))
    at = len(data) // 3
    data[at : at + len(data) // 4] = np.random.default_rng(5).bytes(len(data) // 4)

    warnings = warned(bytes(data))

    assert WarningCode.RECORDING_DAMAGED in warnings


def test_silence_that_was_not_sent_is_no_damage() -> None:
    """Opus leaves packets out where nothing is said (DTX)."""
    data = as_file(speech(), container="webm", codec="libopus", rate=48_000)

    assert warned(without_packets(data, container="webm", first=300, count=100)) == {}


@pytest.mark.slow
def test_recordings_that_follow_each_other_are_told() -> None:
    parts: Sequence[bytes] = [
        as_file(tone(4), container="ogg", codec="libopus", rate=48_000) for _ in range(3)
    ]

    warnings = warned(b"".join(parts))

    assert set(warnings) == {WarningCode.SEVERAL_RECORDINGS}
    assert warnings[WarningCode.SEVERAL_RECORDINGS].params == {"recordings": 3}
