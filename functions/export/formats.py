"""Every kind of file Pegasus makes: one line each."""

from collections.abc import Mapping

from functions.export.anki import AnkiFormat
from functions.export.format import ExportFormat
from functions.export.json_format import JsonFormat
from functions.export.markdown import MarkdownFormat
from functions.export.pdf import PdfFormat
from functions.export.srt import SrtFormat

FORMATS: Mapping[str, ExportFormat] = {
    each.type: each
    for each in (
        MarkdownFormat(),
        PdfFormat(),
        AnkiFormat(),
        SrtFormat(),
        JsonFormat(),
    )
}
