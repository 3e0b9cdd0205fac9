"""The interface of an export format."""

from typing import Protocol, TypeVar

from functions.export.document import LectureDocument, TranscriptDocument

D_contra = TypeVar("D_contra", bound=TranscriptDocument, contravariant=True)


class Format(Protocol[D_contra]):
    """Turns a lecture into one file. The same document always gives the same bytes."""

    @property
    def type(self) -> str:
        """Stable name, part of URLs."""

    @property
    def content_type(self) -> str: ...

    @property
    def needs_transcript(self) -> bool:
        """Whether there is no such file of a lecture whose transcript is no longer kept."""

    def file_name(self, document: D_contra) -> str:
        """Short ASCII name of the download; never a path."""

    def render(self, document: D_contra) -> bytes:
        """Raises ExportFailedError when this lecture gives no such file."""


ExportFormat = Format[LectureDocument]
TranscriptFormat = Format[TranscriptDocument]
"""One that can be made before there is any material."""
