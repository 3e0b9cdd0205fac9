"""Words of two segments that overlap from 10 to 14 s: 0.4 s a word, 0.1 s between."""

import random
from itertools import pairwise

import pytest

from shared.documents.transcript import Word
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from shared.speech.seams import resolve
from tests.unit.transcribe.speech.spoken import spoken

WORDS = tuple(f"w{number}" for number in range(48))
LECTURE = spoken(" ".join(WORDS))


def heard(start_sec: float, end_sec: float) -> list[Word]:
    """What is wholly in there of a lecture of 24 s."""
    return [word for word in LECTURE if word.start_sec >= start_sec and word.end_sec <= end_sec]


def joined(before: list[Word], after: list[Word]) -> list[str]:
    left, right = resolve(before, after, start_sec=10, end_sec=14)
    return [word.text for word in left + right]


def test_what_both_have_heard_is_there_once() -> None:
    assert joined(heard(0, 14), heard(10, 24)) == list(WORDS)


@pytest.mark.parametrize("off", [-0.4, -0.2, 0.2, 0.4])
def test_though_they_have_it_at_somewhat_other_times(off: float) -> None:
    after = [
        word.model_copy(update={"start_sec": word.start_sec + off, "end_sec": word.end_sec + off})
        for word in heard(10, 24)
    ]

    assert joined(heard(0, 14), after) == list(WORDS)


def test_words_broken_at_the_edges_are_taken_from_the_one_that_has_them_whole() -> None:
    before, after = heard(0, 14), heard(10, 24)
    before[-1] = before[-1].model_copy(update={"text": "w2"})
    after[0] = after[0].model_copy(update={"text": "0"})

    assert joined(before, after) == list(WORDS)


def test_capitals_and_punctuation_make_no_other_word() -> None:
    after = [word.model_copy(update={"text": f"{word.text.title()},"}) for word in heard(10, 24)]

    bare = [text.strip(",").casefold() for text in joined(heard(0, 14), after)]

    assert bare == list(WORDS)


def test_a_word_said_twice_stays_twice() -> None:
    twice = spoken(" ".join(["very"] * 48))

    both = joined([w for w in twice if w.end_sec <= 14], [w for w in twice if w.start_sec >= 10])

    assert both == ["very"] * 48


def test_where_they_agree_on_nothing_each_speaks_for_its_half() -> None:
    other = [word.model_copy(update={"text": f"x{word.text}"}) for word in heard(10, 24)]

    both = joined(heard(0, 14), other)

    assert both == [w if number < 24 else f"x{w}" for number, w in enumerate(WORDS)]


def test_segments_that_meet_in_a_pause_are_left_alone() -> None:
    before, after = heard(0, 12), heard(12, 24)

    assert resolve(before, after, start_sec=12, end_sec=12) == (before, after)


def test_what_only_one_of_them_has_heard_is_not_lost() -> None:
    assert joined(heard(0, 14), heard(14, 24)) == list(WORDS)
    assert joined(heard(0, 10), heard(10, 24)) == list(WORDS)


def test_any_lecture_cut_anywhere_is_merged_to_itself() -> None:
    dice = random.Random(7)  # noqa: S311
    for _ in range(200):
        cuts = [0.0, *sorted(dice.sample(range(4, 20), dice.randint(1, 3))), 24.0]
        segments = []
        for start, end in pairwise(cuts):
            start_sec, end_sec = max(0.0, start - 1), min(24.0, end + 1)
            segments.append(
                RecognizedSegment(
                    start_sec,
                    end_sec,
                    Recognition(
                        language="en",
                        language_probability=1,
                        withheld=0,
                        words=tuple(
                            word.model_copy(
                                update={
                                    "start_sec": word.start_sec - start_sec,
                                    "end_sec": word.end_sec - start_sec,
                                }
                            )
                            for word in heard(start_sec, end_sec)
                        ),
                    ),
                )
            )
        merged = merge(segments)
        assert merged.text.split() == list(WORDS), cuts
