"""Study notes as Markdown: everything is in them, and text stays text."""

from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from functions.export.markdown import MarkdownFormat
from functions.export.plain_text import lines
from tests.unit.export.documents import lecture, with_cards
from tests.unit.export.hostile import HOSTILE

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def parse(text: str) -> list[Token]:
    return PARSER.parse(text)


def rendered(**what: object) -> str:
    return MarkdownFormat().render(lecture(**what)).decode()  # type: ignore[arg-type]


def inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def shown_lines(tokens: list[Token]) -> set[str]:
    """What a reader sees, line by line, without emphasis."""
    found = set()
    for token in tokens:
        line = ""
        for child in token.children or ():
            if child.type == "hardbreak":
                found.add(line)
                line = ""
            else:
                line += child.content
        found.add(line)
    return found


def headings(tokens: list[Token], level: int) -> list[str]:
    return [
        tokens[index + 1].content
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == f"h{level}"
    ]


def test_the_sections_come_in_the_order_of_study() -> None:
    tokens = parse(rendered())
    assert headings(tokens, 1) == ["Hash tables"]
    assert headings(tokens, 2) == [
        "Summary",
        "Outline",
        "Key terms",
        "Flashcards",
        "Exam questions",
        "Answers",
        "Threads through the course",
    ]


def test_an_item_carries_its_time() -> None:
    document = lecture()
    bullet = document.material.summary.content.sections[0].bullets[0]
    assert f"- {bullet.text} [01:11]" in rendered()


def test_answers_are_kept_apart_from_their_questions() -> None:
    questions, answers = rendered().split("## Exam questions")[1].split("## Answers")
    question = lecture().material.exam_questions.content.questions[1]
    assert question.answer.split("(")[0] not in questions
    assert question.answer.split("(")[0] in answers


def test_a_multiple_choice_answer_names_its_letter() -> None:
    assert "1. C) The function is called" in rendered()


def test_a_cloze_card_shows_a_gap_and_then_the_word() -> None:
    text = rendered()
    assert "{{" not in text
    assert "The ……… factor is one half" in text
    assert "*Answer:* load" in text


def test_a_section_without_items_is_left_out() -> None:
    text = MarkdownFormat().render(with_cards(lecture())).decode()
    assert "## Flashcards" not in text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_changes_nothing_but_the_text(text: str) -> None:
    tokens = parse(rendered(wording=lambda _: text, title=text, course_title=text))
    innocent = parse(rendered(wording=lambda _: "word", title="word", course_title="word"))
    assert [(token.type, token.level) for token in tokens] == [
        (token.type, token.level) for token in innocent
    ]
    assert {token.type for token in inline(tokens)} <= {
        "text",
        "hardbreak",
        "softbreak",
        "strong_open",
        "strong_close",
        "em_open",
        "em_close",
    }
    assert len([token for token in inline(tokens) if token.type == "em_open"]) == len(
        [token for token in inline(innocent) if token.type == "em_open"]
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_to_the_letter(text: str) -> None:
    shown = shown_lines(parse(rendered(wording=lambda _: text)))
    description = lines(text)
    if len(description) > 1:
        assert set(description) <= shown
    else:
        assert description[0] in shown
