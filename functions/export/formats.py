"""Every kind of file Pegasus makes: one line each."""

from collections.abc import Mapping

from functions.export.anki import AnkiFormat
from functions.export.anki_csv import AnkiCsvFormat
from functions.export.docx_format import DocxFormat
from functions.export.format import ExportFormat
from functions.export.json_format import JsonFormat
from functions.export.markdown import MarkdownFormat
from functions.export.pdf import PdfFormat
from functions.export.srt import SrtFormat
from functions.export.txt import TxtFormat
from functions.export.vtt import VttFormat

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
