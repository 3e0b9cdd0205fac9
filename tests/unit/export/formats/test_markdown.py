"""Study notes as Markdown: everything is in them, and text stays text."""

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from functions.export.formats.markdown.chapter_links import ChapterLinks
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.text.clock import clock
from shared.text import lines
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
            elif child.type == "text":
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
    assert re.search(rf"- {re.escape(bullet.text)} \[01:11\]\(#chapter-\d\)", rendered())


def test_a_time_leads_to_the_chapter_it_is_in() -> None:
    text = rendered()
    chapters = lecture().material.outline.content.nodes
    for number, chapter in enumerate(chapters, start=1):
        anchor = f'<a id="chapter-{number}"></a>'
        assert text.count(anchor) == 1
        assert f"{anchor} [{clock(chapter.start_sec)}]" in text


def test_between_chapters_the_nearest_counts() -> None:
    first, second = (
        node.model_copy(update={"start_sec": start, "end_sec": end})
        for node, start, end in zip(
            lecture().material.outline.content.nodes, (10, 100), (60, 200), strict=False
        )
    )
    links = ChapterLinks((first, second))
    led = {seconds: links.time(seconds) for seconds in (0, 10, 60, 61, 90, 150, 9_000)}
    assert led == {
        0: "[00:00](#chapter-1)",
        10: "[00:10](#chapter-1)",
        60: "[01:00](#chapter-1)",
        61: "[01:01](#chapter-2)",
        90: "[01:30](#chapter-2)",
        150: "[02:30](#chapter-2)",
        9_000: "[2:30:00](#chapter-2)",
    }
    assert ChapterLinks(()).time(75) == "[01:15]"


def test_every_link_has_its_anchor_and_there_is_no_other_html() -> None:
    tokens = list(inline(parse(rendered())))
    anchors = {token.content for token in tokens if token.type == "html_inline"} - {"</a>"}
    wanted = {str(token.attrs["href"]) for token in tokens if token.type == "link_open"}
    assert wanted
    assert {f'<a id="{href.removeprefix("#")}"></a>' for href in wanted} <= {
        f"{anchor}</a>" for anchor in anchors
    }


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
        "link_open",
        "link_close",
        "html_inline",
    }
    for token in inline(tokens):
        # Links and HTML are our own: what was said has no part in them.
        if token.type == "html_inline":
            assert re.fullmatch(r'<a id="chapter-\d+">|</a>', token.content)
        if token.type == "link_open":
            assert re.fullmatch(r"#chapter-\d+", str(token.attrs["href"]))
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
