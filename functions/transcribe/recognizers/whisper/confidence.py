"""Which recognized passages are plausible.

Voice activity lets some murmur and music through, and Whisper makes words of it;
heavy noise drives it into loops. Its own figures give both away. What they were for
base and tiny.en, over real lectures (clean, and under noise of 10, 3 and -3 dB) and
over murmur, music, hums and coughs:

  speech down to 3 dB     log-probability above -0.8, no-speech below 0.55
  speech at -3 dB         log-probability above -1.0, or a loop: compression above 2.4 at 5 to
                          9 words a second, or slower with no-speech above 0.3
  a phrase said twice     compression above 2.4 too, no-speech below 0.2
  a drill, tiny.en        compression above 3.8, no-speech 0.4, log-probability -0.13, a word of
                          ten without sound; of loops in noise a quarter and more
  murmur, music, hum      log-probability below -0.8, no-speech above 0.6, up to 6 words;
                          some longer passages below -1.2 with any no-speech probability
  six voices and more     also "Thank you." at -0.4 and "for everyone right now." at -0.65,
                          no-speech above 0.5: only the first word of these is unsure, below
                          0.1, or below 0.3 where there is next to no sound
  short phrases alone     no-speech below 0.35, whatever the first word has; torn out of
                          their sentence, of a second, up to 0.6 and from 0.2 on
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.documents.transcript import Word

LOW_LOG_PROBABILITY = -1.0
HIGH_NO_SPEECH = 0.6
HIGH_COMPRESSION = 2.4
"""These three are the thresholds of OpenAI's reference implementation."""

HOPELESS_LOG_PROBABILITY = -1.2
POOR_LOG_PROBABILITY = -0.8
FEW_WORDS = 8
BLINK_SEC = 1.1
"""Speech is padded by 0.4 s on either side, so this is 0.3 s of voice."""
RAISED_NO_SPEECH = 0.5
UNSURE_START = 0.3
VERY_UNSURE_START = 0.1
"""Probability of the first word."""
FASTEST_SPEECH = 5.0
"""Words a second over half a minute; auctioneers are faster, lecturers are not."""
CLEAR_SPEECH = 0.3
"""No-speech probability up to which repetition is taken for the speaker's own."""
SURE_LOG_PROBABILITY = -0.2
SOUNDLESS_SEC = 0.05
SOUNDLESS_SHARE = 0.15
"""Of the words, those that are shorter or of an invented repetition: with that few, and this sure,
repetition is the speaker's up to `RAISED_NO_SPEECH`."""


@dataclass(frozen=True)
class Passage:
    """One piece of up to 30 s of speech as it was recognized."""

    words: tuple[Word, ...]
    speech_sec: float
    """Length of the piece."""
    average_log_probability: float
    """Per token, natural logarithm."""
    no_speech_probability: float
    """0 to 1. Meaningful only of a recognition without a hint, which lowers it."""
    compression_ratio: float
    """Length of the text over its zlib-compressed length: high for endless repetition."""
    invented: int = 0
    """Words of invented repetitions (repetition.py); the words are without them."""
    languages: Mapping[str, float] = field(default_factory=dict)
    """How likely each language is, by ISO 639-1; of a multilingual model."""


def doubtful(passage: Passage) -> bool:
    """Not good enough to be taken without a closer look."""
    return (
        not passage.words
        or nothing_said(passage)
        or _loop(passage)
        or passage.average_log_probability < LOW_LOG_PROBABILITY
    )


def nothing_said(passage: Passage) -> bool:
    """No speech. Sampling at a temperature would only invent text: "Thank you. Thank you."."""
    return _silence(passage) or _murmur(passage) or _phrase_out_of_nowhere(passage)


def believable(passage: Passage) -> bool:
    """False for what Whisper says of sounds that are not speech, and for loops."""
    return not (
        passage.average_log_probability < HOPELESS_LOG_PROBABILITY
        or nothing_said(passage)
        or _loop(passage)
    )


def _silence(passage: Passage) -> bool:
    return (
        passage.no_speech_probability > HIGH_NO_SPEECH
        and passage.average_log_probability < LOW_LOG_PROBABILITY
    )


def _murmur(passage: Passage) -> bool:
    return (
        passage.no_speech_probability > HIGH_NO_SPEECH
        and passage.average_log_probability < POOR_LOG_PROBABILITY
        and len(passage.words) <= FEW_WORDS
    )


def _phrase_out_of_nowhere(passage: Passage) -> bool:
    if not passage.words:
        return False
    start, no_speech = passage.words[0].probability, passage.no_speech_probability
    return (no_speech > HIGH_NO_SPEECH and start < VERY_UNSURE_START) or (
        no_speech > RAISED_NO_SPEECH and start < UNSURE_START and passage.speech_sec < BLINK_SEC
    )


def _loop(passage: Passage) -> bool:
    written = len(passage.words) + passage.invented
    too_fast = written > FASTEST_SPEECH * passage.speech_sec
    return passage.compression_ratio > HIGH_COMPRESSION and (
        too_fast or (passage.no_speech_probability > CLEAR_SPEECH and not _surely_repeated(passage))
    )


def _surely_repeated(passage: Passage) -> bool:
    written = len(passage.words) + passage.invented
    without = sum(word.end_sec - word.start_sec < SOUNDLESS_SEC for word in passage.words)
    return (
        passage.no_speech_probability <= RAISED_NO_SPEECH
        and passage.average_log_probability >= SURE_LOG_PROBABILITY
        and without + passage.invented <= SOUNDLESS_SHARE * written
    )
