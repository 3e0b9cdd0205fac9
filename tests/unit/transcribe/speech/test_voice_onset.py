"""A soft first sound in the padding of a speech region is found by its loudness."""

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.speech.pieces import Speech, speech_pieces
from functions.transcribe.speech.regions import PAD, Region
from functions.transcribe.speech.voice_onset import BELOW_SPEECH, with_onset

VOICE_SEC = 2.0
REGION = Region(round(VOICE_SEC * SAMPLE_RATE) - PAD, 5 * SAMPLE_RATE, padded=PAD)


def sound(*stretches: tuple[float, float, float], noise: float = 0.0, seed: int = 1) -> np.ndarray:
    """Six seconds: from, to and amplitude of each stretch, over noise."""
    dice = np.random.default_rng(seed)
    samples = dice.normal(0, noise, 6 * SAMPLE_RATE)
    for start, stop, level in ((VOICE_SEC, 5.0, 0.2), *stretches):
        first, last = round(start * SAMPLE_RATE), round(stop * SAMPLE_RATE)
        samples[first:last] += dice.normal(0, level, last - first)
    return samples.astype(np.float32)


def onset_sec(samples: np.ndarray) -> float:
    region = with_onset(REGION, samples)
    assert (region.start, region.end) == (REGION.start, REGION.end)
    return (region.start + region.padded) / SAMPLE_RATE


@pytest.mark.parametrize("seed", range(10))
def test_the_onset_is_where_a_soft_sound_begins(seed: int) -> None:
    """Of any level from -24 dB against the speech on, in a room of -40 dB and less."""
    dice = np.random.default_rng(seed)
    early = dice.uniform(0.05, 0.3)
    level = 0.2 * dice.uniform(1.3 * BELOW_SPEECH, 0.6)
    noise = level * dice.uniform(0, 0.15)

    found = onset_sec(sound((VOICE_SEC - early, VOICE_SEC, level), noise=noise, seed=seed))

    assert found == pytest.approx(VOICE_SEC - early, abs=0.021)


def test_a_plosive_has_a_closure() -> None:
    found = onset_sec(sound((1.80, 1.84, 0.1), (1.88, 2, 0.1)))

    assert found == pytest.approx(1.80, abs=0.021)


@pytest.mark.parametrize("noise", [0.0, 0.0005, 0.01, 0.1])
def test_the_noise_of_a_room_is_no_onset(noise: float) -> None:
    assert onset_sec(sound(noise=noise)) == pytest.approx(VOICE_SEC, abs=0.011)


@pytest.mark.parametrize("seed", range(5))
def test_a_noise_some_time_before_is_no_onset(seed: int) -> None:
    """A cough or a page that is turned, with silence behind it."""
    assert onset_sec(sound((1.65, 1.85, 0.2), seed=seed)) == pytest.approx(VOICE_SEC, abs=0.011)


def test_a_region_without_padding_stays() -> None:
    region = Region(0, SAMPLE_RATE, padded=0)

    assert with_onset(region, sound()) is region


def test_pieces_begin_with_the_voice() -> None:
    [piece] = speech_pieces(Speech(sound((1.8, 2.0, 0.1)), (REGION,)))

    start_sec, _ = piece.place(0, 0.5)
    assert start_sec == pytest.approx(1.8 - 0.1, abs=0.021)
