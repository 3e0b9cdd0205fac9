"""Words with usable times, whatever a recognizer says of them."""

from collections.abc import Sequence

from shared.documents.transcript import Word

SHORTEST_WORD_SEC = 0.02
"""Whisper's time resolution; it gives some short words no length at all."""


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
