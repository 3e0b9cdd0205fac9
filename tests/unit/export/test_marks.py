"""What a student has marked, in every file that shows times."""

import json
import re
from dataclasses import replace
from itertools import cycle

import pytest

from functions.export.document import LectureDocument, Mark
from functions.export.formats.json_format import JsonFormat
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.formats.txt import TxtFormat
from functions.export.text.clock import clock
from shared.text import one_line
from tests.unit.export.documents import lecture
from tests.unit.export.formats import pages, test_docx, test_markdown
from tests.unit.export.hostile import HOSTILE

LABELS = [one_line(text)[:120] for name, text in HOSTILE.items() if name != "long word"]


def marked(*marks: tuple[float, str | None]) -> LectureDocument:
    return replace(lecture(), marks=tuple(Mark(at_sec=at, label=label) for at, label in marks))


def said(document: LectureDocument, place: int) -> tuple[float, str]:
    """A second within the utterance, and its words."""
    assert document.transcript
    utterance = document.transcript.utterances[place]
    return utterance.start_sec + 0.1, utterance.text


def hostile() -> LectureDocument:
    labels = cycle(LABELS)
    return marked(*((2.0 * number, next(labels)) for number in range(len(LABELS))))


def test_a_mark_belongs_to_what_was_being_said() -> None:
    first, second = said(lecture(), 0), said(lecture(), 3)

    found = marked((0.0, None), (second[0], "Proof"), (1e5, None)).marked

    document = lecture()
    assert document.transcript
    assert [each.words for each in found] == [
        first[1],
        second[1],
        document.transcript.utterances[-1].text,
    ]


def test_without_a_transcript_there_are_times_and_labels() -> None:
    document = replace(marked((12.0, "Proof")), transcript=None)

    assert [each.words for each in document.marked] == [""]
    markdown = MarkdownFormat().render(document).decode()
    assert re.search(r"^- ★ \[00:12\]\(#chapter-\d+\) \*\*Proof\*\*$", markdown, re.MULTILINE)
    assert "★ Proof" in test_docx.text_of(test_docx.opened(document))
    assert "00:12Proof" in pages.body_text(pages.opened(document))


def test_notes_have_a_section_of_them_and_none_without() -> None:
    at, words = said(lecture(), 3)
    document = marked((at, "Proof"), (at + 30, None))

    markdown = test_markdown.parse(MarkdownFormat().render(document).decode())
    assert test_markdown.headings(markdown, 2)[2] == "Marked moments"
    assert any("★" in line and words in line for line in test_markdown.shown_lines(markdown))
    word = test_docx.text_of(test_docx.opened(document))
    assert "Marked moments" in word
    assert f"★ Proof {words}  [{clock(at)}]" in word
    body = pages.body_text(pages.opened(document))
    assert pages.squeezed(f"Marked moments{clock(at)}Proof{words}") in body
    without = lecture()
    assert "Marked moments" not in MarkdownFormat().render(without).decode()
    assert "Marked moments" not in test_docx.text_of(test_docx.opened(without))


def test_the_transcript_has_a_star_before_what_was_said() -> None:
    at, words = said(lecture(), 3)
    plain = TxtFormat().render(lecture()).decode()

    text = TxtFormat().render(marked((at, "Proof"), (at + 0.1, None))).decode()

    stars = f"[★ {clock(at)} Proof] [★ {clock(at + 0.1)}] "
    assert f"{stars}{words}" in text
    assert text.replace(stars, "") == plain


def test_programs_get_them_as_they_are() -> None:
    shown = json.loads(JsonFormat().render(marked((1.5, None), (2.25, "Proof"))))

    assert shown["marks"] == [
        {"atSec": 1.5, "label": None},
        {"atSec": 2.25, "label": "Proof"},
    ]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_text_in_markdown(label: str) -> None:
    tokens = test_markdown.parse(MarkdownFormat().render(marked((0.0, label))).decode())

    [line] = [line for line in test_markdown.shown_lines(tokens) if "★" in line]
    assert one_line(label) in line
    assert all(
        token.type != "html_inline"
        for token in test_markdown.inline(tokens)
        if label in token.content
    )


def test_labels_are_text_in_the_other_files() -> None:
    document = hostile()
    word = test_docx.text_of(test_docx.opened(document))
    text = TxtFormat().render(document).decode()
    pdf = pages.opened(document)
    body = pages.body_text(pdf)
    for label in LABELS:
        assert label in word
        assert label in text
        assert pages.squeezed(label) in body
    pages.assert_inside_the_margins(pdf)
