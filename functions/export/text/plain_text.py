"""Text as it may appear in any file: nothing invisible that could change its surroundings."""

import re

from shared.text import one_line

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def lines(text: str) -> tuple[str, ...]:
    """The non-empty lines of a text, without control characters, white space collapsed."""
    parts = _LINE_ENDS.sub("\n", text).split("\n")
    return tuple(line for part in parts if (line := one_line(part)))
