"""Each stretch of speech in its own language, whatever the lecture's is.

The first decoding, in the lecture's language, yields for each piece how likely its languages are.
Only where that speaks against the lecture's is anything looked into and decoded again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.whisper.confidence import Passage
from functions.transcribe.recognizers.whisper.decoding import Decoder
from functions.transcribe.recognizers.whisper.language_changes import (
    likeliest,
    surely,
    unsettled,
)
from functions.transcribe.recognizers.whisper.language_stretches import (
    POOR_LOG_PROBABILITY,
    WINDOW_SEC,
    Stretch,
    divided,
    runs,
)
from functions.transcribe.recognizers.whisper.missed_speech import stretches
from functions.transcribe.speech.pieces import Piece, Speech
from shared.speech.recognition import SpokenIn

GLANCE_SEC = 10.0
"""What is examined of a piece that is likeliest in the expected language, though not surely: in
noise that is each piece, and each window costs an encoder's pass."""
UNHEARD_SEC = 4.0
"""Whisper passes over what is in another language: so much in a piece is looked into."""
UNCERTAIN = 0.5
"""Probability of a language below which it is uncertain."""


@dataclass(frozen=True)
class Part:
    """A piece, the language it was decoded in, and what was made of it."""

    piece: Piece
    language: str
    passage: Passage
    is_supported: bool = True
    """Whether it sounds like its language; False where it sounds like none."""


def in_own_languages(
    decoder: Decoder, speech: Speech, parts: Sequence[Part], expected: str
) -> list[Part]:
    """The parts, those in other languages than the expected one divided where it changes and
    decoded again."""
    told = [_told(speech, part, expected) for part in parts]
    is_heard = expected in told
    told = _glanced_at(decoder, speech, parts, told, expected)
    stretches_: list[list[Stretch]] = [
        [Stretch(part.piece, language or expected)]
        for part, language in zip(parts, told, strict=True)
    ]
    for first, stop in runs(unsettled(told)):
        before = told[first - 1] if first else None
        after = told[stop] if stop < len(told) else None
        pieces = [part.piece for part in parts[first:stop]]
        stretches_[first:stop] = divided(
            *(decoder, pieces, expected, before, after), is_heard=is_heard
        )
    again: defaultdict[str, list[Piece]] = defaultdict(list)
    for part, own in zip(parts, stretches_, strict=True):
        if _differs(part, own):
            for stretch in own:
                again[stretch.language].append(stretch.piece)
    passages = {
        language: iter(decoder.batched(pieces, language, None))
        for language, pieces in again.items()
    }
    result: list[Part] = []
    for part, own in zip(parts, stretches_, strict=True):
        if _differs(part, own):
            result += (
                Part(each.piece, each.language, next(passages[each.language]), each.is_supported)
                for each in own
            )
        else:
            result.append(replace(part, is_supported=own[0].is_supported))
    return result


def in_place(parts: Sequence[Part]) -> list[Part]:
    """The parts without those that sound like no language, and without those that are short, read
    poorly and are in a language that is spoken on neither side of them.

    Where two languages meet, a third that the model does not recognize, or an unusual voice, is now
    and then taken for a fourth: five seconds of French, between English and German, became Thai.
    """
    kept = []
    for index, part in enumerate(parts):
        beside = {
            other.language
            for other in (*parts[max(0, index - 1) : index], *parts[index + 1 : index + 2])
        }
        alone = 0 < index < len(parts) - 1 and part.language not in beside
        short = part.passage.speech_sec < 2 * WINDOW_SEC
        poor = part.passage.average_log_probability < POOR_LOG_PROBABILITY
        if part.is_supported and not (alone and short and poor):
            kept.append(part)
    return kept


def spoken_in(parts: Sequence[Part], expected: str) -> tuple[str, tuple[SpokenIn, ...]]:
    """The language of most of the words, and where which is spoken if there are several."""
    spoken_sec: defaultdict[str, float] = defaultdict(float)
    stretches_: list[SpokenIn] = []
    for part in parts:
        spoken_sec[part.language] += sum(w.end_sec - w.start_sec for w in part.passage.words)
        start_sec = part.piece.start_sec
        if stretches_ and stretches_[-1].language == part.language:
            start_sec = stretches_.pop().start_sec
        stretches_.append(
            SpokenIn(language=part.language, start_sec=start_sec, end_sec=part.piece.end_sec)
        )
    if len(spoken_sec) < 2:
        return next(iter(spoken_sec), expected), ()
    return max(spoken_sec, key=lambda each: spoken_sec[each]), tuple(stretches_)


def uncertain_sec(parts: Sequence[Part]) -> float:
    """Speech that may well be in another language than it was decoded in.

    An English-only model does not return languages: its confidence in other languages is low.
    """
    return sum(
        part.passage.speech_sec
        for part in parts
        if (
            part.passage.languages.get(part.language, 0.0) < UNCERTAIN
            if part.passage.languages
            else part.passage.average_log_probability < POOR_LOG_PROBABILITY
        )
    )


def _told(speech: Speech, part: Part, expected: str) -> str | None:
    """The language of a part, None if it has to be looked into."""
    language = surely(part.passage.languages, expected)
    return None if language == expected and _is_passed_over(speech, part) else language


def _is_passed_over(speech: Speech, part: Part) -> bool:
    gaps = stretches(speech, [part.piece], part.passage.words)
    return sum(len(gap.samples) for gap in gaps) > UNHEARD_SEC * SAMPLE_RATE


def _glanced_at(
    decoder: Decoder,
    speech: Speech,
    parts: Sequence[Part],
    told: Sequence[str | None],
    expected: str,
) -> list[str | None]:
    """The same, with the expected language where a part is merely less sure of it, as in noise,
    and each third of the part is likeliest in it."""
    spans = {
        at: part.piece.windows(GLANCE_SEC)
        for at, (part, language) in enumerate(zip(parts, told, strict=True))
        if language is None
        and likeliest(part.passage.languages, expected) == expected
        and not _is_passed_over(speech, part)
    }
    glances = decoder.languages(
        [parts[at].piece.part(*span) for at, of_part in spans.items() for span in of_part]
    )
    result = list(told)
    for at, of_part in spans.items():
        if {likeliest(next(glances), expected) for _ in of_part} == {expected}:
            result[at] = expected
    return result


def _differs(part: Part, stretches_: Sequence[Stretch]) -> bool:
    return [each.language for each in stretches_] != [part.language]
