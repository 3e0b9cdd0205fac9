"""Text for the fields and tags of Anki notes, where it can only be text."""

import html
import unicodedata
from typing import Literal

from functions.export.text.clock import clock
from shared.documents import cloze
from shared.documents.artifacts import Flashcard
from shared.text import lines

# Beyond HTML, Anki reads `{{…}}` in cloze fields, `[sound:…]`, `[latex]`, `[$]`
# and `[anki:…]` in the stored field: a character reference hides those from it.
_NOTATION = str.maketrans({"{": "&#123;", "}": "&#125;", "[": "&#91;", "]": "&#93;"})
_MAX_TAG = 80


def field(text: str) -> str:
    """HTML that shows exactly this text."""
    return "<br>".join(_escape(line) for line in lines(text))


def cloze_field(front: str) -> str:
    """The same, with the deletions of the cloze notation kept alive.

    "" when there is none left, so nothing to ask.
    """
    parts = cloze.parse(front)
    if all(isinstance(part, str) for part in parts):
        return ""
    return "".join(_around(part) if isinstance(part, str) else _deletion(part) for part in parts)


def content(card: Flashcard) -> tuple[Literal["basic", "cloze"], str, str]:
    """Kind of note and its first two fields; a cloze without a deletion asks nothing
    in Anki and becomes a basic card."""
    if card.kind == "cloze" and (text := cloze_field(card.front)):
        return "cloze", text, field(card.back)
    return "basic", field(card.front), field(card.back)


def source(card: Flashcard) -> str:
    """HTML that says where in the lecture it was said, and how."""
    return "<br>".join(
        f'<span class="time">{clock(citation.start_sec)}</span> “{field(citation.quote)}”'
        for citation in card.citations
    )


def tag(text: str) -> str:
    """One level of a tag: letters, digits and marks of any script, and hyphens."""
    kept = (
        char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text
    )
    return "-".join("".join(kept).split())[:_MAX_TAG].strip("-")


def _around(part: str) -> str:
    # The spaces beside a deletion belong to the sentence; `field` strips them.
    lead = " " if part[:1].isspace() else ""
    trail = " " if part[-1:].isspace() else ""
    return f"{lead}{field(part)}{trail}"


def _deletion(deletion: cloze.Deletion) -> str:
    answer = field(deletion.answer).replace("::", ":&#58;")
    hint = field(deletion.hint).replace("::", ":&#58;")
    return f"{{{{c{deletion.number}::{answer}{'::' + hint if hint else ''}}}}}"


def _escape(line: str) -> str:
    escaped = html.escape(line, quote=False).translate(_NOTATION)
    # `\(` and `\[` start MathJax, which reads the shown text: an element around
    # the backslash parts the two.
    return escaped.replace("\\", "<span>\\</span>")
