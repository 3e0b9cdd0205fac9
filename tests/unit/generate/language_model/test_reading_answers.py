"""Whatever a model puts around, into or behind an answer, its whole items are read."""

import json
import random
from pathlib import Path

import pytest
from pydantic import ValidationError

from functions.generate.providers.chat.reading import read
from functions.generate.providers.language_model.wire import (
    WireCards,
    WireQuestions,
    WireSummary,
    WireTerms,
)

ANSWERS = Path(__file__).parents[3] / "data" / "answers"
"""Bad answers of the kinds that language models give, each with the terms 1, 2 and 3; some with
more, or without the one that is spoiled."""
SPOILED = {
    "one-lacks-its-definition.txt": [1, 3, 4],
    "one-is-of-another-type.txt": [1, 3, 4],
    "one-has-a-number-for-a-text.txt": [1, 3, 4],
    "one-has-a-loop.txt": [1, 3, 4],
    "an-unescaped-quote.txt": [1, 3, 4],
    "broken-in-the-middle.txt": [1, 3],
    "evidence-of-another-type.txt": [1, 2, 3],
    "loop-of-items.txt": [1, 2, 3],
}


@pytest.mark.parametrize("file", sorted(ANSWERS.glob("*.txt")), ids=lambda file: file.stem)
def test_the_whole_items_of_an_answer_are_read(file: Path) -> None:
    answer = read(WireTerms, file.read_text())
    numbers = SPOILED.get(file.name, [1, 2, 3])
    read_terms = list(dict.fromkeys(term.term for term in answer.terms))
    assert read_terms == [f"term {number}" for number in numbers]
    for term, number in zip(answer.terms, numbers, strict=False):
        assert "".join(term.definition.split("\n")).replace(" ", "") == f"Definitionnumber{number}."
        assert [each.utterance for each in term.evidence] == [number]
    assert len(answer.terms) <= 100


@pytest.mark.parametrize(
    "file", sorted((ANSWERS / "nothing").glob("*.txt")), ids=lambda file: file.stem
)
def test_an_answer_without_a_whole_item_is_none(file: Path) -> None:
    with pytest.raises(ValidationError):
        read(WireTerms, file.read_text())


def _term(number: int) -> dict[str, object]:
    return {
        "evidence": [{"utterance": number, "quote": f'Said “{number}” {{in}} [the] "lecture".'}],
        "term": f"term {number}",
        "definition": f"Definition {number}: a }} and a ] and a \\ and a “quote”.",
        "example": None,
    }


def test_an_answer_that_is_cut_anywhere_keeps_what_is_whole_before_the_cut() -> None:
    count = 4
    text = json.dumps({"terms": [_term(number) for number in range(count)]})
    ends = []
    for number in range(count):
        body = json.dumps(_term(number))
        ends.append(text.index(body) + len(body))
    for cut in range(len(text)):
        whole = sum(end <= cut for end in ends)
        try:
            found = [term.term for term in read(WireTerms, text[:cut]).terms]
        except ValidationError:
            found = []
        # The last may lack its optional example alone.
        assert found in (
            [f"term {n}" for n in range(whole)],
            [f"term {n}" for n in range(whole + 1)],
        )


def test_one_spoiled_item_of_many_never_costs_another() -> None:
    dice = random.Random(7)  # noqa: S311 - chooses cases
    spoils = [
        lambda item: item.pop("term"),
        lambda item: item.update(term=["a", "list"]),
        lambda item: item.update(definition=None),
        lambda item: item.update(definition={"text": "nested"}),
        lambda item: item.update(definition="loop " * 1_000),
        lambda item: item.update(definition="\x00"),
    ]
    for _ in range(100):
        items = [_term(number) for number in range(8)]
        wrong = set(dice.sample(range(8), dice.randint(1, 7)))
        for number in wrong:
            dice.choice(spoils)(items[number])
        around = dice.choice(
            ["{}", "Sure: {}", "<think>{{}}</think>{}", "```\n{}\n```", "{} Done."]
        )
        text = around.replace("{}", json.dumps({"terms": items}), 1)
        if around.startswith("<think>"):
            text = f"<think>{{}}</think>{json.dumps({'terms': items})}"
        found = [term.term for term in read(WireTerms, text).terms]
        assert found == [f"term {number}" for number in range(8) if number not in wrong]


def test_a_field_that_is_wrong_but_not_needed_is_left_out_and_not_its_item() -> None:
    card = {
        "evidence": [],
        "about": "slots",
        "kind": "basic",
        "front": "What does a slot hold?",
        "back": "A list",
        "difficulty": "very hard",
    }
    (read_card,) = read(WireCards, json.dumps({"cards": [card]})).cards
    assert (read_card.front, read_card.difficulty) == ("What does a slot hold?", "medium")


def test_a_summary_without_its_overview_keeps_its_sections() -> None:
    point = {"evidence": [{"utterance": 1, "quote": "A quote."}], "text": "A point.", "role": "x"}
    sections = [{"title": None, "bullets": [point, {"text": "No evidence"}]}]
    answer = read(WireSummary, json.dumps({"overview": 3, "sections": sections}))
    assert answer.overview == ""
    assert [bullet.text for bullet in answer.sections[0].bullets] == ["A point."]


def test_lists_that_are_too_long_are_shortened() -> None:
    evidence = [{"utterance": n, "quote": f"Quote {n}."} for n in range(9)]
    question = {
        "evidence": evidence,
        "kind": "short-answer",
        "question": "Why?",
        "answer": "Because.",
        "markingPoints": ["a point"] * 30,
    }
    (read_question,) = read(WireQuestions, json.dumps({"questions": [question]})).questions
    assert [each.utterance for each in read_question.evidence] == [0, 1, 2]
    assert len(read_question.marking_points) == 6


def test_a_long_quote_loses_its_end() -> None:
    said = " ".join(f"word{n}" for n in range(400))
    term = {**_term(1), "evidence": [{"utterance": 1, "quote": said}]}
    (read_term,) = read(WireTerms, json.dumps({"terms": [term]})).terms
    (quote,) = [each.quote for each in read_term.evidence]
    assert said.startswith(f"{quote} ")
    assert 500 < len(quote) <= 600
