"""Words of a corrected utterance: which keep their times, and which times the others get."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.corrections.respelling import Respelled, respell
from shared.documents.transcript import Utterance, Word
from shared.speech.alignment import split_words


def said(*words: tuple[str, float, float], probability: float = 0.5) -> Utterance:
    spoken = tuple(
        Word(text=text, start_sec=start, end_sec=end, probability=probability)
        for text, start, end in words
    )
    return Utterance(
        id=7,
        start_sec=spoken[0].start_sec,
        end_sec=spoken[-1].end_sec,
        text=" ".join(word.text for word in spoken),
        confidence=probability,
        words=spoken,
    )


OILER = said(("The", 10.0, 10.2), ("oiler", 10.3, 10.9), ("method.", 11.0, 11.5))


def timed(respelled: Respelled) -> list[tuple[str, float, float, float]]:
    return [
        (word.text, word.start_sec, word.end_sec, word.probability)
        for word in respelled.utterance.words
    ]


def test_a_replaced_word_has_the_time_of_the_word_it_replaces() -> None:
    respelled = respell(OILER, "The Euler method.")

    assert timed(respelled) == [
        ("The", 10.0, 10.2, 0.5),
        ("Euler", 10.3, 10.9, 1.0),
        ("method.", 11.0, 11.5, 0.5),
    ]
    assert respelled.utterance.text == "The Euler method."
    assert respelled.utterance.confidence == pytest.approx(2 / 3)
    assert (respelled.utterance.id, respelled.aligned.put_in, respelled.aligned.taken_out) == (
        7,
        (range(1, 2),),
        (range(1, 2),),
    )


def test_words_in_the_place_of_one_share_its_time_by_their_lengths() -> None:
    navier = said(("The", 0.0, 0.2), ("nafistokes", 1.0, 2.2), ("equation.", 2.5, 3.0))

    assert timed(respell(navier, "The Navier Stokes equation."))[1:3] == [
        ("Navier", 1.0, 1.6, 1.0),
        ("Stokes", 1.6, 2.2, 1.0),
    ]


def test_one_word_in_the_place_of_several_has_the_time_of_all() -> None:
    heat = said(("into", 1.0, 1.2), ("en", 1.3, 1.4), ("trophy", 1.5, 2.0), ("grows.", 2.1, 2.5))

    assert timed(respell(heat, "into entropy grows."))[1] == ("entropy", 1.3, 2.0, 1.0)


def test_only_spelled_otherwise_a_word_stays_where_it_is_and_is_certain() -> None:
    respelled = respell(OILER, "The Oiler method!")

    assert timed(respelled) == [
        ("The", 10.0, 10.2, 0.5),
        ("Oiler", 10.3, 10.9, 1.0),
        ("method!", 11.0, 11.5, 1.0),
    ]
    assert (respelled.aligned.put_in, respelled.aligned.taken_out) == ((), ())


def test_an_added_word_takes_the_pause_it_stands_in() -> None:
    assert timed(respell(OILER, "The oiler forward method."))[2] == ("forward", 10.9, 11.0, 1.0)


def test_an_added_word_without_a_pause_pushes_nobody_away() -> None:
    fast = said(("so", 1.0, 1.4), ("it", 1.4, 1.6))

    assert timed(respell(fast, "so then it")) == [
        ("so", 1.0, 1.4, 0.5),
        ("then", 1.4, 1.4, 1.0),
        ("it", 1.4, 1.6, 0.5),
    ]


def test_the_utterance_ends_with_the_last_word_that_is_left() -> None:
    respelled = respell(OILER, "oiler")

    assert (respelled.utterance.start_sec, respelled.utterance.end_sec) == (10.3, 10.9)


def test_where_no_words_are_spaced_each_character_keeps_its_time() -> None:
    chinese = said(("我", 0.0, 0.2), ("门", 0.2, 0.4), ("学", 0.4, 0.6), ("习。", 0.6, 0.9))

    assert timed(respell(chinese, "我们学习。")) == [
        ("我", 0.0, 0.2, 0.5),
        ("们", 0.2, 0.4, 1.0),
        ("学", 0.4, 0.6, 0.5),
        ("习。", 0.6, 0.9, 0.5),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The well-known e.g. 3.5 %", ("The", "well-known", "e.g.", "3.5", "%")),
        ("用Python写，好。", ("用", "Python", "写，", "好。")),
        ("「好」吗", ("「好」", "吗")),
        ("naïve café", ("naïve", "café")),
    ],
)
def test_a_text_falls_into_words_as_recognizers_write_them(
    text: str, words: tuple[str, ...]
) -> None:
    assert split_words(text) == words


words = st.lists(
    st.sampled_from(["a", "the", "Euler", "oiler,", "method.", "学", "—"]), min_size=1, max_size=12
)


@given(before=words, after=words, gap=st.floats(0, 1), length=st.floats(0, 1))
def test_whatever_is_written_the_words_are_the_text_in_order_inside_the_utterance(
    before: list[str], after: list[str], gap: float, length: float
) -> None:
    step = round(gap, 3) + round(length, 3)
    utterance = said(
        *(
            (text, round(5 + index * step, 3), round(5 + index * step + round(length, 3), 3))
            for index, text in enumerate(before)
        )
    )

    respelled = respell(utterance, " ".join(after)).utterance

    assert [word.text for word in respelled.words] == list(split_words(" ".join(after)))
    assert utterance.start_sec <= respelled.start_sec <= respelled.end_sec <= utterance.end_sec
    for word in respelled.words:
        assert word.start_sec <= word.end_sec
    for one, next_one in pairwise(respelled.words):
        assert one.end_sec <= next_one.start_sec
