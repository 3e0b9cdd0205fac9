"""From Whisper's word pieces to words."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.speech.writing import unspaced


@dataclass(frozen=True)
class RawWord:
    """As Whisper splits it: a leading space where a word begins, none where one continues."""

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
