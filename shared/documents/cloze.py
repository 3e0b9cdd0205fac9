"""The cloze notation `{{c1::answer}}` or `{{c1::answer::hint}}` of a flashcard's front.

As the Anki manual describes it (Note types, Cloze deletion); nothing else in
braces is notation.
"""

import re
from dataclasses import dataclass

_DELETION = re.compile(r"\{\{c([1-9]\d?)::(.*?)(?:::(.*?))?\}\}", re.DOTALL)


@dataclass(frozen=True)
class Deletion:
    number: int
    answer: str
    hint: str


def parse(text: str) -> tuple[str | Deletion, ...]:
    """The text in order, its deletions set apart."""
    parts: list[str | Deletion] = []
    end = 0
    for match in _DELETION.finditer(text):
        if not match[2].strip():
            continue
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts.append(Deletion(int(match[1]), match[2], match[3] or ""))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)
