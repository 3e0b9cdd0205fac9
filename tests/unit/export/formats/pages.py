"""A booklet's pages, and what must be true of every one of them."""

import re
from collections.abc import Iterator

import pypdfium2 as pdfium

from functions.export.document import LectureDocument
from functions.export.formats.pdf.format import PdfFormat
from functions.export.text.printed_card import printed
from shared.documents.artifacts import OutlineNode
from shared.text import lines

POINTS_PER_CM = 72 / 2.54
SIDE = 2.5 * POINTS_PER_CM
TOP = 2.6 * POINTS_PER_CM
BOTTOM = 2.4 * POINTS_PER_CM
STROKE = 2  # points by which a rule's pen reaches over its ends


def opened(document: LectureDocument) -> pdfium.PdfDocument:
    return pdfium.PdfDocument(PdfFormat().render(document))


def squeezed(text: str) -> str:
    """Without what a line break may add or take away."""
    return re.sub(r"[\s\u200b]+", "", text)


def body_text(pdf: pdfium.PdfDocument) -> str:
    """The text layer without headers, footers and white space."""
    text = ""
    for page in pdf:
        width, height = page.get_size()
        text += page.get_textpage().get_text_bounded(
            left=0, right=width, bottom=BOTTOM, top=height - TOP
        )
    return squeezed(text)


def nodes(tree: tuple[OutlineNode, ...]) -> Iterator[OutlineNode]:
    for node in tree:
        yield node
        yield from nodes(node.children)


def texts(document: LectureDocument) -> Iterator[str]:
    """Everything a reader must find in the booklet."""
    yield from (document.title, document.course)
    material = document.material
    yield material.summary.content.overview
    for section in material.summary.content.sections:
        yield section.title
        yield from (bullet.text for bullet in section.bullets)
    for node in nodes(material.outline.content.nodes):
        yield node.title
        yield from (point.text for point in node.points)
    for term in material.key_terms.content.terms:
        yield from (term.term, term.definition, term.example or "")
        yield from (citation.quote for citation in term.citations)
    for card in map(printed, material.flashcards.content.cards):
        yield from (card.front, card.back)
    for question in material.exam_questions.content.questions:
        yield from (question.question, *question.options, question.answer, question.explanation)
        yield from question.marking_points
        yield from (citation.quote for citation in question.citations)
    for thread in document.threads:
        yield from (thread.title, thread.description)
        yield from (found.quote for found in thread.occurrences)
        yield from (update.summary for update in thread.updates)


def assert_all_text_in(pdf: pdfium.PdfDocument, document: LectureDocument) -> None:
    layer = body_text(pdf)
    for text in texts(document):
        for line in lines(text):
            assert squeezed(line) in layer


def assert_inside_the_margins(pdf: pdfium.PdfDocument) -> None:
    for page in pdf:
        width, height = page.get_size()
        for element in page.get_objects():
            left, bottom, right, top = element.get_bounds()
            if left == right or bottom == top:
                continue  # a space: nothing is drawn
            assert left >= SIDE - STROKE
            assert right <= width - SIDE + STROKE
            assert bottom >= POINTS_PER_CM
            assert top <= height - POINTS_PER_CM
