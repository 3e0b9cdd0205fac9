"""Renders all files of a lecture; a format that fails does not affect the others."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from functions.export.document import LectureDocument, TranscriptDocument
from functions.export.formats.base import Format
from functions.export.text.archive import zipped
from functions.export.text.file_names import file_name

SIDE_BY_SIDE = 2
"""The booklet is set by a process of its own; the other formats are made meanwhile, one after
the other, so that the memory needed is that of the booklet and the largest of them."""

EVERYTHING = "zip"
"""Type of the file that holds all the others."""


D = TypeVar("D", bound=TranscriptDocument)


@dataclass(frozen=True)
class RenderedFile:
    type: str
    file_name: str
    content_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Rendering:
    files: tuple[RenderedFile, ...]
    """In the order of the formats."""
    failures: dict[str, Exception]
    """By the format's type; anything but an ExportFailedError is a defect to be logged."""


def render_all(document: LectureDocument, formats: Iterable[Format[LectureDocument]]) -> Rendering:
    """Where any file could be made, an archive of all comes last."""
    rendering = render_each(document, formats)
    if not rendering.files:
        return rendering
    return replace(rendering, files=(*rendering.files, _all_of(rendering.files, document)))


def render_each(document: D, formats: Iterable[Format[D]]) -> Rendering:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = list(pool.map(lambda each: _render(document, each), formats))
    return Rendering(
        tuple(outcome for outcome in outcomes if isinstance(outcome, RenderedFile)),
        dict(outcome for outcome in outcomes if isinstance(outcome, tuple)),
    )


def _render(document: D, each: Format[D]) -> RenderedFile | tuple[str, Exception]:
    try:
        data = each.render(document)
    except Exception as error:
        return each.type, error
    return RenderedFile(each.type, each.file_name(document), each.content_type, data)


def _all_of(files: Sequence[RenderedFile], document: LectureDocument) -> RenderedFile:
    data = zipped((file.file_name, file.data) for file in files)
    return RenderedFile(EVERYTHING, file_name(document, "zip"), "application/zip", data)
