"""The recognitions of all segments become one transcript in the lecture's time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.documents.transcript import Transcript, Utterance, Word
from shared.documents.warnings import Warnings
from shared.speech.recognition import UNDETERMINED, Recognition
from shared.speech.seams import Heard, joined
from shared.speech.sentences import sentences
from shared.speech.times import settle
from shared.speech.writing import join


@dataclass(frozen=True)
class RecognizedSegment:
    """Where a segment lies in its lecture, in seconds, and what was said in it."""

    start_sec: float
    end_sec: float
    recognition: Recognition


def merge(segments: Iterable[RecognizedSegment], *, warnings: Warnings = ()) -> Transcript:
    """One transcript of segments that cover a lecture; without speech it has no utterances.

    Where two overlap, what both have heard is there once (seams.py). Sentences are built
    over the seams: one that continues in the next segment stays one, but none is in two languages.
    The language is the one most of the speech is in; provider and model are those that recognized
    most of the lecture. `warnings` are those of the decoding.
    """
    ordered = sorted(segments, key=lambda segment: segment.start_sec)
    duration_sec = ordered[-1].end_sec if ordered else 0.0
    words = settle(
        joined(
            Heard(segment.start_sec, segment.end_sec, list(_in_lecture_time(segment)))
            for segment in ordered
        ),
        duration_sec,
    )
    provider, model = _recognizer_of_most(ordered)
    spoken = _Spoken(ordered)
    language = spoken.most_of(words)
    groups = [
        (other, group)
        for other, run in groupby(words, key=spoken.language_of)
        for group in sentences(tuple(run), language=other)
    ]
    return Transcript(
        language=language,
        duration_sec=duration_sec,
        provider=provider,
        model=model,
        utterances=tuple(
            _utterance(index, group, None if other == language else other)
            for index, (other, group) in enumerate(groups)
        ),
        warnings=warnings,
    )


def _recognizer_of_most(segments: Sequence[RecognizedSegment]) -> tuple[str, str]:
    """Provider and model: segments may differ in them where some were recognized before a change
    of the settings, or of an earlier job that a replay took over."""
    recognized_sec: defaultdict[tuple[str, str], float] = defaultdict(float)
    for segment in segments:
        by = (segment.recognition.provider, segment.recognition.model)
        recognized_sec[by] += segment.end_sec - segment.start_sec
    return max(recognized_sec, key=lambda by: recognized_sec[by], default=("", ""))


class _Spoken:
    """Where in the lecture which language is spoken."""

    def __init__(self, segments: Sequence[RecognizedSegment]) -> None:
        self._asked = {segment.recognition.language for segment in segments}
        spans = sorted(
            (segment.start_sec + start_sec, language)
            for segment in segments
            for start_sec, language in _languages(segment.recognition)
        )
        self._starts = [start_sec for start_sec, _ in spans]
        self._languages = [language for _, language in spans]

    def language_of(self, word: Word) -> str:
        middle_sec = (word.start_sec + word.end_sec) / 2
        return self._languages[max(0, bisect_right(self._starts, middle_sec) - 1)]

    def most_of(self, words: Sequence[Word]) -> str:
        spoken_sec: defaultdict[str, float] = defaultdict(float)
        for word in words:
            spoken_sec[self.language_of(word)] += word.end_sec - word.start_sec
        if not spoken_sec:
            return next(iter(self._asked)) if len(self._asked) == 1 else UNDETERMINED
        return max(spoken_sec, key=lambda language: spoken_sec[language])


def _languages(recognition: Recognition) -> Iterator[tuple[float, str]]:
    """From which second of the segment on which language is spoken."""
    if recognition.languages:
        for index, spoken in enumerate(recognition.languages):
            yield spoken.start_sec if index else 0.0, spoken.language
    elif recognition.words:
        yield 0.0, recognition.language


def _in_lecture_time(segment: RecognizedSegment) -> Iterable[Word]:
    for word in segment.recognition.words:
        start_sec = segment.start_sec + word.start_sec
        end_sec = segment.start_sec + word.end_sec
        yield word.model_copy(
            update={
                "start_sec": min(start_sec, segment.end_sec),
                "end_sec": min(end_sec, segment.end_sec),
            }
        )


def _utterance(index: int, words: tuple[Word, ...], language: str | None) -> Utterance:
    return Utterance(
        id=index,
        start_sec=words[0].start_sec,
        end_sec=words[-1].end_sec,
        text=join([word.text for word in words]),
        confidence=sum(word.probability for word in words) / len(words),
        words=words,
        language=language,
    )
