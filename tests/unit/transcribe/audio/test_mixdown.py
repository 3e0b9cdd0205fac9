"""Channels of opposite polarity and float samples beyond full scale survive the mono mix."""

import io

import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from functions.transcribe.audio import SAMPLE_RATE, decode
from functions.transcribe.audio.mixdown import _channels, _in_unit_scale
from functions.transcribe.audio.report import DecodingReport
from tests.support.sound.audio import LAYOUTS, from_channels
from tests.support.sound.sounds import loudest_hertz, tone

pytestmark = pytest.mark.heavy

RATE = 48_000


def sound(seconds: float, hertz: float, *, level: float = 0.3) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def level_of(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples / 32768.0))))


def decoded(data: bytes, report: DecodingReport | None = None) -> np.ndarray:
    return np.concatenate(list(decode(io.BytesIO(data), report=report)))


CODECS = [
    ("pcm_s16le", "wav"),
    ("pcm_s24le", "wav"),
    ("pcm_f32le", "wav"),
    ("pcm_u8", "wav"),
    ("flac", "flac"),
    ("aac", "mp4"),
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("codec", "container"), [c for c in CODECS if c[0] != "pcm_u8"])
@pytest.mark.parametrize("second", [-1.0, -0.89, -0.7])
def test_channels_of_opposite_polarity_do_not_cancel(
    codec: str, container: str, second: float
) -> None:
    said = sound(12, 300)
    report = DecodingReport()

    samples = decoded(
        from_channels(np.vstack([said, second * said]), codec=codec, container=container), report
    )

    assert level_of(samples) > 0.7 * level_of(said * 32768)
    assert loudest_hertz(samples) == pytest.approx(300, abs=2)
    assert report.inverted_sec == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize("start_sec", [10, 12.3])
def test_only_the_stretch_of_opposite_polarity_is_turned_round(start_sec: float) -> None:
    said = sound(30, 300)
    other = said.copy()
    other[round(start_sec * RATE) : round((start_sec + 10) * RATE)] *= -1
    report = DecodingReport()

    samples = decoded(from_channels(np.vstack([said, other])), report)

    assert len(samples) == pytest.approx(30 * SAMPLE_RATE, abs=60)
    quiet = [
        second
        for second in range(30)
        if level_of(samples[second * SAMPLE_RATE : (second + 1) * SAMPLE_RATE])
        < 0.9 * level_of(said * 32768)
    ]
    assert len(quiet) <= 2, "where the polarity changes, part of a second may be lost"
    assert report.inverted_sec == pytest.approx(10, abs=1.1)


@pytest.mark.parametrize(
    ("count", "codec", "container"),
    [
        (8, "aac", "mp4"),
        (8, "flac", "flac"),
        (8, "pcm_f32le", "wav"),
        (24, "pcm_f32le", "matroska"),
    ],
)
def test_many_channels_of_opposite_polarity_do_not_cancel(
    count: int, codec: str, container: str
) -> None:
    said = sound(12, 300)
    channels = np.vstack([said * (-1) ** place for place in range(count)])
    report = DecodingReport()

    samples = decoded(from_channels(channels, codec=codec, container=container), report)

    assert level_of(samples) > 0.5 * level_of(said * 32768)
    assert report.inverted_sec == pytest.approx(12, abs=0.2)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("form", ["s16p", "fltp", "s32p", "dblp", "u8p"])
@pytest.mark.parametrize("count", [6, 2, 8, 16, 24])
def test_planes_of_any_number_are_read_as_they_are(form: str, count: int) -> None:
    """Each channel has a level of its own."""
    levels = np.linspace(0.1, 0.9, count).reshape(-1, 1)
    packed = AudioFrame.from_ndarray(
        np.repeat(levels, RATE, axis=1).T.astype(np.float32).reshape(1, -1), "flt", LAYOUTS[count]
    )
    packed.sample_rate = RATE
    planar = AudioResampler(format=form, layout=LAYOUTS[count], rate=RATE).resample(packed)[0]

    channels = _channels(planar)

    assert channels is not None
    assert channels.shape == (count, RATE)
    assert _in_unit_scale(channels) == pytest.approx(
        np.broadcast_to(levels, channels.shape), abs=0.01
    )


