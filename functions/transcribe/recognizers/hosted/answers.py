"""What a transcription service answers (`verbose_json`), and the words that are in it.

Whatever it says, words come out in the order of the text, inside the audio, without overlap.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from functions.transcribe.recognizers.whisper.confidence import Passage
from shared.documents.transcript import Word
from shared.errors import ModelUnavailableError
from shared.speech.alignment import align, split_words
from shared.speech.times import settle
from shared.text import StorableText

UNTOLD = 1.0
"""A word's probability where the service says nothing of it: nothing speaks against the word."""

Seconds = Annotated[float, Field(allow_inf_nan=False)]


class WireWord(BaseModel):
    word: StorableText
    start: Seconds
    end: Seconds


class WireSegment(BaseModel):
    """The figures are of OpenAI's own Whisper; others leave some out."""

    start: Seconds
    end: Seconds
    avg_logprob: Seconds | None = None
    no_speech_prob: Seconds | None = None
    compression_ratio: Seconds | None = None


class WireUsage(BaseModel):
    seconds: Seconds | None = None


class WireAnswer(BaseModel):
    text: StorableText
    language: StorableText | None = None
    words: list[WireWord] | None = None
    segments: list[WireSegment] | None = None
    usage: WireUsage | None = None


def timed_words(answer: WireAnswer, duration_sec: float) -> tuple[Word, ...]:
    """The words of the text with their times in the audio that was sent.

    OpenAI's list of words lacks the punctuation, which the text has. Raises
    ModelUnavailableError if there is text and no times.
    """
    texts = split_words(answer.text)
    told = sorted(
        (each for each in answer.words or () if each.word.strip()), key=lambda each: each.start
    )
    if not texts:
        return ()
    if not told:
        raise ModelUnavailableError("the transcription service does not tell when words were said")
    words = settle(
        [
            Word(
                text=each.word.strip(),
                start_sec=_within(each.start, duration_sec),
                end_sec=_within(each.end, duration_sec),
                probability=UNTOLD,
            )
            for each in told
        ],
        duration_sec,
    )
    aligned = align(words, texts, start_sec=0.0, end_sec=duration_sec, probability=UNTOLD)
    return settle(aligned.words, duration_sec)


def passages(
    answer: WireAnswer, words: Sequence[Word], duration_sec: float
) -> list[tuple[tuple[Word, ...], Passage | None]]:
    """The words, all of them, by the service's segments; None where it gives no figures."""
    segments = sorted(answer.segments or (), key=lambda each: each.start)
    if not segments:
        return [(tuple(words), None)] if words else []
    starts = [each.start for each in segments]
    groups: list[list[Word]] = [[] for _ in segments]
    for word in words:
        middle = (word.start_sec + word.end_sec) / 2
        groups[max(0, bisect_right(starts, middle) - 1)].append(word)
    return [
        _judged(segment, group, duration_sec)
        for segment, group in zip(segments, groups, strict=True)
        if group
    ]


def _judged(
    segment: WireSegment, words: Sequence[Word], duration_sec: float
) -> tuple[tuple[Word, ...], Passage | None]:
    figures = (segment.avg_logprob, segment.no_speech_prob, segment.compression_ratio)
    logprob, no_speech, compression = figures
    if logprob is not None:
        # Per token, of the whole segment: the best there is for one word.
        probability = math.exp(min(0.0, logprob))
        words = [word.model_copy(update={"probability": probability}) for word in words]
    if logprob is None or no_speech is None or compression is None:
        return tuple(words), None
    length_sec = max(0.0, min(segment.end, duration_sec) - max(0.0, segment.start))
    return tuple(words), Passage(
        words=tuple(words),
        speech_sec=length_sec,
        average_log_probability=logprob,
        no_speech_probability=no_speech,
        compression_ratio=compression,
    )


def _within(sec: float, duration_sec: float) -> float:
    return min(max(0.0, sec), duration_sec)
