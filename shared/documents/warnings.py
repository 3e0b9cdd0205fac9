"""Warnings: what a student should know of a lecture whose transcription or material succeeded.

A warning goes with the transcript or the artifact it was found for: both are written in one
transaction, and the next transcription or generation replaces both.
"""

from collections.abc import Sequence
from enum import StrEnum

from shared.schema import Schema

Param = str | int | float | tuple[str, ...] | tuple[int, ...]


class WarningCode(StrEnum):
    """Stable: clients may rely on a code. Later releases add codes."""

    SEVERAL_TRACKS = "several_tracks"
    SEVERAL_RECORDINGS = "several_recordings"
    RECORDING_INCOMPLETE = "recording_incomplete"
    RECORDING_DAMAGED = "recording_damaged"
    OPPOSITE_PHASE = "opposite_phase"
    BEYOND_FULL_SCALE = "beyond_full_scale"
    CLIPPED = "clipped"
    SEVERAL_LANGUAGES = "several_languages"
    SPEECH_WITHHELD = "speech_withheld"
    LANGUAGE_UNCERTAIN = "language_uncertain"
    MADE_WITHOUT_MODEL = "made_without_model"


_SENTENCES = {
    WarningCode.SEVERAL_TRACKS: "The file has {tracks} audio tracks. Used for the transcript: "
    "{used}.",
    WarningCode.SEVERAL_RECORDINGS: "The file holds {recordings} recordings one after the other; "
    "the transcript covers all of them in this order.",
    WarningCode.RECORDING_INCOMPLETE: "The file breaks off, or a part of it cannot be read: about "
    "{seconds} seconds are missing and are not in the transcript.",
    WarningCode.RECORDING_DAMAGED: "About {seconds} seconds of the recording are damaged and could "
    "not be read; what was said there is not in the transcript.",
    WarningCode.OPPOSITE_PHASE: "The channels of the recording have opposite polarity for about "
    "{seconds} seconds, which a wrongly wired microphone causes; this was corrected.",
    WarningCode.BEYOND_FULL_SCALE: "The recording exceeds full scale for about {seconds} seconds; "
    "its level was lowered.",
    WarningCode.CLIPPED: "The recording is clipped for about {seconds} seconds because its level "
    "was too high; words may be misrecognized there.",
    WarningCode.SEVERAL_LANGUAGES: "The lecture is in several languages: {languages}. The study "
    "material is written in {main}, the one most of it is in.",
    WarningCode.SPEECH_WITHHELD: "Speech of about {seconds} seconds could not be recognized "
    "reliably and is not in the transcript (passages: {passages}).",
    WarningCode.LANGUAGE_UNCERTAIN: "The language of about {seconds} seconds of speech is "
    "uncertain; words may be wrong there.",
    WarningCode.MADE_WITHOUT_MODEL: "The language model gave no usable answer for the {items}, "
    "which were drawn from the lecturer's own sentences instead.",
}


class LectureWarning(Schema):
    """One thing to know about how a recording became a transcript, or a transcript material."""

    code: str
    """A stable code, such as `recording_incomplete`; later releases add codes."""
    message: str
    """The same as one English sentence."""
    params: dict[str, Param] = {}  # noqa: RUF012 - pydantic copies defaults
    """What the sentence was made with: numbers, names, lists of them."""

    @classmethod
    def of(cls, code: WarningCode, **params: Param) -> "LectureWarning":
        """A warning whose sentence is filled with these parameters."""
        shown = {name: _shown(value) for name, value in params.items()}
        return cls(code=code, message=_SENTENCES[code].format(**shown), params=params)


Warnings = tuple[LectureWarning, ...]


def stored(warnings: Sequence[LectureWarning]) -> list[object]:
    """The JSON of a column that keeps warnings; `read` is its inverse."""
    return [warning.model_dump(mode="json", by_alias=True) for warning in warnings]


def read(column: Sequence[object]) -> Warnings:
    return tuple(LectureWarning.model_validate(each) for each in column)


def _shown(value: Param) -> str:
    match value:
        case str():
            return value
        case tuple():
            *others, last = map(str, value)
            return f"{', '.join(others)} and {last}" if others else last
        case float():
            return f"{value:.0f}"
        case _:
            return str(value)