def test_hum_that_all_channels_share_does_not_hide_the_cancelling() -> None:
    said, hum = sound(10, 900, level=0.1), sound(10, 50, level=0.5) + 0.2
    samples = decoded(from_channels(np.vstack([hum + said, hum - said]) / 2))

    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    at = 900 * len(samples) // SAMPLE_RATE
    assert spectrum[at - 5 : at + 6].max() > 0.5 * 0.05 * 32768 * len(samples) / 2


@pytest.mark.parametrize("count", [2, 4, 6])
def test_speakers_on_channels_of_their_own_are_all_kept(count: int) -> None:
    """Independent channels do not cancel: the mix is FFmpeg's own, sample by sample."""
    dice = np.random.default_rng(3)
    channels = dice.normal(0, 0.1, (count, 10 * RATE))
    report = DecodingReport()

    decoded(from_channels(channels), report)

    assert report.inverted_sec == 0


@pytest.mark.parametrize("speaking", [0, 1])
def test_one_channel_of_two_that_carries_speech_is_heard(speaking: int) -> None:
    channels = np.zeros((2, 10 * RATE))
    channels[speaking] = sound(10, 300)
    report = DecodingReport()

    samples = decoded(from_channels(channels), report)

    assert loudest_hertz(samples) == pytest.approx(300, abs=2)
    assert report.inverted_sec == 0


def test_two_speakers_left_and_right_with_one_wire_swapped_are_both_heard() -> None:
    left, right = sound(10, 300), sound(10, 1_000)
    mixed = left + right
    samples = decoded(from_channels(np.vstack([mixed, -mixed])))

    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    for hertz in (300, 1_000):
        assert spectrum[hertz * 10 - 3 : hertz * 10 + 4].max() > 0.2 * spectrum.max()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("peak", [1.5, 20.0, 300.0])
def test_float_samples_beyond_full_scale_are_not_cut_off(channels: int, peak: float) -> None:
    said = sound(12, 300, level=peak) * np.linspace(0.9, 1, 12 * RATE)
    report = DecodingReport()

    samples = decoded(from_channels(np.vstack([said] * channels), codec="pcm_f32le"), report)

    spectrum = np.abs(np.fft.rfft(samples[:SAMPLE_RATE].astype(float)))
    third_harmonic = spectrum[895:906].max() / spectrum.max()
    assert third_harmonic < 0.01  # a clipped sine has 0.3
    assert abs(samples).max() > 30_000
    assert report.scaled_sec == pytest.approx(12, abs=0.2)


def test_one_click_far_beyond_full_scale_does_not_silence_the_rest() -> None:
    said = sound(20, 300)
    said[RATE] = 10_000.0
    said[2 * RATE] = np.nan
    said[3 * RATE] = np.inf

    samples = decoded(from_channels(said.reshape(1, -1), codec="pcm_f32le"))

    assert level_of(samples[-10 * SAMPLE_RATE :]) == pytest.approx(
        level_of(said[-10 * RATE :] * 32768), rel=0.02
    )
    assert level_of(samples[: 5 * SAMPLE_RATE]) > 0.2 * level_of(said[-RATE:] * 32768)


@pytest.mark.parametrize(("codec", "container"), CODECS[:3])
def test_a_usual_stereo_recording_is_left_to_ffmpeg(codec: str, container: str) -> None:
    report = DecodingReport()
    stereo = np.vstack([sound(8, 300), 0.8 * sound(8, 300)])

    decoded(from_channels(stereo, codec=codec, container=container), report)

    assert (report.inverted_sec, report.scaled_sec) == (0, 0)


def test_a_pause_keeps_the_samples_of_the_block_size() -> None:
    quiet = tone(3)
    assert len(decoded(from_channels(np.zeros((2, 3 * RATE))))) == len(quiet)
