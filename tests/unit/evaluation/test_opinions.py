"""What the evaluation is to notice, it notices."""

from typing import Any

import pytest

from tests.evaluation.choices import doubts
from tests.evaluation.figures import measure
from tests.evaluation.lectures import Fact
from tests.evaluation.repetition import repetitions

JSON = dict[str, Any]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What is a hash table?", "what is a hash table", True),
        ("Is salt a metal?", "A metal: is salt?", True),
        ("What is a hash table?", "What is a hash function?", False),
        ("", "", False),
    ],
)
def test_the_same_words_in_another_order_are_a_repetition(one: str, other: str, same: bool) -> None:
    assert bool(repetitions([one, "Why does ice float?", other])) == same


SAID = (
    "Salt melts ice on the road.",
    "A lock, which is also known as a mutex, lets one thread in.",
    "Sugar melts ice on the road as well.",
    "Insulin lowers the blood glucose of a patient.",
)
TRANSCRIPT: JSON = {"utterances": [{"text": sentence} for sentence in SAID]}


def asked(question: str, answer: str, *options: str) -> JSON:
    return {"question": question, "answer": answer, "options": [answer, *options]}


@pytest.mark.parametrize(
    "question",
    [
        asked("Which term fits the gap? “_____ melts ice on the road.”", "Salt", "Sand", "Gravel"),
        asked("What lowers the glucose of a patient?", "insulin", "glucagon", "sugar"),
    ],
)
def test_one_right_answer_among_wrong_ones_is_sound(question: JSON) -> None:
    assert doubts(question, TRANSCRIPT) == []


@pytest.mark.parametrize(
    ("question", "doubt"),
    [
        (asked("“_____ melts ice on the road.”", "Salt", "Sugar"), "right as well"),
        (asked("What lets one thread in?", "lock", "mutex"), "another name"),
        (asked("What is made of cells?", "muscle", "muscles"), "a form of"),
        (asked("What is salt?", "salt", "sand"), "gives"),
        (asked("What melts ice?", "salt", "sand", "salt"), "once"),
        ({"question": "What?", "answer": "salt", "options": ["sand", "grit"]}, "once"),
    ],
)
def test_what_makes_a_choice_doubtful_is_found(question: JSON, doubt: str) -> None:
    assert any(doubt in found for found in doubts(question, TRANSCRIPT))


def artifacts(*bullets: str, cards: tuple[str, ...] = ("Why?",)) -> list[JSON]:
    cited = {"citations": [{"startSec": 0.0, "endSec": 1.0, "quote": "Salt melts ice."}]}
    return [
        {
            "artifactType": "summary",
            "content": {
                "overview": "Of salt.",
                "overviewCitations": cited["citations"],
                "sections": [
                    {"title": "Salt", "bullets": [{"text": text, **cited} for text in bullets]}
                ],
            },
        },
        {
            "artifactType": "flashcards",
            "content": {
                "cards": [
                    {"kind": "basic", "front": front, "back": "It lowers the point.", **cited}
                    for front in cards
                ]
            },
        },
        {"artifactType": "exam-questions", "content": {"questions": []}},
    ]


HEARD: JSON = {
    "durationSec": 9.0,
    "utterances": [{"startSec": 0.0, "endSec": 1.0, "text": "Salt melts ice.", "words": []}],
}
FACTS = [
    Fact("Salt melts ice", (("salt",), ("melts", "thaws"), ("ice",))),
    Fact("It lowers the freezing point", (("lowers",), ("point",))),
]


def test_a_fact_is_covered_by_one_item_that_has_a_word_of_every_group() -> None:
    assert measure(artifacts("Ice thaws with Salt."), HEARD, FACTS).covered == 2
    assert measure(artifacts("Ice thaws with Salt."), HEARD, FACTS).covered_by_summary == 1
    assert measure(artifacts("Ice is cold.", "Salt thaws it."), HEARD, FACTS).covered == 1


def test_a_quote_is_evidence_and_covers_nothing() -> None:
    assert measure(artifacts("Nothing."), HEARD, FACTS).covered_by_summary == 0


def test_what_comes_twice_is_counted() -> None:
    figures = measure(artifacts("Salt.", "salt"), HEARD, FACTS)
    assert figures.repeated_bullets == (("Salt.", "salt"),)
    figures = measure(artifacts("Salt.", cards=("Why?", "Why")), HEARD, FACTS)
    assert figures.repeated_cards == (("Why?", "Why"),)
