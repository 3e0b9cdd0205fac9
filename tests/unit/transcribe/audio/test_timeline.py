from fractions import Fraction

import numpy as np
import pytest
from av.audio.frame import AudioFrame

from functions.transcribe.audio.timeline import (
    LARGEST_DRIFT_SEC,
    LARGEST_UNEARNED_SEC,
    Timeline,
)


def frame(at_sec: float | None) -> AudioFrame:
    """Half a second of sound, stamped."""
    frame = AudioFrame("s16", "mono", 8000)
    frame.sample_rate = 16_000
    frame.time_base = Fraction(1, 1000)
    frame.pts = None if at_sec is None else round(at_sec * 1000)
    return frame


def gaps(*stamps: float | None, damaged: bool = False) -> list[float]:
    timeline = Timeline()
    return [timeline.gap_before(frame(stamp), damaged=damaged) for stamp in stamps]


def test_a_jump_between_neighbours_is_missing_time() -> None:
    assert gaps(0, 0.5, 3, 3.5) == [0, 0, pytest.approx(2), 0]


def test_a_recording_that_does_not_start_at_zero_begins_with_its_first_sound() -> None:
    assert gaps(7, 7.5) == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_jitter_adds_nothing(seed: int) -> None:
    jitter = np.random.default_rng(seed).uniform(-0.04, 0.04, 2000)

    assert gaps(*(index * 0.5 + late for index, late in enumerate(jitter))) == [0] * 2000


@pytest.mark.parametrize("seed", range(5))
def test_many_small_jumps_are_missing_time(seed: int) -> None:
    """A clock that drifts, and packets that were dropped here and there."""
    dropped = np.random.default_rng(seed).choice([0, 0.002, 0.06], 2000, p=[0.9, 0.05, 0.05])
    stamps = (np.arange(2000) * 0.5 + np.cumsum(dropped)).round(3)

    found = np.array(gaps(*stamps))

    behind = stamps - stamps[0] - np.arange(2000) * 0.5 - np.cumsum(found)
    assert np.abs(behind).max() <= LARGEST_DRIFT_SEC + 0.001
    assert np.count_nonzero(found) <= dropped.sum() / LARGEST_DRIFT_SEC


def test_a_clock_that_is_slower_than_the_samples_adds_nothing() -> None:
    assert gaps(*(index * 0.498 for index in range(2000))) == [0] * 2000


@pytest.mark.parametrize("unstamped", [1, 2, 5])
def test_frames_without_a_stamp_hide_no_jump(unstamped: int) -> None:
    """As FLAC's parser delivers them behind a hole."""
    found = gaps(0, *[None] * unstamped, 9)

    assert found == [0] * (unstamped + 1) + [pytest.approx(9 - (unstamped + 1) * 0.5)]


def test_the_smallest_jump_counts_where_a_packet_was_lost() -> None:
    assert gaps(0, 0.54, damaged=True) == [0, pytest.approx(0.04)]


def test_a_clock_that_runs_backwards_or_is_missing_adds_nothing() -> None:
    assert gaps(5, 1, None, 2, 2.5) == [0, 0, 0, 0, 0]


def test_a_broken_clock_cannot_make_days_of_silence() -> None:
    jumping = gaps(*(index * 500.0 for index in range(1000)))

    assert 0 < sum(jumping) <= 1000 * 0.5 + LARGEST_UNEARNED_SEC
