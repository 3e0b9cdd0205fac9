"""Announcements stand behind the summary in the files, each with its time."""

import json
from dataclasses import replace
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from docx import Document

from functions.export.document import LectureDocument
from functions.export.formats.docx.format import DocxFormat
from functions.export.formats.json_format import JsonFormat
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.formats.pdf.format import PdfFormat
from shared.documents.artifacts import Announcement, Citation
from tests.unit.export.documents import lecture
from tests.unit.export.formats.pages import body_text, squeezed

pytestmark = pytest.mark.heavy

SAID = Citation(start_sec=65, end_sec=68, quote="Um, problem set four is due on Friday.")
DUE = Announcement(text="Problem set four is due on Friday.", citations=(SAID,))


def announcing(*announced: Announcement) -> LectureDocument:
    document = lecture()
    summary = document.material.summary
    content = summary.content.model_copy(update={"announcements": announced})
    material = replace(document.material, summary=summary.model_copy(update={"content": content}))
    return replace(document, material=material)


def test_markdown_lists_them() -> None:
    text = MarkdownFormat().render(announcing(DUE)).decode()
    _, _, behind = text.partition("### Announcements")
    assert "Problem set four is due on Friday." in behind.partition("\n## ")[0]
    assert "1:05" in behind.partition("\n## ")[0]
    assert "Announcements" not in MarkdownFormat().render(announcing()).decode()


def test_word_lists_them() -> None:
    def paragraphs(document: LectureDocument) -> list[str]:
        file = Document(BytesIO(DocxFormat().render(document)))
        return [paragraph.text for paragraph in file.paragraphs]

    listed = paragraphs(announcing(DUE))
    place = listed.index("Announcements")
    assert listed[place + 1].startswith("Problem set four is due on Friday.")
    assert "1:05" in listed[place + 1]
    assert "Announcements" not in paragraphs(announcing())


def test_json_holds_them() -> None:
    exported = json.loads(JsonFormat().render(announcing(DUE)))
    assert "Problem set four is due on Friday." in json.dumps(exported)


def test_the_booklet_lists_them() -> None:
    text = squeezed(body_text(pdfium.PdfDocument(PdfFormat().render(announcing(DUE)))))
    assert squeezed("Announcements") in text
    assert squeezed("Problem set four is due on Friday.") in text
