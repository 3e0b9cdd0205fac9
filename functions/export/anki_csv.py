"""Flashcards as a table that Anki imports, and any spreadsheet opens.

For Anki it names its columns and uses the two note types that every collection has
(Anki manual, Importing text files). The notes have the GUIDs of the package, so that
importing again updates them.
"""

import csv
import io

from functions.export.anki_identity import deck_name, numbered_guids, tags_of
from functions.export.anki_text import content, source
from functions.export.document import LectureDocument
from functions.export.file_names import file_name

_HEAD = """\
#separator:Comma
#html:true
#columns:GUID,Note type,Front,Back,Tags
#guid column:1
#notetype column:2
#tags column:5
#deck:{deck}
"""


class AnkiCsvFormat:
    type = "anki-csv"
    content_type = "text/csv; charset=utf-8"

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "csv")

    def render(self, document: LectureDocument) -> bytes:
        table = io.StringIO()
        writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for card, guid in numbered_guids(document):
            kind, asked, answered = content(card)
            back = "<br><br>".join(filter(None, (answered, source(card))))
            tags = " ".join(tags_of(document, card))
            writer.writerow([guid, kind.title(), _inert(asked), _inert(back), tags])
        return (_HEAD.format(deck=deck_name(document)) + table.getvalue()).encode()


def _inert(html: str) -> str:
    """The same HTML, not beginning with a character that makes a cell a formula (OWASP, CSV
    injection)."""
    return f"&#{ord(html[0])};{html[1:]}" if html[:1] in set("=+-@") else html
