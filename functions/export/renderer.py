"""All files of a lecture; a format that fails takes no other with it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from functions.export.document import LectureDocument
from functions.export.format import ExportFormat


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
    failures: dict[str, Exception]
    """By the format's type; anything but an ExportFailedError is a defect to be logged."""


def render_all(document: LectureDocument, formats: Iterable[ExportFormat]) -> Rendering:
    """One format after the other, so that the memory needed is that of the largest."""
    files: list[RenderedFile] = []
    failures: dict[str, Exception] = {}
    for each in formats:
        try:
            data = each.render(document)
        except Exception as error:
            failures[each.type] = error
        else:
            files.append(RenderedFile(each.type, each.file_name(document), each.content_type, data))
    return Rendering(tuple(files), failures)
