"""Takes spans of time out of a transcript. The times of what stays do not move."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.documents.transcript import Transcript, Utterance, Word
from shared.speech.writing import join

WIDENED_SEC = 1.0
"""By how much a span is widened at each end at most, so that no word is cut in two."""


@dataclass(frozen=True, order=True)
class CutSpan:
    """Seconds of the lecture."""

    start_sec: float
    end_sec: float

    def meets(self, start_sec: float, end_sec: float) -> bool:
        """Whether something said in this time is of the span. A word that a correction added may
        have no length: one at the edge is."""
        if start_sec == end_sec:
            return self.start_sec <= start_sec <= self.end_sec
        return start_sec < self.end_sec and end_sec > self.start_sec

    def holds(self, other: "CutSpan") -> bool:
        return self.start_sec <= other.start_sec and other.end_sec <= self.end_sec


@dataclass(frozen=True)
class Removal:
    transcript: Transcript
    """What stays; it may have no utterance."""
    removed: tuple[str, ...]
    """What does not, in order; what was said in one go is one text."""
    utterances: int
    """How many are gone or not as they were."""


def united(spans: Iterable[CutSpan]) -> tuple[CutSpan, ...]:
    """In order; those that overlap or touch are one."""
    found: list[CutSpan] = []
    for span in sorted(spans):
        if found and span.start_sec <= found[-1].end_sec:
            last = found.pop()
            found.append(CutSpan(last.start_sec, max(last.end_sec, span.end_sec)))
        else:
            found.append(span)
    return tuple(found)


def widened(span: CutSpan, transcript: Transcript) -> CutSpan:
    """The span with the whole of each word that it meets, at most WIDENED_SEC at each end."""
    met = [
        word
        for utterance in transcript.utterances
        for word in utterance.words
        if span.meets(word.start_sec, word.end_sec)
    ]
    start_sec = min([span.start_sec, *(word.start_sec for word in met)])
    end_sec = max([span.end_sec, *(word.end_sec for word in met)])
    return CutSpan(
        max(start_sec, span.start_sec - WIDENED_SEC), min(end_sec, span.end_sec + WIDENED_SEC)
    )


def without_spans(transcript: Transcript, spans: Sequence[CutSpan]) -> Removal:
    """The transcript without any word that meets a span.

    An utterance whose middle is taken out becomes two, so that nothing reads as if it had been said
    in one go. One without words is removed if it meets a span. Utterances are numbered again.
    """
    kept: list[Utterance] = []
    removed: list[str] = []
    changed = 0
    for utterance in transcript.utterances:
        parts = list(_parts(utterance, spans))
        changed += any(not stays for stays, _ in parts)
        for stays, part in parts:
            if stays:
                kept.append(part)
            else:
                removed.append(part.text)
    numbered = (each.model_copy(update={"id": place}) for place, each in enumerate(kept))
    remaining = transcript.model_copy(update={"utterances": tuple(numbered)})
    return Removal(remaining, tuple(removed), changed)


def _parts(utterance: Utterance, spans: Sequence[CutSpan]) -> Iterator[tuple[bool, Utterance]]:
    """The utterance in parts, each of which stays or does not."""
    said = utterance.words or (utterance,)

    def stays(each: Word | Utterance) -> bool:
        return not any(span.meets(each.start_sec, each.end_sec) for span in spans)

    runs = [(kept, tuple(run)) for kept, run in groupby(said, stays)]
    if len(runs) == 1:
        yield runs[0][0], utterance
        return
    for kept, run in runs:
        words = [each for each in run if isinstance(each, Word)]
        update = {
            "start_sec": words[0].start_sec,
            "end_sec": words[-1].end_sec,
            "text": join([word.text for word in words]),
            "confidence": sum(word.probability for word in words) / len(words),
            "words": tuple(words),
        }
        yield kept, utterance.model_copy(update=update)
