"""A Word document under construction: headings, paragraphs, lists and tables of plain text.

Text reaches python-docx as the contents of runs, which it escapes; nothing of it is markup.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from functions.export.text.archive import zipped
from shared.text import lines, one_line

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug"})
_SOFT = RGBColor(0x66, 0x72, 0x7E)
_ACCENT = RGBColor(0x1D, 0x5C, 0x87)
_AFTER_BIDI = (
    "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
    "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment",
    "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr",
    "w:pPrChange",
)  # fmt: skip
"""What may only follow `w:bidi` in a paragraph's properties (ECMA-376 part 1, 17.3.1.26)."""
_LONGEST_PROPERTY = 255
"""Characters of a document property; python-docx refuses a longer one."""
_LIST_DEPTH = 3
"""Word's own list styles go this deep; deeper points stay on the last level."""


class WordDocument:
    def __init__(self, *, title: str, language: str, modified: datetime) -> None:
        """`language` is a BCP 47 tag; `modified` becomes the file's own date."""
        self._document = Document()
        self._right_to_left = language.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT
        about = self._document.core_properties
        about.title = _property(title)
        about.author = about.last_modified_by = "Pegasus"
        about.comments = ""
        about.language = language
        about.created = about.modified = modified.replace(tzinfo=None)
        about.revision = 1
        self._set_up_pages()
        self._set_up_styles(language)
        self._number_pages()

    def title(self, text: str) -> None:
        self._finish(self._document.add_heading(one_line(text), level=0))

    def heading(self, text: str, level: int, *, on_new_page: bool = False) -> None:
        heading = self._document.add_heading(one_line(text), level=level)
        heading.paragraph_format.page_break_before = on_new_page
        self._finish(heading)

    def paragraph(self, text: str, *, note: str = "", bold: str = "") -> None:
        """`bold` stands before the text, `note` small and grey behind it."""
        self._write(self._document.add_paragraph(), text, note=note, bold=bold)

    def item(self, text: str, *, depth: int = 1, note: str = "", bold: str = "") -> None:
        """A bulleted point; `depth` counts from 1."""
        level = min(depth, _LIST_DEPTH)
        style = "List Bullet" if level == 1 else f"List Bullet {level}"
        self._write(self._document.add_paragraph(style=style), text, note=note, bold=bold)

    def option(self, text: str, *, bold: str) -> None:
        """An indented line under a paragraph."""
        paragraph = self._document.add_paragraph(style="List 2")
        paragraph.paragraph_format.space_after = Pt(3)
        self._write(paragraph, text, bold=bold)

    def table(self, columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[str]]) -> None:
        """`columns`: headings, and widths in centimetres."""
        table = self._document.add_table(rows=0, cols=len(columns))
        table.style, table.autofit = "Light List Accent 1", False
        for column, (_, width) in zip(table.columns, columns, strict=True):
            column.width = Cm(width)
        for row in ([heading for heading, _ in columns], *rows):
            added = table.add_row()
            added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, text in zip(added.cells, row, strict=True):
                self._write(cell.paragraphs[0], text)
        # The head comes again on every page that the table reaches.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    def to_bytes(self) -> bytes:
        """The same document always gives the same bytes: Word's own parts in the order
        python-docx writes them, none with a date of today."""
        buffer = io.BytesIO()
        self._document.save(buffer)
        with zipfile.ZipFile(buffer) as archive:
            return zipped((name, archive.read(name)) for name in archive.namelist())

    def _write(self, paragraph: Paragraph, text: str, *, note: str = "", bold: str = "") -> None:
        if bold:
            run = paragraph.add_run(f"{one_line(bold)} ")
            run.bold, run.font.color.rgb = True, _ACCENT
        run = paragraph.add_run()
        for number, line in enumerate(lines(text)):
            if number:
                run.add_break(WD_BREAK.LINE)
            run.add_text(line)
        if note:
            run = paragraph.add_run(f"  {one_line(note)}")
            run.font.size, run.font.color.rgb = Pt(8.5), _SOFT
        self._finish(paragraph)

    def _finish(self, paragraph: Paragraph) -> None:
        if self._right_to_left:
            properties = paragraph._p.get_or_add_pPr()
            properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)

    def _set_up_pages(self) -> None:
        page = self._document.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2.2)
        page.top_margin = page.bottom_margin = Cm(2.2)

    def _set_up_styles(self, language: str) -> None:
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", Pt(11)
        tag = OxmlElement("w:lang")
        for script in ("w:val", "w:eastAsia", "w:bidi"):
            tag.set(qn(script), language)
        normal.element.get_or_add_rPr().append(tag)

    def _number_pages(self) -> None:
        footer = self._document.sections[0].footer.paragraphs[0]
        footer.alignment = 1
        run = footer.add_run()
        for kind, code in (("begin", ""), ("", "PAGE"), ("end", "")):
            if code:
                part = OxmlElement("w:instrText")
                part.text = code
            else:
                part = OxmlElement("w:fldChar")
                part.set(qn("w:fldCharType"), kind)
            run._r.append(part)


def _property(text: str) -> str:
    """On one line, and no longer than a document property may be."""
    line = one_line(text)
    if len(line) <= _LONGEST_PROPERTY:
        return line
    return line[: _LONGEST_PROPERTY - 1].rstrip() + "…"
