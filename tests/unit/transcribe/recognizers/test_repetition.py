"""Word lists as Whisper wrote them, or as such speech sounds: real repetition stays."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.transcribe.recognizers.whisper.repetition import FEWEST_TIMES, said_only
from shared.documents.transcript import Word

DRILL = json.loads((Path(__file__).parents[3] / "data/heard/drill.words.json").read_text())
"""Whisper base on eleven repetitions of a sentence between two parts of a lecture: text, start,
end and probability of each word of that half minute."""


def timed(*entries: tuple[str, float]) -> list[Word]:
    """Words one after the other, each so many seconds long."""
    words, at = [], 0.0
    for text, seconds in entries:
        words.append(Word(text=text, start_sec=at, end_sec=at + seconds, probability=0.9))
        at += seconds
    return words


def times(text: str, words: tuple[Word, ...]) -> int:
    return " ".join(word.text for word in words).count(text)


def test_of_a_real_drill_as_many_repetitions_stay_as_were_said() -> None:
    words = [
        Word(text=text, start_sec=start, end_sec=end, probability=probability)
        for text, start, end, probability in DRILL
    ]

    said = said_only(words)

    assert times("waiting for you.", tuple(words)) == 15
    assert times("waiting for you.", said) == 11
    assert said[-12:] == tuple(words[-12:])
    assert all(word.end_sec > word.start_sec for word in said)
    assert all(one.start_sec <= other.start_sec for one, other in pairwise(said))


@pytest.mark.parametrize(
    "entries",
    [
        [(text, 0.3) for text in ["la", "la", "la", "la", "la", "la", "la", "la"]],
        [(text, sec) for text in ["row,", "row,", "row", "your"] * 4 for sec in (0.25,)],
        # A song: the same line, sung longer and shorter.
        [(text, sec) for sec in (0.4, 0.2, 0.5, 0.2, 0.9) for text in ["we", "shall", "overcome"]],
        # A drill in which one repetition is said in haste.
        [(text, sec) for sec in (0.3, 0.3, 0.16, 0.3) for text in ["I", "have", "been", "waiting"]],
        [(str(n), 0.3) for n in range(40)],
        [
            (text, 0.2)
            for text in ["one", "two", "three", "four", "one", "two", "three", "four", "one", "two"]
        ],
        # A roll call, a spelled word, binary digits, laughter.
        [(text, 0.3) for name in ("Ann.", "Ben.", "Cid.") * 4 for text in (name, "Here.")],
        [(text, 0.2) for text in ["M", "I", "S", "S", "I", "S", "S", "I", "P", "P", "I"]],
        [(text, 0.15) for text in ["0", "0", "0", "0", "0", "0", "1", "0", "0", "0", "0", "1"]],
        [(text, 0.12) for text in "哈哈哈哈哈哈"],
        # Whisper gives some words that were said no length.
        [("no,", 0.3), ("no,", 0.0), ("no.", 0.3)],
    ],
)
def test_what_is_said_again_and_again_stays(entries: list[tuple[str, float]]) -> None:
    words = timed(*entries)

    assert said_only(words) == tuple(words)


@pytest.mark.parametrize(
    "times_sec",
    [
        # As Whisper timed "No, no, no, no.", "Again" and "Yes" of a synthetic voice.
        [(0, 0.72), (0.72, 1.36), (1.36, 1.92), (2.36, 2.36)],
        [(6.48, 6.62), (7.14, 7.38), (7.88, 8.08), (8.74, 8.74), (9.16, 9.16)],
        [(9.88, 9.88), (10.38, 10.48), (11.18, 11.18), (11.34, 11.4)],
    ],
)
def test_a_word_without_a_length_at_a_time_of_its_own_was_said(
    times_sec: list[tuple[float, float]],
) -> None:
    words = [Word(text="no", start_sec=a, end_sec=b, probability=0.9) for a, b in times_sec]
    after = Word(text="It", start_sec=12.0, end_sec=12.2, probability=0.9)

    assert said_only([*words, after]) == (*words, after)


def test_repetitions_without_sound_go() -> None:
    said = [(text, 0.3) for _ in range(4) for text in ("thank", "you.")]
    invented = [(text, 0.01) for _ in range(9) for text in ("thank", "you.")]
    rest = [("Next", 0.3), ("slide.", 0.3)]

    found = said_only(timed(*said, *invented, *rest))

    assert [(w.text, round(w.end_sec - w.start_sec, 2)) for w in found] == said + rest


def test_of_a_loop_without_any_sound_one_is_left() -> None:
    assert len(said_only(timed(*[("you", 0.0)] * 50))) == 1


@given(
    st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=5),
    st.integers(FEWEST_TIMES, 12),
    st.integers(0, 12),
    st.floats(0.16, 1.0),
    st.floats(0, 0.05),
)
@example(["one", "one", "one", "one", "two"], 4, 1, 1.0, 0.0)
def test_as_many_stay_as_have_time(
    phrase: list[str], spoken: int, invented: int, long: float, short: float
) -> None:
    entries = [*[(text, long) for text in phrase * spoken], ("then", 0.3)]
    more = [(text, short) for text in phrase * invented]

    found = said_only(timed(*entries[:-1], *more, entries[-1]))

    assert [word.text for word in found] == [text for text, _ in entries]
