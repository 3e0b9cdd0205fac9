import numpy as np
import pytest
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples
from functions.transcribe.cut_points import SHORTEST_PAUSE, Cut, CutLimits, best_cut
from functions.transcribe.voice import WINDOW
from tests.support.sounds import tone

LIMITS = CutLimits(shortest=50, wished_from=80, wished_to=120, longest=150)


def speech(*pauses: tuple[int, int]) -> NDArray[np.float32]:
    """200 windows of speech with pauses [from, to)."""
    probabilities = np.full(200, 0.9, np.float32)
    for start, stop in pauses:
        probabilities[start:stop] = 0.1
    return probabilities


def loud(quieter: int | None = None) -> Samples:
    sound = tone(200 * WINDOW / SAMPLE_RATE)
    if quieter is not None:
        sound[quieter * WINDOW : (quieter + 6) * WINDOW] //= 8
    return sound


def cut(probabilities: NDArray[np.float32], sound: Samples) -> Cut:
    return best_cut(probabilities, sound, LIMITS)


def test_the_longest_pause_near_the_wished_length_wins() -> None:
    assert cut(speech((85, 93), (100, 114), (115, 119)), loud()) == Cut(107, in_pause=True)


def test_a_longer_pause_far_away_does_not() -> None:
    assert cut(speech((52, 76), (90, 98), (124, 148)), loud()) == Cut(94, in_pause=True)


def test_a_pause_far_away_is_better_than_the_middle_of_a_word() -> None:
    assert cut(speech((60, 68)), loud(quieter=100)) == Cut(64, in_pause=True)


def test_the_closure_of_a_consonant_is_no_pause() -> None:
    inside_a_word = (90, 90 + SHORTEST_PAUSE - 1)

    found = cut(speech(inside_a_word), loud(quieter=110))

    assert found.at == pytest.approx(113, abs=1)
    assert not found.in_pause


def test_without_any_pause_the_quietest_moment_near_the_wished_length_is_taken() -> None:
    found = cut(speech(), loud(quieter=110))

    assert found.at == pytest.approx(113, abs=1)
    assert not found.in_pause


def test_of_a_pause_that_reaches_over_the_range_the_middle_inside_it_is_taken() -> None:
    assert cut(speech((70, 200)), loud()) == Cut(100, in_pause=True)
