"""Every kind of file Pegasus makes: one line each."""

from collections.abc import Mapping

from functions.export.formats.anki.package import AnkiFormat
from functions.export.formats.anki.table import AnkiCsvFormat
from functions.export.formats.base import ExportFormat, TranscriptFormat
from functions.export.formats.captions.srt import SrtFormat
from functions.export.formats.captions.vtt import VttFormat
from functions.export.formats.docx.format import DocxFormat
from functions.export.formats.json_format import JsonFormat
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.formats.pdf.format import PdfFormat
from functions.export.formats.txt import TxtFormat

OF_TRANSCRIPT: tuple[TranscriptFormat, ...] = (SrtFormat(), VttFormat(), TxtFormat())
"""Those that are made as soon as there is a transcript."""

_ALL: tuple[ExportFormat, ...] = (
    MarkdownFormat(),
    PdfFormat(),
    DocxFormat(),
    AnkiFormat(),
    AnkiCsvFormat(),
    *OF_TRANSCRIPT,
    JsonFormat(),
)
FORMATS: Mapping[str, ExportFormat] = {each.type: each for each in _ALL}
