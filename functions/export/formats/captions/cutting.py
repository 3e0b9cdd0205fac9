"""Cutting a transcript into captions that can be read.

The measures are those of subtitling practice (BBC Subtitle Guidelines, Netflix
Timed Text Style Guide): at most two lines of 42 columns, 5/6 s to 7 s on screen,
at most 20 columns a second where the speaker leaves the time, cut where a
sentence or a phrase ends. The cuts are the cheapest of all possible ones, found
by dynamic programming over the words, in O(words x words in a caption).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from functions.export.formats.captions.tokens import Boundary, Token, columns, tokens
from shared.documents.transcript import Transcript

LINE_COLUMNS = 42
MIN_SEC = 5 / 6
MAX_SEC = 7.0
COLUMNS_PER_SEC = 20.0
_LONGEST_PAUSE_SEC = 1.5
"""A longer silence always ends a caption."""
_BORROWED_SEC = 0.3
"""A caption too short to read may stay on this far into its successor's speech."""


@dataclass(frozen=True)
class Caption:
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    """One or two."""


def captions(transcript: Transcript) -> list[Caption]:
    """In order of time, without overlaps."""
    pieces = tokens(transcript, widest=LINE_COLUMNS)
    return _timed(_Cutter(pieces).cut(), transcript.duration_sec)


class _Cutter:
    """Finds the cheapest cuts. Costs are in units of one more caption."""

    def __init__(self, pieces: Sequence[Token]) -> None:
        self._pieces = pieces
        self._spaced = [0, *accumulate(piece.width + (not piece.glued) for piece in pieces)]
        self._sentences = [
            0,
            *accumulate(int(piece.boundary is Boundary.SENTENCE) for piece in pieces),
        ]
        self._line_end = self._line_ends()

    def cut(self) -> list[Sequence[Token]]:
        count = len(self._pieces)
        best = [0.0] + [float("inf")] * count
        origin = [0] * (count + 1)
        for start in range(count):
            for end in range(start + 1, self._caption_end(start) + 1):
                cost = best[start] + self._cost(start, end)
                if cost < best[end]:
                    best[end], origin[end] = cost, start
        cuts: list[Sequence[Token]] = []
        end = count
        while end:
            cuts.append(self._pieces[origin[end] : end])
            end = origin[end]
        return cuts[::-1]

    def _line_ends(self) -> list[int]:
        """For each token that starts a line: the index behind the last that fits on it."""
        ends: list[int] = []
        end = 0
        for start, first in enumerate(self._pieces):
            lead = self._spaced[start] + (not first.glued)
            while end < len(self._pieces) and self._spaced[end + 1] - lead <= LINE_COLUMNS:
                end += 1
            ends.append(end)
        return [*ends, len(self._pieces)]

    def _caption_end(self, start: int) -> int:
        """The index behind the last token that can share a caption with this one."""
        pieces = self._pieces
        furthest = self._line_end[self._line_end[start]]
        for end in range(start + 1, furthest):
            if (
                pieces[end].start - pieces[end - 1].end > _LONGEST_PAUSE_SEC
                or pieces[end].end - pieces[start].start > MAX_SEC
            ):
                return end
        return furthest

    def _cost(self, start: int, end: int) -> float:
        pieces = self._pieces
        first, last = pieces[start], pieces[end - 1]
        cost = 1.0
        if last.boundary is Boundary.WORD:
            cost += 2.0
        elif last.boundary is Boundary.CLAUSE:
            cost += 0.5
        cost += 0.4 * (self._sentences[end - 1] - self._sentences[start])
        spoken = last.end - first.start
        room = pieces[end].start - first.start if end < len(pieces) else MAX_SEC
        width = self._spaced[end] - self._spaced[start]
        shown = min(max(spoken, room), max(spoken, MIN_SEC, width / COLUMNS_PER_SEC))
        cost += 3.0 * max(0.0, 1 - shown / MIN_SEC)
        if width > COLUMNS_PER_SEC * shown:
            cost += 4.0 * (min(width / (COLUMNS_PER_SEC * max(shown, 0.01)), 10.0) - 1)
        return cost


def _timed(cuts: Sequence[Sequence[Token]], duration_sec: float) -> list[Caption]:
    """Captions start with their first word and stay until they can have been read."""
    timed: list[Caption] = []
    previous_end = 0
    for index, cut in enumerate(cuts):
        start = max(previous_end, round(cut[0].start * 1000))
        spoken_end = round(cut[-1].end * 1000)
        last = index + 1 == len(cuts)
        room_end = (
            max(spoken_end, round(duration_sec * 1000))
            if last
            else round(cuts[index + 1][0].start * 1000)
        )
        shortest_end = start + round(MIN_SEC * 1000)
        if room_end < shortest_end and not last:
            room_end = min(shortest_end, room_end + round(_BORROWED_SEC * 1000))
        lines = _lines(cut)
        reading_ms = 1000 * sum(map(columns, lines)) / COLUMNS_PER_SEC
        wanted = max(spoken_end, shortest_end, start + round(reading_ms))
        end = max(start + 1, min(wanted, room_end, start + round(MAX_SEC * 1000)))
        timed.append(Caption(start, end, lines))
        previous_end = end
    return timed


def _lines(cut: Sequence[Token]) -> tuple[str, ...]:
    """One line, or two of about one length that part where the phrase does."""
    if _width(cut) <= LINE_COLUMNS:
        return (_text(cut),)
    top, bottom = min(
        ((cut[:at], cut[at:]) for at in range(1, len(cut))),
        key=lambda halves: (
            max(map(_width, halves)) > LINE_COLUMNS,
            abs(_width(halves[0]) - _width(halves[1])) / LINE_COLUMNS
            - 0.4 * halves[0][-1].boundary,
        ),
    )
    return (_text(top), _text(bottom))


def _width(part: Sequence[Token]) -> int:
    return sum(piece.width + (not piece.glued) for piece in part) - (not part[0].glued)


def _text(part: Sequence[Token]) -> str:
    return "".join(piece.text if piece.glued else f" {piece.text}" for piece in part).strip()
