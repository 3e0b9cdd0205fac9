"""A transcript cut into windows that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.generate.providers.language_model.windows import cut_windows, estimate_tokens
from functions.generate.text.language import language_of
from shared.documents.transcript import Utterance
from tests.unit.generate.lectures import NAMES, lecture

STEMS = language_of("en").content_stems


def weigh(utterance: Utterance) -> int:
    return estimate_tokens(utterance.text)


def utterance(index: int, text: str, *, start: float | None = None) -> Utterance:
    begin = index * 4.0 if start is None else start
    return Utterance(
        id=index, start_sec=begin, end_sec=begin + 3, text=text, confidence=1, words=()
    )


WORDS = st.lists(st.sampled_from(["hash", "table", "slot", "key", "list", "tree"]), min_size=1)


@given(st.lists(WORDS, max_size=60), st.integers(4, 200))
def test_all_of_it_is_in_some_window_once_in_order_and_none_is_too_heavy(
    said: list[list[str]], room: int
) -> None:
    utterances = [utterance(index, " ".join(words)) for index, words in enumerate(said)]
    windows = cut_windows(utterances, room=room, weigh=weigh, stems=STEMS)
    assert all(sum(map(weigh, window)) <= room for window in windows if len(window) > 1)
    pieces = [piece for window in windows for piece in window]
    assert " ".join(p.text for p in pieces).split() == [word for words in said for word in words]
    assert [piece.id for piece in pieces] == sorted(piece.id for piece in pieces)
    assert all(weigh(piece) <= room or " " not in piece.text for piece in pieces)


def test_what_fits_stays_whole() -> None:
    utterances = lecture("economics").utterances
    (window,) = cut_windows(utterances, room=1_000_000, weigh=weigh, stems=STEMS)
    assert tuple(window) == utterances


@pytest.mark.parametrize("over", [2, 4, 7])
def test_a_window_ends_where_the_topic_does(over: int) -> None:
    first, second = (lecture(name).utterances for name in ("photosynthesis", "economics"))
    said = [utterance(index, each.text) for index, each in enumerate((*first, *second))]
    # Room for the first lecture and some of the second: the end is looked for, not just met.
    room = sum(weigh(each) for each in said[: len(first) + over])
    windows = cut_windows(said, room=room, weigh=weigh, stems=STEMS)
    # The first lecture ends with words that are about neither.
    assert len(first) - 2 <= len(windows[0]) <= len(first)


def test_of_two_like_places_the_one_with_the_pause_is_chosen() -> None:
    said = [utterance(index, f"word{index}") for index in range(20)]
    late = [
        each if index < 17 else each.model_copy(update={"start_sec": each.start_sec + 30})
        for index, each in enumerate(said)
    ]
    room = sum(weigh(each) for each in said[:19])
    windows = cut_windows(late, room=room, weigh=weigh, stems=STEMS)
    assert len(windows[0]) == 17


@pytest.mark.parametrize("name", NAMES)
def test_the_estimate_of_tokens_is_above_the_words_and_below_the_bytes(name: str) -> None:
    text = lecture(name).text
    assert len(text.split()) < estimate_tokens(text) < len(text.encode())
