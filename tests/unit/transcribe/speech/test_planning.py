import pytest

from functions.transcribe.speech.planning import SHORTEST_SEC, segment_length

HOUR = 3600.0


@pytest.mark.parametrize("hours", [0.5, 1, 2, 3, 7.9])
@pytest.mark.parametrize("workers", [1, 2, 3, 8, 20, 64])
def test_segments_fill_whole_rounds_of_the_workers(hours: float, workers: int) -> None:
    length = segment_length(hours * HOUR, workers=workers, longest_sec=300)

    assert SHORTEST_SEC <= length <= 300
    count = hours * HOUR / length
    # Unless that would make them too short.
    assert count % workers == pytest.approx(0, abs=1e-6) or length == SHORTEST_SEC


def test_there_are_as_few_rounds_as_the_longest_allows() -> None:
    assert segment_length(HOUR, workers=2, longest_sec=300) == 300
    assert segment_length(HOUR, workers=2, longest_sec=360) == 360
    assert segment_length(HOUR, workers=7, longest_sec=300) == pytest.approx(HOUR / 14)


def test_short_lectures_are_divided_too_but_not_into_scraps() -> None:
    assert segment_length(500, workers=2, longest_sec=300) == 250
    assert segment_length(500, workers=20, longest_sec=300) == SHORTEST_SEC


@pytest.mark.parametrize("unknown", [None, 0.0, -1.0])
def test_without_a_duration_in_the_header_segments_have_the_longest_length(
    unknown: float | None,
) -> None:
    assert segment_length(unknown, workers=8, longest_sec=300) == 300


def test_who_asks_for_short_segments_gets_them() -> None:
    assert segment_length(HOUR, workers=2, longest_sec=20) == 20
