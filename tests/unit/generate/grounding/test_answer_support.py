"""What an item answers has to be said where it is quoted from."""

from typing import Literal

import pytest

from functions.generate.drafts import Item
from functions.generate.grounding.answer_support import COVERAGE, AnswerSupportCheck, answer_of
from functions.generate.grounding.judging import Judge
from functions.generate.text.language import language_of
from shared.documents.artifacts import Bullet, Citation, ExamQuestion, Flashcard, KeyTerm
from shared.documents.transcript import Transcript
from shared.presets import load_preset
from tests.evaluation.answer_support import caught, halves, judged, labelled, lost
from tests.unit.generate.lectures import spoken

SAID = spoken(
    "Marie studied the heat of melting ice in Geneva. "
    "The kettle takes four minutes to boil a litre of water. "
    "It then holds ninety degrees for three hours. "
    "The lid keeps the steam inside. "
    "Copper conducts heat much better than steel. "
    "The handle is made of wood, which conducts heat badly. "
    "The first kettle was sold in eighteen ninety one. "
    "A later model has a switch that turns it off."
)


def cited(beginning: str, said: Transcript = SAID) -> tuple[Citation, ...]:
    (found,) = [u for u in said.utterances if u.text.startswith(beginning)]
    return (Citation(start_sec=found.start_sec, end_sec=found.end_sec, quote=found.text),)


def card(front: str, back: str, quote: str) -> Flashcard:
    return Flashcard(
        key=front, kind="basic", front=front, back=back, difficulty="easy", citations=cited(quote)
    )


def reasons(item: Item, said: Transcript = SAID) -> tuple[str, ...]:
    return AnswerSupportCheck(said, language_of(said.language)).reasons(item, item.citations)


