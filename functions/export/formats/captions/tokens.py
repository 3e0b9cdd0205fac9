"""A transcript as the pieces that captions are set from."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from shared.documents.transcript import Transcript, Utterance
from shared.text import one_line

_CLOSING = "\"'”’»›)]}」』】）"
_SENTENCE_ENDS = frozenset(".?!…。？！｡؟।۔")
_CLAUSE_ENDS = frozenset(",;:–—、，；：،؛")


class Boundary(IntEnum):
    """What ends behind a token."""

    WORD = 0
    CLAUSE = 1
    SENTENCE = 2


@dataclass(frozen=True)
class Token:
    text: str
    glued: bool
    """No space stands before it."""
    start: float
    end: float
    width: int
    """Columns, without the space before it."""
    boundary: Boundary


def columns(text: str) -> int:
    """Width on screen: wide and full-width characters take two columns, marks none.

    Unicode Standard Annex 11.
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def tokens(transcript: Transcript, *, widest: int) -> list[Token]:
    """All words in order of time; words of more than `widest` columns come in pieces."""
    return [
        token for utterance in transcript.utterances for token in _of_utterance(utterance, widest)
    ]


def _of_utterance(utterance: Utterance, widest: int) -> list[Token]:
    pieces = [
        piece
        for text, glued, start, end in _words(utterance)
        for piece in _pieces(text, glued, start, end, widest)
    ]
    if pieces:
        last = pieces[-1]
        pieces[-1] = Token(
            last.text, last.glued, last.start, last.end, last.width, Boundary.SENTENCE
        )
    return pieces


def _words(utterance: Utterance) -> Iterator[tuple[str, bool, float, float]]:
    """Words with their times; where spaces stand is read off the utterance's text,
    for not every script puts them between words."""
    text = one_line(utterance.text)
    if not utterance.words:
        words = text.split()
        yield from _spread(
            [(word, False) for word in words], utterance.start_sec, utterance.end_sec
        )
        return
    position = 0
    for word in utterance.words:
        content = one_line(word.text)
        found = text.find(content, position)
        glued = found == position > 0
        if found >= 0:
            position = found + len(content)
        if content:
            yield content, glued, word.start_sec, max(word.start_sec, word.end_sec)


def _pieces(text: str, glued: bool, start: float, end: float, widest: int) -> Iterator[Token]:
    parts = list(_chunks(text, widest))
    timed = _spread(
        [(part, glued or index > 0) for index, part in enumerate(parts)],
        start,
        end,
    )
    for part, is_glued, part_start, part_end in timed:
        yield Token(part, is_glued, part_start, part_end, columns(part), _boundary(part))


def _spread(
    parts: list[tuple[str, bool]], start: float, end: float
) -> Iterator[tuple[str, bool, float, float]]:
    """Share the time out by length."""
    total = sum(len(text) for text, _ in parts) or 1
    ends = [start]
    for text, _ in parts:
        ends.append(ends[-1] + (end - start) * len(text) / total)
    for (text, glued), (part_start, part_end) in zip(parts, pairwise(ends), strict=True):
        yield text, glued, part_start, part_end


def _chunks(text: str, widest: int) -> Iterable[str]:
    if columns(text) <= widest:
        return [text]
    chunks, width = [""], 0
    for char in text:
        extra = columns(char)
        if width + extra > widest:
            chunks.append("")
            width = 0
        chunks[-1] += char
        width += extra
    return chunks


def _boundary(text: str) -> Boundary:
    last = text.rstrip(_CLOSING)[-1:]
    if last in _SENTENCE_ENDS:
        return Boundary.SENTENCE
    return Boundary.CLAUSE if last in _CLAUSE_ENDS else Boundary.WORD
