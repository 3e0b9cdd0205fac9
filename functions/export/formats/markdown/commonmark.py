"""Writing CommonMark 0.31 in which text stays text.

Beyond CommonMark's own characters it escapes those that its common dialects
give a meaning: `$`, `==`, `%%`, `~`, `^`, `|`, `{`, bare links.
"""

import re

from shared.text import lines, one_line

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~^$&!@]|(?<==)=|(?<=%)%|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What starts a list, a rule, a table or an underlined heading at the start of a line.
_OPENING = re.compile(r"^(?:[-+=:]|(\d{1,9})([.)]))")


def inline(text: str) -> str:
    """One line that a parser reads as exactly this text, wherever it stands."""
    escaped = _SPECIAL.sub(r"\\\g<0>", one_line(text))
    return _OPENING.sub(
        lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[0]}", escaped
    )


def flow(text: str) -> str:
    """The text's lines, kept apart by hard line breaks."""
    return "\\\n".join(inline(line) for line in lines(text))


def strong(text: str) -> str:
    """Bold; stands before white space or at a line's end."""
    return f"**{content}**" if (content := inline(text)) else ""


def item(marker: str, *blocks: str, tight: bool = False) -> str:
    """A list item of paragraphs or nested lists, empty ones left out."""
    body = ("\n" if tight else "\n\n").join(block for block in blocks if block)
    indent = " " * (len(marker) + 1)
    return f"{marker} " + re.sub(r"\n(?=[^\n])", f"\n{indent}", body)


def sentence(*parts: str) -> str:
    """Inline parts with single spaces between them, empty ones left out."""
    return " ".join(part for part in parts if part)
