"""Numbers that are no sound, and bursts far beyond full scale, cost no speech around them."""

import io

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE, decode
from functions.transcribe.audio.level import Level
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from shared.documents.warnings import WarningCode
from tests.support.sound.audio import from_channels
from tests.support.sound.sounds import loudest_hertz

RATE = 16_000


def voice(seconds: float, *, level: float = 0.3) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 300 * at)).astype(np.float32).reshape(1, -1)


def treated(sound: np.ndarray, group_sec: float = 5) -> tuple[np.ndarray, Level]:
    """The sound in groups, each at its level."""
    level, groups = Level(), []
    size = round(group_sec * RATE)
    for start in range(0, sound.shape[1], size):
        group = level.sound_of(sound[:, start : start + size], RATE)
        groups.append(group * level.gain_of(group, RATE))
    return np.concatenate(groups, axis=1), level


@pytest.mark.parametrize("seed", range(12))
def test_a_burst_of_a_decoder_does_not_lower_the_level(seed: int) -> None:
    """Two frames after damage, 4 to 100,000 times full scale, anywhere in the recording."""
    dice = np.random.default_rng(seed)
    sound = voice(30)
    for _ in range(3):
        at = int(dice.integers(sound.shape[1] - 900))
        loud = 10 ** dice.uniform(0.6, 5)
        sound[:, at : at + 840] = dice.normal(0, loud, 840)

    heard, level = treated(sound)

    quiet = np.abs(heard.reshape(-1, RATE // 10)).max(axis=1) < 0.25
    assert not quiet.any()
    assert level.garbled_sec == 0


@pytest.mark.parametrize("seed", range(12))
def test_floats_from_the_wrong_byte_on_are_silence_and_are_told(seed: int) -> None:
    """Before and behind the stretch nothing changes."""
    dice = np.random.default_rng(seed)
    said = dice.normal(0, 0.1, (1, 20 * RATE)).astype(np.float32)
    start = int(dice.integers(1, 15 * RATE))
    stop = start + int(dice.integers(RATE, 4 * RATE))
    shift = int(dice.integers(1, 4))
    sound = said.copy()
    sound[0, start:stop] = np.frombuffer(
        said[0, start : stop + 1].tobytes()[shift : shift - 4], np.float32
    )

    heard, level = treated(sound)

    edge = RATE // 50
    assert level.garbled_sec == pytest.approx((stop - start) / RATE, abs=0.05)
    assert np.array_equal(heard[:, : start - edge], said[:, : max(0, start - edge)])
    assert np.array_equal(heard[:, stop + edge :], said[:, stop + edge :])
    assert not heard[:, start + edge : stop - edge].any()


def test_the_level_returns_after_a_long_loud_stretch() -> None:
    sound = np.concatenate([voice(10), voice(5, level=3_000), voice(30)], axis=1)

    heard, _ = treated(sound)

    assert np.abs(heard[:, 35 * RATE :]).max() == pytest.approx(0.3, abs=0.01)
    assert np.abs(heard).max() <= 1


def test_integers_stored_as_floats_are_sound() -> None:
    heard, level = treated(voice(10, level=2.0**31))

    assert np.abs(heard).max() == pytest.approx(1)
    assert level.garbled_sec == 0


@pytest.mark.heavy
def test_junk_behind_a_float_recording_costs_nothing_of_it() -> None:
    data = from_channels(voice(12), codec="pcm_f32le", rate=RATE)
    report = DecodingReport()

    junk = np.random.default_rng(4).bytes(40_000)
    samples = np.concatenate(list(decode(io.BytesIO(data + junk), report=report)))

    last = samples[11 * SAMPLE_RATE : 12 * SAMPLE_RATE]
    assert loudest_hertz(last) == pytest.approx(300, abs=2)
    assert np.abs(last).max() > 0.25 * 32768
    assert {each.code for each in warnings_of(report)} == {WarningCode.RECORDING_DAMAGED}
