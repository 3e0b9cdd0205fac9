"""From Whisper's word pieces to words with usable times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.transcribe.writing import unspaced
from shared.transcript import Word

SHORTEST_WORD_SEC = 0.02
"""Whisper's time resolution; it gives some short words no length at all."""


@dataclass(frozen=True)
class RawWord:
    """As Whisper splits it: a leading space where a word begins, none where one goes on."""

    text: str
    start_sec: float
    end_sec: float
    probability: float


def whole_words(pieces: Iterable[RawWord]) -> list[RawWord]:
    """Join what belongs together: "3" ".5", "well" "-known", "50" "%".

    Scripts that write no spaces keep one entry per character group.
    """
    words: list[RawWord] = []
    for piece in pieces:
        if not piece.text.strip():
            continue
        if words and _goes_on(words[-1].text, piece.text):
            last = words.pop()
            words.append(
                RawWord(
                    text=last.text + piece.text,
                    start_sec=last.start_sec,
                    end_sec=max(last.end_sec, piece.end_sec),
                    probability=min(last.probability, piece.probability),
                )
            )
        else:
            words.append(piece)
    return words


def _goes_on(before: str, piece: str) -> bool:
    if piece[0].isspace() or before[-1].isspace():
        return False
    return not (unspaced(before[-1]) or unspaced(piece[0]))


def settle(words: Sequence[Word], duration_sec: float) -> tuple[Word, ...]:
    """The same words with times that rise, do not overlap and lie in [0, duration_sec].

    Forwards each word starts no earlier than the one before ends; backwards those
    that this pushed past the end are moved back in.
    """
    starts: list[float] = []
    ends: list[float] = []
    at = 0.0
    for word in words:
        starts.append(max(word.start_sec, at))
        at = max(word.end_sec, starts[-1] + SHORTEST_WORD_SEC)
        ends.append(at)
    limit = duration_sec
    for index in reversed(range(len(words))):
        ends[index] = min(ends[index], limit)
        starts[index] = max(0.0, min(starts[index], ends[index] - SHORTEST_WORD_SEC))
        limit = starts[index]
    return tuple(
        _timed(word, start, end, duration_sec)
        for word, start, end in zip(words, starts, ends, strict=True)
    )


def _timed(word: Word, start_sec: float, end_sec: float, duration_sec: float) -> Word:
    # Rounding to milliseconds must not push the last word past the end.
    end_sec = min(round(end_sec, 3), duration_sec)
    return word.model_copy(
        update={"start_sec": min(round(start_sec, 3), end_sec), "end_sec": end_sec}
    )
