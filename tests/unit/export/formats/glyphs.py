"""What a booklet draws, read from its content streams."""

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n")
_TOKEN = re.compile(rb"\(|[A-Za-z'\"*]+|<[0-9A-Fa-f]*>")
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def missing_glyphs(pdf: bytes) -> int:
    """How often glyph 0 is drawn: the box of a character that the font lacks."""
    return sum(glyph == 0 for glyph in drawn_glyphs(pdf))


def drawn_glyphs(pdf: bytes) -> Iterator[int]:
    """The numbers of the glyphs in their fonts; two bytes each, as Typst embeds every font."""
    for content in _contents(pdf):
        for codes in _shown(content):
            yield from (int.from_bytes(codes[at : at + 2]) for at in range(0, len(codes), 2))


def _contents(pdf: bytes) -> Iterator[bytes]:
    """Streams that can be inflated; fonts and images among them show no text."""
    for start in _STREAM.finditer(pdf):
        try:
            content = zlib.decompressobj().decompress(pdf[start.end() :])
        except zlib.error:
            continue
        if b" Tf " in content:
            yield content


def _shown(content: bytes) -> Iterator[bytes]:
    """The operands of the operators Tj and TJ; other strings only name things."""
    at, operands = 0, list[bytes]()
    while token := _TOKEN.search(content, at):
        at = token.end()
        if token[0] == b"(":
            end = _end_of_string(content, at)
            operands.append(_ESCAPE.sub(_unescaped, content[at:end]))
            at = end + 1
        elif token[0].startswith(b"<"):
            operands.append(bytes.fromhex(token[0][1:-1].decode()))
        else:
            if token[0] in {b"Tj", b"TJ"}:
                yield from operands
            operands.clear()


def _end_of_string(content: bytes, start: int) -> int:
    """Parentheses in a string are in pairs, or escaped."""
    depth = 1
    for found in _PARENTHESIS.finditer(content, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise ValueError("a string without an end")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if len(code) == 3:
        return bytes([int(code, 8)])
    return _NAMED.get(code, code)
