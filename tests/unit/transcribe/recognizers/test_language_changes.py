"""Probabilities as Whisper base tells them of windows of four to ten seconds."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcribe.recognizers.whisper.language_changes import (
    OTHER,
    detected,
    settled,
    share,
    surely,
    unsettled,
)

EN = {"en": 0.95, "de": 0.02}
DE = {"de": 0.95, "en": 0.02}
NEITHER = {"la": 0.3, "de": 0.18, "en": 0.14}
"""A synthetic voice, or a few words between two pauses."""
NOISY = ({"cy": 0.3, "en": 0.5}, {"nn": 0.4, "en": 0.46})
"""English in babble or noise that is louder than it."""


def course(*windows: dict[str, float], before: str | None = None, after: str | None = None) -> str:
    languages = settled(windows, expected="en", before=before, after=after)
    return " ".join("?" if language == OTHER else language for language in languages)


def test_each_stretch_is_in_its_own_language() -> None:
    assert course(EN, EN, DE, DE, DE, before="en") == "en en de de de"
    assert course(DE, DE, DE, EN, EN, after="en") == "de de de en en"
    assert course(EN, EN, DE, DE, DE, EN, before="en", after="en") == "en en de de de en"


def test_one_odd_sentence_changes_nothing() -> None:
    assert course(EN, DE, EN, before="en", after="en") == "en en en"
    assert course(EN, NEITHER, EN) == "en en en"
    assert course(DE, DE, EN, DE, DE) == "de de de de de"
    assert course(DE, before="en", after="en") == "en"


def test_what_is_unclear_goes_with_its_neighbours() -> None:
    assert course(EN, EN, DE, NEITHER, NEITHER, DE, before="en") == "en en de de de de"


def test_noise_that_is_like_some_language_again_and_again_changes_nothing() -> None:
    assert course(*NOISY * 8) == " ".join(["en"] * 16)


def test_what_is_not_in_the_expected_language_need_not_be_like_one_other() -> None:
    like_many = ({"nn": 0.19, "cy": 0.18, "en": 0.09}, {"lv": 0.24, "la": 0.17, "en": 0.06})

    assert course(EN, *like_many, *like_many, EN, before="en", after="en") == "en ? ? ? ? en"
    assert course(EN, EN, *like_many, before="en", after="de") == "en en ? ?"


def test_a_language_that_is_taken_for_another_is_like_both() -> None:
    nynorsk, bokmaal = {"nn": 0.85, "no": 0.1}, {"no": 0.8, "nn": 0.1}

    assert settled([nynorsk] * 4, expected="no", before=None, after=None) == ["no"] * 4
    assert settled([bokmaal] * 4, expected="nn", before=None, after=None) == ["nn"] * 4
    assert share({"hi": 0.3, "ur": 0.5}, "hi") == pytest.approx(0.8)
    assert share({"hi": 0.3, "ur": 0.5}, "en") == 0


def test_a_lecture_that_is_all_in_another_language_than_it_was_said_to_be() -> None:
    assert course(DE, DE, DE) == "de de de"
    assert course() == ""


def test_a_measured_change() -> None:
    # English, the first German sentence taken for Thai, German, a scrap of it.
    windows = (
        {"en": 0.91, "la": 0.04},
        {"en": 0.9, "de": 0.02},
        {"th": 0.7, "de": 0.19, "en": 0.02},
        {"de": 0.94, "nn": 0.02},
        {"de": 0.4, "la": 0.29, "en": 0.14},
        {"de": 0.65, "en": 0.09},
        {"en": 0.81, "nn": 0.05},
        {"en": 0.99},
    )

    assert course(*windows, before="en", after="en") == "en en ? de de de en en"


@given(
    st.lists(st.sampled_from([EN, DE, NEITHER]), max_size=20),
    st.sampled_from([None, "en", "de"]),
)
def test_no_change_of_language_lasts_a_single_window(
    windows: list[dict[str, float]], around: str | None
) -> None:
    languages = settled(windows, expected="en", before=around, after=around)

    assert len(languages) == len(windows)
    inner = zip(languages, languages[1:], languages[2:], strict=False)
    assert all(OTHER in (a, b) or not (a == c != b) for a, b, c in inner)


@pytest.mark.parametrize(
    ("told", "looked_into"),
    [
        (["en", "en", "en"], []),
        (["en", None, "en"], [1]),
        (["de", "de"], []),
        (["en", "en", "de", "de", "de"], [1, 2]),
        (["en", None, "de", "de"], [1]),
        (["en", "de", "en"], [0, 1, 2]),
        ([], []),
    ],
)
def test_only_where_languages_meet_or_are_unsure_is_anything_looked_into(
    told: list[str | None], looked_into: list[int]
) -> None:
    assert unsettled(told) == looked_into


def test_a_piece_is_surely_in_one_language_or_not() -> None:
    assert surely({"en": 0.99}, "en") == "en"
    assert surely({"de": 0.98, "en": 0.01}, "en") == "de"
    assert surely({"en": 0.75, "la": 0.1}, "en") is None
    assert surely({}, "en") == "en"


def test_the_first_piece_that_is_sure_names_a_recording() -> None:
    asked: list[dict[str, float]] = []

    def pieces() -> Iterator[dict[str, float]]:
        for languages in ({"en": 0.4, "cy": 0.3}, EN, DE):
            asked.append(languages)
            yield languages

    assert detected(pieces()) == ("en", 0.95)
    assert asked[-1] == EN


def test_where_none_is_sure_all_pieces_name_it_and_none_is_in_latin() -> None:
    # A synthetic French voice.
    french = [{"la": 0.65, "fr": 0.14}, {"la": 0.94, "th": 0.03}, {"fr": 0.6, "la": 0.2}]

    language, probability = detected(french)

    assert (language, round(probability, 3)) == ("fr", round(0.74 / 3, 3))
    assert detected([]) == ("und", 0.0)
