"""The recognitions of all segments become one transcript in the lecture's time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.speech.recognition import UNDETERMINED, Recognition
from shared.speech.seams import Heard, joined
from shared.speech.sentences import sentences
from shared.speech.times import settle
from shared.speech.writing import join
from shared.transcript import Transcript, Utterance, Word
from shared.warnings import Warnings


@dataclass(frozen=True)
class RecognizedSegment:
    """Where a segment lies in its lecture, in seconds, and what was said in it."""

    start_sec: float
    end_sec: float
    recognition: Recognition


def merge(
    segments: Iterable[RecognizedSegment], *, provider: str, model: str, warnings: Warnings = ()
) -> Transcript:
    """One transcript of segments that cover a lecture; without speech it has no utterances.

    Where two overlap, what both have heard is there once (seams.py). Sentences are built
    over the seams: one that goes on in the next segment stays one.
    The language is the one most of the speech is in. `warnings` are those of the decoding.
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
    language = _language(ordered)
    return Transcript(
        language=language,
        duration_sec=duration_sec,
        provider=provider,
        model=model,
        utterances=tuple(
            _utterance(index, group)
            for index, group in enumerate(sentences(words, language=language))
        ),
        warnings=warnings,
    )


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


def _language(segments: Sequence[RecognizedSegment]) -> str:
    spoken_sec: defaultdict[str, float] = defaultdict(float)
    for segment in segments:
        for word in segment.recognition.words:
            spoken_sec[segment.recognition.language] += word.end_sec - word.start_sec
    if not spoken_sec:
        asked = {segment.recognition.language for segment in segments}
        return asked.pop() if len(asked) == 1 else UNDETERMINED
    return max(spoken_sec, key=lambda language: spoken_sec[language])


def _utterance(index: int, words: tuple[Word, ...]) -> Utterance:
    return Utterance(
        id=index,
        start_sec=words[0].start_sec,
        end_sec=words[-1].end_sec,
        text=join([word.text for word in words]),
        confidence=sum(word.probability for word in words) / len(words),
        words=words,
    )
