"""A discussion shows what each of its bullets is."""

import io
from dataclasses import replace
from typing import get_args

import docx
import pypdfium2
import pytest

from functions.export.document import LectureDocument
from functions.export.formats.docx.format import DocxFormat
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.formats.pdf.format import PdfFormat
from functions.export.text.roles import role_label
from shared.documents.artifacts import BulletRole
from tests.unit.export.documents import lecture

ROLES = get_args(BulletRole)


def discussion() -> LectureDocument:
    document = lecture()
    summary = document.material.summary
    section = summary.content.sections[0]
    bullets = tuple(
        section.bullets[n % len(section.bullets)].model_copy(update={"role": role})
        for n, role in enumerate(ROLES)
    )
    content = summary.content.model_copy(
        update={"sections": (section.model_copy(update={"bullets": bullets}),)}
    )
    changed = replace(document.material, summary=summary.model_copy(update={"content": content}))
    return replace(document, material=changed)


def in_markdown(document: LectureDocument) -> str:
    return MarkdownFormat().render(document).decode().replace("**", "")


def in_word(document: LectureDocument) -> str:
    opened = docx.Document(io.BytesIO(DocxFormat().render(document)))
    return "\n".join(paragraph.text for paragraph in opened.paragraphs)


def in_pdf(document: LectureDocument) -> str:
    opened = pypdfium2.PdfDocument(PdfFormat().render(document))
    text = " ".join(page.get_textpage().get_text_bounded() for page in opened)
    opened.close()
    return text


@pytest.mark.parametrize("shown", [in_markdown, in_word, in_pdf])
def test_every_part_is_named_before_its_text(shown: object) -> None:
    assert callable(shown)
    document = discussion()
    text = " ".join(shown(document).split())
    for bullet in document.material.summary.content.sections[0].bullets:
        first_words = " ".join(bullet.text.split()[:3])
        assert f"{role_label(bullet)} {first_words}" in text
    plain = shown(lecture())
    assert "Counterargument:" not in plain
