"""All files of a lecture together."""

import hashlib
from dataclasses import replace

from functions.export.document import LectureDocument
from functions.export.formats import FORMATS
from functions.export.markdown import MarkdownFormat
from functions.export.renderer import render_all
from shared.errors import ExportFailedError
from tests.unit.export.documents import lecture


class BrokenFormat(MarkdownFormat):
    type = "broken"

    def render(self, document: LectureDocument) -> bytes:
        raise ZeroDivisionError


def test_a_lecture_gives_every_file() -> None:
    rendering = render_all(lecture(), FORMATS.values())
    assert [file.type for file in rendering.files] == ["markdown", "pdf", "anki", "srt", "json"]
    assert rendering.failures == {}
    assert all(
        file.sha256 == hashlib.sha256(file.data).hexdigest() and file.data
        for file in rendering.files
    )


def test_a_format_that_fails_takes_no_other_with_it() -> None:
    rendering = render_all(lecture(), [BrokenFormat(), MarkdownFormat()])
    assert [file.type for file in rendering.files] == ["markdown"]
    assert isinstance(rendering.failures["broken"], ZeroDivisionError)


def test_a_removed_transcript_costs_only_the_captions() -> None:
    rendering = render_all(replace(lecture(), transcript=None), FORMATS.values())
    assert [file.type for file in rendering.files] == ["markdown", "pdf", "anki", "json"]
    assert isinstance(rendering.failures["srt"], ExportFailedError)
