"""Pieces of speech divided into stretches of one language.

Windows of some seconds yield the course of languages; what is like none of them is examined as a
whole, and decoded in several languages where that does not decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.whisper.decoding import Decoder, Languages
from functions.transcribe.recognizers.whisper.language_changes import (
    OTHER,
    UNLIKE,
    UNSPOKEN,
    settled,
    share,
)
from functions.transcribe.speech.pieces import Piece

WINDOW_SEC = 4.0
"""The shortest speech whose language Whisper detects well enough to be counted."""
POOR_LOG_PROBABILITY = -0.5
"""Of clean speech in the right language it is -0.05 to -0.25; of what is forced into another
-0.3 to -1."""
_SHORT = round(2 * WINDOW_SEC * SAMPLE_RATE)
"""Samples; what is shorter says too little on its own."""
MAJORITY = 0.5
"""Probability from which on a stretch is in a language that is spoken around it."""
TRIED = 2
"""Languages that another stretch is decoded in, beside those around it."""
READS_BETTER = 0.1
"""By how much the average logarithm of probability has to be better in another language. Of
synthetic German, Spanish and French it is 0.2 to 1 better than in English, now and then 0.1
worse."""


@dataclass(frozen=True)
class Stretch:
    """A piece or a part of one, and the language to decode it in."""

    piece: Piece
    language: str
    is_supported: bool = True


def divided(
    decoder: Decoder,
    pieces: Sequence[Piece],
    expected: str,
    before: str | None,
    after: str | None,
    *,
    is_heard: bool,
) -> list[list[Stretch]]:
    """For each of neighbouring pieces its stretches in one language.

    `before` and `after` are the languages on either side, if they are known; `is_heard` is whether
    some piece of the recording sounds like the expected language.
    """
    spans = [piece.windows(WINDOW_SEC) for piece in pieces]
    windows = [
        piece.part(*span)
        for piece, of_piece in zip(pieces, spans, strict=True)
        for span in of_piece
    ]
    told = [*decoder.languages(windows)]
    course = settled(told, expected=expected, before=before, after=after)
    around = tuple(each for each in dict.fromkeys((expected, before, *course, after)) if each)
    named = iter(_Naming(decoder, expected, around, is_heard).named(windows, told, course))
    result: list[list[Stretch]] = []
    for piece, of_piece in zip(pieces, spans, strict=True):
        groups: list[tuple[int, int, tuple[str, bool]]] = []
        for first, stop in of_piece:
            language = next(named)
            joins = groups and groups[-1][2] == language
            groups.append((groups.pop()[0] if joins else first, stop, language))
        result.append(
            [Stretch(piece.part(first, stop), *language) for first, stop, language in groups]
        )
    return result


@dataclass(frozen=True)
class _Naming:
    """Gives stretches that are like none of the languages around them a language."""

    decoder: Decoder
    expected: str
    around: tuple[str, ...]
    is_heard: bool

    def named(
        self, windows: Sequence[Piece], told: Sequence[Languages], course: Sequence[str]
    ) -> list[tuple[str, bool]]:
        """The course with a language for each run of `OTHER`, and whether it sounds like it."""
        named = [(language, True) for language in course]
        others = runs([at for at, language in enumerate(course) if language == OTHER])
        for first, stop in chain.from_iterable(_alike(windows, told, *run) for run in others):
            run = windows[first:stop]
            whole = Piece(
                tuple(region for window in run for region in window.regions),
                np.concatenate([window.samples for window in run]),
            )
            if len(whole.samples) < _SHORT:
                beside = {*course[max(0, first - 1) : first], *course[stop : stop + 1]} - {OTHER}
                read = self._read(whole, sorted(beside) or [self.expected])
                language = max(read, key=lambda each: read[each]), True
            else:
                language = self._language_of(whole)
            named[first:stop] = [language] * (stop - first)
        return named

    def _language_of(self, piece: Piece) -> tuple[str, bool]:
        """The language of a stretch, and whether it sounds like it.

        What it is like is not enough, as a voice that Whisper does not recognize is now and then
        taken for a rare language: it has to read better in it than in the expected one. Where
        nothing sounds like the expected language, it is the voice that does not.
        """
        [told] = self.decoder.languages([piece])
        if share(told, self.expected) >= UNLIKE:
            return self.expected, True
        known = max(self.around, key=lambda each: share(told, each))
        if share(told, known) >= MAJORITY:
            return known, True
        ranked = sorted(set(told) - UNSPOKEN - {self.expected}, key=lambda each: -told[each])
        if told[ranked[0]] < MAJORITY and not self.is_heard:
            return self.expected, True
        read = self._read(piece, [self.expected, *self.around, *ranked[:TRIED]])
        best = max(read, key=lambda each: read[each])
        if read[best] < read[self.expected] + READS_BETTER:
            return self.expected, not self.is_heard
        return best, told[best] >= MAJORITY and read[best] >= POOR_LOG_PROBABILITY

    def _read(self, piece: Piece, languages: Sequence[str]) -> dict[str, float]:
        """How well a stretch reads in each language, as average logarithm of probability."""
        tried = dict.fromkeys(languages)
        if len(tried) == 1:
            return dict.fromkeys(tried, 0.0)
        return {
            each: self.decoder.batched([piece], each, None)[0].average_log_probability
            for each in tried
        }


def _alike(
    windows: Sequence[Piece], told: Sequence[Languages], first: int, stop: int
) -> list[tuple[int, int]]:
    """A run of windows divided where the likeliest language changes, into parts that are no
    shorter than two windows: it may hold two languages."""
    groups: list[tuple[int, int]] = []
    before = None
    for at in range(first, stop):
        like = max(set(told[at]) - UNSPOKEN, key=lambda each: told[at][each])
        if groups and (like == before or _length(windows, *groups[-1]) < _SHORT):
            groups.append((groups.pop()[0], at + 1))
        else:
            groups.append((at, at + 1))
        before = like
    if len(groups) > 1 and _length(windows, *groups[-1]) < _SHORT:
        last = groups.pop()
        groups.append((groups.pop()[0], last[1]))
    return groups


def _length(windows: Sequence[Piece], first: int, stop: int) -> int:
    return sum(len(window.samples) for window in windows[first:stop])


def runs(indexes: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbours in a row, each as first and stop."""
    runs: list[tuple[int, int]] = []
    for index in indexes:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs
