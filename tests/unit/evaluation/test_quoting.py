"""How much of a transcript stands in its material."""

from tests.evaluation.lectures import long_lecture
from tests.evaluation.quoting import LONG_SEC, quoted_share

SAID = "One two three four five six. Seven eight nine ten."
"""Six runs of five words."""


def test_runs_are_counted_once_wherever_they_stand() -> None:
    assert quoted_share(SAID, ["Nothing of it."]) == 0
    assert quoted_share(SAID, ["four words: one two three four"]) == 0
    assert quoted_share(SAID, ["ONE, two three: four five."]) == 1 / 6
    twice = {"a": [{"text": "one two three four five"}], "b": ("One two three four five",)}
    assert quoted_share(SAID, [twice]) == 1 / 6
    assert quoted_share(SAID, ["two three four {{c1::five six}} seven eight"]) == 3 / 6
    assert quoted_share(SAID, [SAID]) == 1
    assert quoted_share("Too short.", ["Too short."]) == 0


def test_runs_do_not_go_from_one_text_into_another() -> None:
    assert quoted_share(SAID, ["one two three", "four five"]) == 0


def test_the_long_lecture_is_one_to_which_the_cap_applies() -> None:
    assert long_lecture().transcript.duration_sec >= LONG_SEC
