"""Every kind of file Pegasus makes: one line each."""

from collections.abc import Mapping

from functions.export.formats.anki.package import AnkiFormat
from functions.export.formats.anki.table import AnkiCsvFormat
from functions.export.formats.base import ExportFormat
from functions.export.formats.captions.srt import SrtFormat
from functions.export.formats.captions.vtt import VttFormat
from functions.export.formats.docx.format import DocxFormat
from functions.export.formats.json_format import JsonFormat
from functions.export.formats.markdown.format import MarkdownFormat
from functions.export.formats.pdf.format import PdfFormat
from functions.export.formats.txt import TxtFormat

FORMATS: Mapping[str, ExportFormat] = {
    each.type: each
    for each in (
        MarkdownFormat(),
        PdfFormat(),
        DocxFormat(),
        AnkiFormat(),
        AnkiCsvFormat(),
        SrtFormat(),
        VttFormat(),
        TxtFormat(),
        JsonFormat(),
    )
}
