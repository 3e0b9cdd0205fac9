"""The shell blocks of the documentation, and what in them a reader types."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.local.stack import ROOT

RUN = "<!-- run -->"
"""Stands in the line before a block that is executed."""

_BEGIN, _END = "```sh", "```"
_OPERATORS = {"|", "||", "&&", ";", "(", "{", "!"}
_ASSIGNMENT = re.compile(r"\w+=")
_ONLY_THE_READER_KNOWS = re.compile(r"…|<[a-z][\w ]*>")
"""`https://…`, `<jobId>`: the line cannot be typed as it stands."""


@dataclass(frozen=True)
class Block:
    file: str
    """From the repository's root."""
    line: int
    text: str
    marked: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]


def blocks(root: Path = ROOT) -> list[Block]:
    files = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [block for file in files for block in blocks_of(file, root)]


def blocks_of(file: Path, root: Path) -> Iterator[Block]:
    lines = file.read_text().splitlines()
    name = file.relative_to(root).as_posix()
    begin = None
    for number, line in enumerate(lines):
        if begin is None and line.strip() == _BEGIN:
            begin = number
        elif begin is not None and line.strip() == _END:
            text = "\n".join(lines[begin + 1 : number]) + "\n"
            yield Block(name, begin + 1, text, marked=begin > 0 and lines[begin - 1] == RUN)
            begin = None
    if begin is not None:
        raise ValueError(f"{name}:{begin + 1}: the block has no end")


def commands(text: str) -> list[list[str]]:
    """Each command with its arguments, those of pipes and lists included; without assignments,
    and without what only the reader can complete."""
    found = []
    for line in _logical_lines(text):
        if _ONLY_THE_READER_KNOWS.search(line):
            continue
        for command in _split(line):
            words = [*command]
            while words and _ASSIGNMENT.match(words[0]):
                words.pop(0)
            if words:
                found.append(words)
    return found


def _logical_lines(text: str) -> Iterator[str]:
    """Lines with those they are continued on, by a backslash or an open quote."""
    line = ""
    for part in text.splitlines():
        line += part
        if line.endswith("\\"):
            line = line[:-1]
            continue
        try:
            _words(line)
        except ValueError:
            line += "\n"
            continue
        yield line
        line = ""
    if line.strip():
        raise ValueError(f"cannot be read as commands: {line}")


def _split(line: str) -> Iterator[list[str]]:
    command: list[str] = []
    for word in _words(line):
        if word in _OPERATORS or set(word) <= set("|&;(){}"):
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words = []
    for word in lexer:
        # A comment begins with a word; elsewhere `#` is a character like others.
        if word.startswith("#"):
            break
        words.append(word)
    return words