@pytest.mark.parametrize(
    "item",
    [
        card("How long does a litre take?", "Four minutes", "The kettle takes"),
        card("How long does a litre take?", "4 minutes", "The kettle takes"),
        card("What keeps the steam?", "The lid", "The lid keeps"),
        # The passage says before the quote who "it" is.
        card("What holds ninety degrees?", "The kettle", "It then holds"),
        card("When was it first sold?", "In 1891", "The first kettle"),
        Bullet(text="Wood is a bad conductor of heat.", citations=cited("The handle")),
        Bullet(text="Marie studied melting ice.", citations=cited("Marie")),
        Bullet(text="Does copper conduct better?", citations=cited("Copper"), role="support"),
        Bullet(
            text="Alloys corrode, one might object.", citations=cited("Copper"), role="critique"
        ),
    ],
    ids=lambda item: getattr(item, "back", None) or item.text,
)
def test_what_follows_passes(item: Item) -> None:
    assert reasons(item) == ()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (card("How long?", "Forty minutes", "The kettle takes"), "number that was not said: 40"),
        (
            card("How long?", "Nine minutes", "The kettle takes"),
            "number that was not said there: 9",
        ),
        (card("How long is it hot?", "Ninety hours", "It then holds"), "another unit"),
        (card("When was it first sold?", "In 1981", "The first kettle"), "1981"),
        (card("How long is it hot?", "3 minutes", "It then holds"), "unit"),
        (
            card("Where did she study?", "In Paris, France", "Marie"),
            "name that was not said: paris",
        ),
        (card("What is inside?", "A bimetallic thermostat", "The lid keeps"), "not said where"),
        # Far from the quote, and so decoration.
        (card("What is sold?", "A switch turns it off", "Marie"), "not said where"),
        (
            Bullet(text="Aluminium pans warp under thermal stress.", citations=cited("Copper")),
            "not said where",
        ),
        (
            KeyTerm(
                term="kettle",
                definition="An appliance with an immersed resistor.",
                first_said_sec=0,
                citations=cited("The kettle takes"),
            ),
            "not said where",
        ),
        (
            ExamQuestion(
                kind="multiple-choice",
                question="What keeps the steam inside the kettle?",
                options=("the lid", "the handle", "a silicone gasket", "the spout"),
                answer="a silicone gasket",
                explanation="It was said.",
                citations=cited("The lid keeps"),
            ),
            "not said where",
        ),
        (
            ExamQuestion(
                kind="short-answer",
                question="What conducts better?",
                answer="Copper conducts heat much better.",
                explanation="Copper conducts heat eight times better than steel, by 300 watts.",
                marking_points=("copper",),
                citations=cited("Copper"),
            ),
            "300",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_does_not_follow_is_found(item: Item, reason: str) -> None:
    assert any(reason in told for told in reasons(item)), reasons(item)


def test_a_number_that_was_said_of_another_thing_is_no_answer() -> None:
    said = spoken("The cellar needs seventy percent. The attic needs ninety percent.")
    asked = card("How much does the cellar need?", "Ninety percent", "The kettle takes")
    wrong = asked.model_copy(update={"citations": cited("The cellar", said)})
    assert "its answer has a number that was not said there: 90" in reasons(wrong, said)
    right = wrong.model_copy(update={"back": "Seventy percent"})
    assert reasons(right, said) == ()


@pytest.mark.parametrize("kind", ["basic", "cloze"])
def test_what_looks_like_a_gap_in_the_lecture_is_said(kind: Literal["basic", "cloze"]) -> None:
    said = spoken("The wall has {{c1::pores}} beside the cell.")
    front, back = {
        "basic": ("What does the lecture say about “{{c1::pores}}”?", "They are beside the cell."),
        "cloze": ("The wall has {{c1::pores}} beside the {{c1::cell}}.", ""),
    }[kind]
    shown = card(front, back, "The kettle takes").model_copy(update={"kind": kind})
    assert reasons(shown.model_copy(update={"citations": cited("The wall", said)}), said) == ()


def test_neither_wrong_options_nor_a_false_statement_have_to_be_said() -> None:
    choice = ExamQuestion(
        kind="multiple-choice",
        question="What keeps the steam inside?",
        options=("the lid", "77 valves", "Newton", "a gasket"),
        answer="the lid",
        explanation="The lid keeps the steam inside.",
        citations=cited("The lid keeps"),
    )
    false = ExamQuestion(
        kind="true-false",
        question="A gasket from Milan keeps 90 percent of the steam inside.",
        answer="False",
        explanation="The lid keeps the steam inside.",
        citations=cited("The lid keeps"),
    )
    assert reasons(choice) == reasons(false) == ()


def test_in_a_language_without_spaces_nothing_is_compared() -> None:
    said = spoken("水在一百度沸腾。", "zh")
    quoted = Citation(start_sec=0, end_sec=1, quote="水在一百度沸腾。")
    assert reasons(Bullet(text="铜 导热 50", citations=(quoted,)), said) == ()
    assert Judge(said, load_preset("exam")).checks == ("quotes",)


def test_the_judge_asks_this_check() -> None:
    verdict = Judge(SAID, load_preset("exam")).judge(
        card("What keeps the steam inside?", "A bimetallic steam thermostat", "The lid keeps")
    )
    assert verdict.item is None
    assert "what it answers is not said where it is quoted from" in verdict.reasons


# --- the labelled items ---

ITEMS = list(labelled())


def test_the_labelled_items_are_many_and_of_many_lectures() -> None:
    assert len(ITEMS) >= 300
    assert len({each.lecture for each in ITEMS}) >= 10
    assert {each.label for each in ITEMS} == {
        "right", "number", "antonym", "swap", "negation", "invented", "unsaid",
    }  # fmt: skip


@pytest.mark.heavy
def test_of_items_that_were_not_fitted_on_as_many_are_found_as_documented() -> None:
    found = judged(halves(ITEMS)[1])
    assert caught(found, COVERAGE) >= 0.70
    assert lost(found, COVERAGE) <= 0.16
    by_label = {
        label: [each.is_rejected(COVERAGE) for each in found if each.labelled.label == label]
        for label in ("number", "negation", "invented", "unsaid")
    }
    for label, rejected in by_label.items():
        assert sum(rejected) >= 0.75 * len(rejected), label


def test_what_asks_whether_a_statement_is_true_is_no_part_of_it() -> None:
    question = ExamQuestion(
        kind="true-false",
        question="Richtig oder falsch? Ein Baum wächst.",
        options=(),
        answer="True",
        explanation="",
        marking_points=(),
        citations=(Citation(start_sec=0, end_sec=1, quote="Ein Baum wächst."),),
        thread_ref=None,
    )

    assert answer_of(question) == "Ein Baum wächst."
    assert (
        answer_of(question.model_copy(update={"question": "Ein Baum wächst."}))
        == "Ein Baum wächst."
    )
