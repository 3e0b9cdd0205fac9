"""The figures are measured ones, see functions/transcribe/recognizers/whisper/confidence.py."""

import pytest

from functions.transcribe.recognizers.whisper.confidence import (
    Passage,
    believable,
    doubtful,
    nothing_said,
)
from tests.unit.transcribe.speech.spoken import spoken


def passage(
    words: int,
    log_probability: float,
    no_speech: float,
    compression: float,
    sec: float,
    *,
    start: float = 0.9,
    soundless: int = 0,
) -> Passage:
    """`start` is the probability of the first word; the last `soundless` ones have no length."""
    said = (
        *spoken("Word" if words else "", probability=start),
        *spoken(" ".join(["word"] * (words - 1)), start_sec=0.5),
    )
    sounding = len(said) - soundless
    return Passage(
        words=(
            *said[:sounding],
            *(word.model_copy(update={"end_sec": word.start_sec}) for word in said[sounding:]),
        ),
        speech_sec=sec,
        average_log_probability=log_probability,
        no_speech_probability=no_speech,
        compression_ratio=compression,
    )


@pytest.mark.parametrize(
    "speech",
    [
        passage(78, -0.09, 0.07, 1.58, 29.7),  # a clean lecture
        passage(7, -0.18, 0.06, 0.83, 3.0),  # one short sentence
        passage(73, -0.73, 0.41, 1.60, 24.6),  # noise at 3 dB
        passage(81, -0.70, 0.68, 1.85, 29.4),  # noise louder than the speaker
        passage(73, -0.97, 0.66, 1.73, 24.5),
        passage(40, -0.1, 0.05, 4.0, 25.0),  # a drill: the same phrase again and again
        passage(75, -0.13, 0.41, 3.82, 28.8, soundless=8),  # a drill in a synthetic voice
        passage(1, -1.15, 0.34, 0.38, 1.3, start=0.1),  # "Ask!", alone
        passage(8, -0.75, 0.51, 0.84, 2.5, start=0.07),  # eight words in noise at 3 dB
        passage(3, -0.52, 0.56, 0.6, 1.7, start=0.22),  # "ask what you", torn out
    ],
)
def test_speech_is_believed(speech: Passage) -> None:
    assert believable(speech)


@pytest.mark.parametrize(
    "invented",
    [
        passage(1, -1.62, 0.78, 0.33, 1.3),  # "you" on music
        passage(1, -0.96, 0.88, 0.11, 1.3),  # "." on music
        passage(4, -0.89, 0.80, 0.72, 17.3),  # "Thank you very much." on murmur
        passage(4, -0.83, 0.80, 0.64, 7.6),  # "2 3 3 2" on humming
        passage(24, -1.28, 0.59, 1.83, 13.9),  # a whole sentence on murmur
        passage(2, -0.39, 0.54, 0.58, 0.7, start=0.25),  # "Thank you." on eight voices
        passage(4, -0.65, 0.66, 0.75, 1.0, start=0.02),  # "for everyone right now." on six
        passage(19, -0.93, 0.71, 1.39, 6.6, start=0.03),  # two sentences on twelve
        passage(206, -0.15, 0.49, 16.04, 26.3),  # a loop in heavy noise
        passage(101, -0.25, 0.70, 8.92, 24.6),  # a slower one
        passage(80, -0.38, 0.45, 11.03, 24.5, soundless=41),
        passage(80, -0.15, 0.45, 11.03, 24.5, soundless=41),
        passage(75, -0.13, 0.55, 3.82, 28.8, soundless=8),
        passage(75, -0.30, 0.41, 3.82, 28.8, soundless=8),
    ],
)
def test_invented_words_are_not(invented: Passage) -> None:
    assert not believable(invented)


def test_only_what_is_doubtful_is_tried_again() -> None:
    assert not doubtful(passage(78, -0.09, 0.07, 1.58, 29.7))
    assert not doubtful(passage(44, -0.08, 0.13, 2.60, 20.3))  # a phrase said twice
    assert doubtful(passage(206, -0.15, 0.49, 16.04, 26.3))
    assert doubtful(passage(5, -1.21, 0.3, 0.81, 1.2))
    assert doubtful(passage(0, 0.0, 0.0, 0.0, 20.0))


def test_where_nobody_speaks_nothing_is_sampled() -> None:
    assert nothing_said(passage(4, -0.89, 0.80, 0.72, 17.3))
    assert nothing_said(passage(2, -2.04, 0.84, 0.33, 29.3))
    assert not nothing_said(passage(206, -0.15, 0.49, 16.04, 26.3))
