"""Cutting a transcript into windows that fit a context, where one topic gives way to another."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from shared.documents.transcript import Utterance

BYTES_PER_TOKEN = 3
"""Byte-level tokenizers make at most one token of a byte. Of prose in the scripts that Whisper
writes, those in use make 0.2 to 0.33 tokens a byte (English near the lower end; Chinese, of
three bytes a character, near the upper); JSON around it makes somewhat more. An endpoint
that counts more still says so, and gets less (ContextTooLongError)."""
BLOCK_UTTERANCES = 8
"""How many utterances on each side of a gap are compared: about a minute of speech."""
SEARCHED_PART = 0.3
"""The last part of a window in which its end is looked for."""
LONGEST_PAUSE_SEC = 3.0
PAUSE_WEIGHT = 0.1
"""What a pause of that length counts beside likeness, which is 0 to 1."""

Stems = Callable[[str], Sequence[str]]
Weigh = Callable[[Utterance], int]


def estimate_tokens(text: str) -> int:
    """How many tokens a text may take, without the model's own tokenizer: rather too many than too
    few."""
    return len(text.encode()) // BYTES_PER_TOKEN + 1


def cut_windows(
    utterances: Sequence[Utterance], *, room: int, weigh: Weigh, stems: Stems
) -> list[Sequence[Utterance]]:
    """Runs of utterances that weigh at most `room` each; all of them, once and in order.

    A window ends where, in its last part, the words before and after are least alike
    (TextTiling; Hearst, 1997) and the lecturer pauses. Time is linear in the transcript.
    A single utterance that is heavier than `room` is cut at its words.
    """
    pieces = light_pieces(utterances, room=room, weigh=weigh)
    words = [frozenset(stems(piece.text)) for piece in pieces]
    weights = [0, *accumulate(weigh(piece) for piece in pieces)]
    windows: list[Sequence[Utterance]] = []
    start = end = 0
    while start < len(pieces):
        while end < len(pieces) and weights[end + 1] - weights[start] <= room:
            end += 1
        if end < len(pieces):
            first = start + 1
            while weights[first] - weights[start] < (1 - SEARCHED_PART) * room and first < end:
                first += 1
            end = min(range(first, end + 1), key=lambda gap: (_cohesion(pieces, words, gap), gap))
        windows.append(pieces[start:end])
        start = end
    return windows


def light_pieces(utterances: Sequence[Utterance], *, room: int, weigh: Weigh) -> list[Utterance]:
    """The utterances, heavy ones in pieces with their id and times."""
    return [piece for each in utterances for piece in _pieces(each, room, weigh)]


def _cohesion(pieces: Sequence[Utterance], words: Sequence[frozenset[str]], gap: int) -> float:
    before = frozenset[str]().union(*words[max(0, gap - BLOCK_UTTERANCES) : gap])
    after = frozenset[str]().union(*words[gap : gap + BLOCK_UTTERANCES])
    likeness = len(before & after) / (len(before | after) or 1)
    pause = max(0.0, pieces[gap].start_sec - pieces[gap - 1].end_sec) if gap < len(pieces) else 0.0
    return likeness - PAUSE_WEIGHT * min(1.0, pause / LONGEST_PAUSE_SEC)


def _pieces(utterance: Utterance, room: int, weigh: Weigh) -> Iterator[Utterance]:
    """The utterance, or halves of halves of it with its id and times, light enough each."""
    words = utterance.text.split(" ")
    if weigh(utterance) <= room or len(words) < 2:
        yield utterance
        return
    middle = len(words) // 2
    for half in (words[:middle], words[middle:]):
        yield from _pieces(
            utterance.model_copy(update={"text": " ".join(half), "words": ()}), room, weigh
        )
