"""What a student should know of how the speech of a lecture was recognized."""

from collections import defaultdict
from collections.abc import Sequence

from shared.documents.transcript import Transcript
from shared.documents.warnings import LectureWarning, WarningCode, Warnings
from shared.speech.recognition import Recognition

LEAST_LANGUAGE_SEC = 5.0
"""Speech in another language that is worth a warning; less is a quotation."""
LEAST_UNCERTAIN_SEC = 20.0
LEAST_UNCERTAIN_SHARE = 0.1
"""Of the speech. A noisy place or a murmur has no sure language either."""


def speech_warnings(transcript: Transcript, recognitions: Sequence[Recognition]) -> Warnings:
    """Those of the join: several languages, speech that was withheld, a language that is
    uncertain."""
    spoken_sec: defaultdict[str, float] = defaultdict(float)
    for utterance in transcript.utterances:
        language = utterance.language or transcript.language
        spoken_sec[language] += utterance.end_sec - utterance.start_sec
    found = []
    languages = sorted(
        (each for each, seconds in spoken_sec.items() if seconds >= LEAST_LANGUAGE_SEC),
        key=lambda each: -spoken_sec[each],
    )
    if len(languages) > 1:
        found.append(
            LectureWarning.of(
                WarningCode.SEVERAL_LANGUAGES,
                languages=tuple(languages),
                main=transcript.language,
            )
        )
    if withheld := sum(each.withheld for each in recognitions):
        found.append(
            LectureWarning.of(
                WarningCode.SPEECH_WITHHELD,
                passages=withheld,
                seconds=round(sum(each.withheld_sec for each in recognitions), 1),
            )
        )
    uncertain_sec = sum(each.uncertain_sec for each in recognitions)
    speech_sec = sum(spoken_sec.values()) + sum(each.withheld_sec for each in recognitions)
    if uncertain_sec >= max(LEAST_UNCERTAIN_SEC, LEAST_UNCERTAIN_SHARE * speech_sec):
        found.append(
            LectureWarning.of(WarningCode.LANGUAGE_UNCERTAIN, seconds=round(uncertain_sec, 1))
        )
    return tuple(found)
