"""A lecture's warnings stand in the head of every file that a person reads, and in the JSON."""

import io
import itertools
import json
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from docx import Document

from functions.export.document import LectureDocument
from functions.export.formats.registry import FORMATS
from shared.documents.warnings import LectureWarning, WarningCode, stored
from tests.unit.export.documents import lecture
from tests.unit.export.formats.pages import squeezed

pytestmark = pytest.mark.heavy

WARNINGS = (
    LectureWarning.of(WarningCode.RECORDING_INCOMPLETE, seconds=754),
    LectureWarning.of(WarningCode.SEVERAL_TRACKS, tracks=3, used=(1, 3)),
)
HOSTILE = LectureWarning(
    code="of_tomorrow", message="*Bold* <b>tag</b>\n# head #let x = [1] $y$", params={}
)


def warned(*more: LectureWarning, language: str = "en") -> LectureDocument:
    return replace(lecture(language=language), warnings=(*WARNINGS, *more))


def read(kind: str, data: bytes) -> str:
    """The text of a file as a reader sees it, without white space."""
    match kind:
        case "pdf":
            pages = pdfium.PdfDocument(data)
            text = "".join(page.get_textpage().get_text_range() for page in pages)
        case "docx":
            text = "\n".join(each.text for each in Document(io.BytesIO(data)).paragraphs)
        case _:
            text = data.decode()
    return squeezed(text)


@pytest.mark.parametrize(
    ("kind", "language"),
    # The text layer of a page that is set from right to left has its words in another order.
    [*itertools.product(["markdown", "docx", "txt"], ["en", "ar"]), ("pdf", "en")],
)
def test_each_file_to_read_begins_with_them(kind: str, language: str) -> None:
    text = read(kind, FORMATS[kind].render(warned(language=language)))

    for warning in WARNINGS:
        assert squeezed(f"Note: {warning.message}") in text.replace("**", "")
    places = [text.index(squeezed(warning.message)) for warning in WARNINGS]
    assert places == sorted(places)
    assert places[-1] < len(text) / 4


@pytest.mark.parametrize("kind", ["markdown", "pdf", "docx", "txt"])
def test_without_warnings_there_is_no_note(kind: str) -> None:
    assert "Note:" not in read(kind, FORMATS[kind].render(lecture()))


@pytest.mark.parametrize("kind", ["pdf", "docx", "txt"])
def test_a_warning_is_text_and_never_markup(kind: str) -> None:
    text = read(kind, FORMATS[kind].render(warned(HOSTILE)))

    assert squeezed(f"Note: {HOSTILE.message}") in text


def test_the_json_holds_them_as_they_are() -> None:
    exported = json.loads(FORMATS["json"].render(warned(HOSTILE)))

    assert exported["lecture"]["warnings"] == stored((*WARNINGS, HOSTILE))


@pytest.mark.parametrize("kind", ["srt", "vtt", "anki", "anki-csv"])
def test_captions_and_decks_stay_as_they_are(kind: str) -> None:
    assert FORMATS[kind].render(warned()) == FORMATS[kind].render(lecture())
