"""Renders all files of a lecture; a format that fails does not affect the others."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from functions.export.document import LectureDocument
from functions.export.formats.base import ExportFormat
from functions.export.text.archive import zipped
from functions.export.text.file_names import file_name

SIDE_BY_SIDE = 2
"""The booklet is set by a process of its own; the other formats are made meanwhile, one after
the other, so that the memory needed is that of the booklet and the largest of them."""

EVERYTHING = "zip"
"""Type of the file that holds all the others."""


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
    """In the order of the formats; where any could be made, an archive of all comes last."""
    failures: dict[str, Exception]
    """By the format's type; anything but an ExportFailedError is a defect to be logged."""


def render_all(document: LectureDocument, formats: Iterable[ExportFormat]) -> Rendering:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = list(pool.map(lambda each: _render(document, each), formats))
    files = [outcome for outcome in outcomes if isinstance(outcome, RenderedFile)]
    if files:
        files.append(_all_of(files, document))
    return Rendering(
        tuple(files),
        dict(outcome for outcome in outcomes if isinstance(outcome, tuple)),
    )


def _render(document: LectureDocument, each: ExportFormat) -> RenderedFile | tuple[str, Exception]:
    try:
        data = each.render(document)
    except Exception as error:
        return each.type, error
    return RenderedFile(each.type, each.file_name(document), each.content_type, data)


def _all_of(files: Sequence[RenderedFile], document: LectureDocument) -> RenderedFile:
    data = zipped((file.file_name, file.data) for file in files)
    return RenderedFile(EVERYTHING, file_name(document, "zip"), "application/zip", data)
