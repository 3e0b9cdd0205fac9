"""The Word document, read back by the library that people read them with."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.document import Document

from functions.export.document import LectureDocument
from functions.export.formats.docx.format import DocxFormat
from shared.text import lines
from tests.support.tiers import slow_but
from tests.unit.export.documents import lecture
from tests.unit.export.hostile import HOSTILE


def opened(document: LectureDocument) -> Document:
    return docx.Document(io.BytesIO(DocxFormat().render(document)))


def text_of(document: Document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_sections_come_in_the_order_of_study() -> None:
    headings = [p.text for p in opened(lecture()).paragraphs if "Heading1" in p._p.xml]
    assert headings == [
        "Summary",
        "Outline",
        "Key terms",
        "Flashcards",
        "Exam questions",
        "Answers",
        "Threads through the course",
    ]


def test_everything_made_of_the_lecture_is_in_it() -> None:
    document = lecture()
    found = text_of(opened(document))
    material = document.material
    summary = material.summary.content
    wanted = [document.title, summary.overview]
    wanted += [bullet.text for section in summary.sections for bullet in section.bullets]
    wanted += [term.definition for term in material.key_terms.content.terms]
    wanted += [card.back for card in material.flashcards.content.cards if card.back]
    for question in material.exam_questions.content.questions:
        wanted += [question.question, question.explanation, *question.options]
        wanted += question.marking_points
    assert [text for text in wanted if text not in found] == []


def test_answers_begin_a_page_of_their_own() -> None:
    (answers,) = [p for p in opened(lecture()).paragraphs if p.text == "Answers"]
    assert answers.paragraph_format.page_break_before


def test_a_tables_head_comes_again_on_every_page() -> None:
    for table in opened(lecture()).tables:
        head, *rows = table.rows
        assert head._tr.trPr is not None
        assert "tblHeader" in head._tr.trPr.xml
        assert all(row._tr.trPr is None or "tblHeader" not in row._tr.trPr.xml for row in rows)


def test_arabic_runs_from_right_to_left() -> None:
    arabic = opened(replace(lecture(), language="ar"))
    assert all("<w:bidi/>" in paragraph._p.xml for paragraph in arabic.paragraphs)
    english = opened(lecture())
    assert not any("<w:bidi/>" in paragraph._p.xml for paragraph in english.paragraphs)


def test_the_files_own_facts_come_from_the_lecture() -> None:
    document = lecture()
    about = opened(document).core_properties
    assert about.title == document.title
    assert about.modified == document.modified
    with zipfile.ZipFile(io.BytesIO(DocxFormat().render(document))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    "name",
    slow_but(("script", "control characters", "direction", "entities", "long word"), HOSTILE),
)
def test_hostile_text_is_shown_to_the_letter(name: str) -> None:
    hostile = lecture(wording=lambda said: HOSTILE[name])
    rendered = DocxFormat().render(hostile)
    shown = re.sub(r"\s+", " ", text_of(docx.Document(io.BytesIO(rendered))))
    for line in lines(HOSTILE[name]):
        assert line in shown
    with zipfile.ZipFile(io.BytesIO(rendered)) as archive:
        body = archive.read("word/document.xml").decode()
    # Nothing in it runs, reaches out, or is a field but the number of the page.
    assert not re.search(r"<w:(fldSimple|object|altChunk|hyperlink)\b|instrText", body)
