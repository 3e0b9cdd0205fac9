"""All files of a lecture together."""

import hashlib
import io
import zipfile
from dataclasses import replace
from threading import Barrier

from functions.export.document import LectureDocument
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.formats.registry import FORMATS
from functions.export.renderer import render_all
from functions.export.text.file_names import file_name
from shared.errors import ExportFailedError
from tests.unit.export.documents import lecture


class BrokenFormat(MarkdownFormat):
    type = "broken"

    def render(self, document: LectureDocument) -> bytes:
        raise ZeroDivisionError


def test_a_lecture_gives_every_file() -> None:
    rendering = render_all(lecture(), FORMATS.values())
    assert [file.type for file in rendering.files] == [*FORMATS, "zip"]
    assert rendering.failures == {}
    assert all(
        file.sha256 == hashlib.sha256(file.data).hexdigest() and file.data
        for file in rendering.files
    )


def test_a_format_that_fails_takes_no_other_with_it() -> None:
    rendering = render_all(lecture(), [BrokenFormat(), MarkdownFormat()])
    assert [file.type for file in rendering.files] == ["markdown", "zip"]
    assert isinstance(rendering.failures["broken"], ZeroDivisionError)


def test_where_no_format_succeeds_there_is_no_archive_either() -> None:
    rendering = render_all(lecture(), [BrokenFormat()])
    assert rendering.files == ()
    assert list(rendering.failures) == ["broken"]


def test_the_archive_holds_every_other_file_as_it_is() -> None:
    *files, archive = render_all(lecture(), FORMATS.values()).files
    with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
        assert opened.namelist() == [file.file_name for file in files]
        assert [opened.read(file.file_name) for file in files] == [file.data for file in files]


def test_formats_are_made_side_by_side() -> None:
    together = Barrier(2)

    class Waiting(MarkdownFormat):
        def __init__(self, extension: str) -> None:
            self.extension = extension

        def file_name(self, document: LectureDocument) -> str:
            return file_name(document, self.extension)

        def render(self, document: LectureDocument) -> bytes:
            together.wait(timeout=10)
            return b"made"

    rendering = render_all(lecture(), [Waiting("one"), Waiting("two")])
    assert rendering.failures == {}


def test_a_removed_transcript_costs_only_the_captions() -> None:
    rendering = render_all(replace(lecture(), transcript=None), FORMATS.values())
    assert list(rendering.failures) == ["srt", "vtt", "txt"]
    assert all(isinstance(error, ExportFailedError) for error in rendering.failures.values())
    made = [file.type for file in rendering.files]
    assert made == [*(kind for kind in FORMATS if kind not in rendering.failures), "zip"]
