"""The booklet: every line is on a page, on the paper, and the links lead somewhere."""

import ctypes
import math
import resource
from itertools import cycle
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
import pytest

from functions.export.formats.pdf.format import PdfFormat
from shared.documents.artifacts import Citation
from shared.errors import ExportFailedError
from tests.unit.export.documents import lecture, with_cards
from tests.unit.export.formats.pages import (
    BOTTOM,
    assert_all_text_in,
    assert_inside_the_margins,
    body_text,
    opened,
    squeezed,
)
from tests.unit.export.hostile import HOSTILE

DOCUMENT = lecture()


@pytest.fixture(scope="module")
def booklet() -> pdfium.PdfDocument:
    return opened(DOCUMENT)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_every_line_is_in_the_booklet_and_on_the_paper(size: int) -> None:
    document = lecture(size=size)
    pdf = opened(document)
    assert_all_text_in(pdf, document)
    assert_inside_the_margins(pdf)


@pytest.mark.slow
def test_a_long_course_gives_a_long_booklet_and_loses_nothing() -> None:
    document = lecture(size=40)
    pdf = opened(document)
    assert len(pdf) >= 200
    assert_all_text_in(pdf, document)


def test_a_short_lecture_gives_a_short_booklet() -> None:
    assert len(opened(lecture(size=0))) <= 3


def test_pages_are_numbered(booklet: pdfium.PdfDocument) -> None:
    for number, page in enumerate(booklet, start=1):
        footer = page.get_textpage().get_text_bounded(bottom=0, top=BOTTOM)
        assert footer.strip() == f"{number} / {len(booklet)}"


def test_the_bookmarks_lead_to_the_pages_of_their_sections(booklet: pdfium.PdfDocument) -> None:
    bookmarks = {entry.get_title(): entry.get_dest().get_index() for entry in booklet.get_toc()}
    for title in ("Summary", "Outline", "Key terms", "Flashcards", "Exam questions", "Answers"):
        assert title in booklet[bookmarks[title]].get_textpage().get_text_range()


def test_a_question_links_to_the_page_of_its_answer(booklet: pdfium.PdfDocument) -> None:
    toc = {entry.get_title(): entry.get_dest().get_index() for entry in booklet.get_toc()}
    targets = [
        target
        for index in range(toc["Exam questions"], toc["Answers"])
        for target in link_targets(booklet, index)
    ]
    assert len(targets) == len(DOCUMENT.material.exam_questions.content.questions)
    assert set(targets) <= set(range(toc["Answers"], len(booklet)))


def test_the_contents_page_links_to_every_section(booklet: pdfium.PdfDocument) -> None:
    assert set(link_targets(booklet, 0)) >= {
        entry.get_dest().get_index() for entry in booklet.get_toc() if entry.level < 2
    }


def test_answers_do_not_share_a_page_with_their_questions(booklet: pdfium.PdfDocument) -> None:
    toc = {entry.get_title(): entry.get_dest().get_index() for entry in booklet.get_toc()}
    before = squeezed(
        "".join(booklet[index].get_textpage().get_text_range() for index in range(toc["Answers"]))
    )
    short_answer = DOCUMENT.material.exam_questions.content.questions[1]
    assert squeezed(short_answer.explanation) not in before


def test_the_files_own_facts_come_from_the_lecture(booklet: pdfium.PdfDocument) -> None:
    assert booklet.get_metadata_value("Title") == "Hash tables"
    assert booklet.get_metadata_value("CreationDate").startswith(
        f"D:{DOCUMENT.modified:%Y%m%d%H%M%S}"
    )


def test_hostile_text_is_printed_as_text_inside_the_margins() -> None:
    hostile = [text for name, text in HOSTILE.items() if name != "long word"]
    turn = cycle(hostile)
    title = " ".join(hostile)
    document = lecture(wording=lambda _: next(turn), title=title, course_title=title)
    pdf = opened(document)
    assert_all_text_in(pdf, document)
    assert_inside_the_margins(pdf)


def test_a_word_longer_than_a_page_is_broken_and_kept_whole() -> None:
    word = HOSTILE["long word"]
    card = lecture().material.flashcards.content.cards[1]
    document = with_cards(
        lecture(wording=lambda _: word, title=word, course_title=word, said=2, size=0),
        card.model_copy(update={"front": word, "back": word}),
    )
    pdf = opened(document)
    assert_inside_the_margins(pdf)
    assert body_text(pdf).count("W") >= 6 * len(word)


@pytest.mark.slow
def test_booklets_leave_no_memory_behind() -> None:
    document = lecture(size=4)
    PdfFormat().render(document)
    before = resident_bytes()
    for _ in range(3):
        PdfFormat().render(document)
    assert resident_bytes() - before < 30_000_000


def test_a_booklet_that_cannot_be_set_is_refused_with_the_reason() -> None:
    citation = Citation(start_sec=math.nan, end_sec=1, quote="at no time")
    card = DOCUMENT.material.flashcards.content.cards[1]
    broken = with_cards(DOCUMENT, card.model_copy(update={"citations": (citation,)}))
    with pytest.raises(ExportFailedError, match=r"could not be set: .*JSON"):
        PdfFormat().render(broken)


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def link_targets(pdf: pdfium.PdfDocument, page_index: int) -> list[int]:
    """The pages to which a page's links lead."""
    page = pdf[page_index]
    position, link = ctypes.c_int(0), pdfium_raw.FPDF_LINK()
    targets = []
    while pdfium_raw.FPDFLink_Enumerate(page, position, link):
        destination = pdfium_raw.FPDFLink_GetDest(pdf, link)
        targets.append(pdfium_raw.FPDFDest_GetDestPageIndex(pdf, destination))
    return targets
