"""Flashcards as a table that Anki imports, and any spreadsheet opens.

For Anki it names its columns and uses the two note types that every collection has
(Anki manual, Importing text files). The notes have the GUIDs of the package, so that
importing again updates them.
"""

import csv
import io
import unicodedata

from functions.export.document import LectureDocument
from functions.export.formats.anki.identity import deck_name, identities, tags_of
from functions.export.formats.anki.text import content, source
from functions.export.text.file_names import file_name

_HEAD = """\
#separator:Comma
#html:true
#columns:GUID,Note type,Front,Back,Tags
#guid column:1
#notetype column:2
#tags column:5
#deck:{deck}
"""


_BEGINS_FORMULA = frozenset("=+-@＝＋－＠")


class AnkiCsvFormat:
    type = "anki-csv"
    content_type = "text/csv; charset=utf-8"
    needs_transcript = False

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "csv")

    def render(self, document: LectureDocument) -> bytes:
        table = io.StringIO()
        writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for card, guid in identities(document):
            kind, asked, answered = content(card)
            back = "<br><br>".join(filter(None, (answered, source(card))))
            tags = " ".join(tags_of(document, card))
            fields = [_directed(_inert(html)) for html in (asked, back)]
            writer.writerow([guid, kind.title(), *fields, tags])
        return (_HEAD.format(deck=deck_name(document)) + table.getvalue()).encode()


def _directed(html: str) -> str:
    """The same HTML with each paragraph in the direction of its own first letter, where letters
    run from right to left. Anki's own note types have no direction; other cells stay readable."""
    if any(unicodedata.bidirectional(character) in {"R", "AL"} for character in html):
        return f'<div dir="auto" style="unicode-bidi: plaintext">{html}</div>'
    return html


def _inert(html: str) -> str:
    """The same HTML, in which the first character to be seen makes no cell a formula (OWASP, CSV
    injection). Spreadsheets skip what is not seen before it, and read full-width signs as well."""
    for place, character in enumerate(html):
        if unicodedata.category(character)[0] in "CZ":
            continue
        if character in _BEGINS_FORMULA:
            return f"{html[:place]}&#{ord(character)};{html[place + 1 :]}"
        break
    return html
