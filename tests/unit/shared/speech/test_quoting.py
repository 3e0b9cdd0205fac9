"""Whether a text repeats what was said: by runs of words, whatever stands between them."""

import pytest

from shared.speech.quoting import Quotations, has_words

SAID = "The grade of this student, between us, was not what it should have been."


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("As they say: of this STUDENT — between us!", True),
        ('{"front": "Was not what it should have been?"}', True),
        ("the grade of this teacher", False),
        ("The grade of all", False),
        ("", False),
    ],
)
def test_five_words_in_a_row_are_a_quotation(text: str, *, quotes: bool) -> None:
    assert Quotations([SAID]).are_in(text) is quotes


def test_what_was_said_in_fewer_words_is_quoted_by_all_of_them() -> None:
    said = Quotations(["He has failed."])

    assert said.are_in("I heard that he has failed, sadly")
    assert not said.are_in("He has not failed")


def test_two_words_are_found_everywhere_and_not_looked_for() -> None:
    assert not Quotations(["Of course."]).are_in("Of course it is")
    assert not Quotations([]).are_in(SAID)


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert Quotations(["彼は試験に落ちました"]).are_in("みんな彼は試験に遅れた")
    assert not Quotations(["彼は試験に落ちました"]).are_in("彼が試験に")


@pytest.mark.parametrize(
    ("phrase", "there"),
    [("Grade", True), ("between us", True), ("grad", False), ("us between", False), ("…", False)],
)
def test_a_phrase_is_found_as_whole_words(phrase: str, *, there: bool) -> None:
    assert has_words(SAID, phrase) is there
