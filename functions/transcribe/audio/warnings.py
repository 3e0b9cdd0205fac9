"""The findings of the decoding that become warnings."""

from functions.transcribe.audio.report import DecodingReport
from shared.documents.warnings import LectureWarning, WarningCode, Warnings

SHORTEST_SEC = 1.0
SMALLEST_SHARE = 0.02
"""Of the recording. What was repaired for less than either is no news."""

SHORTEST_DAMAGE_SEC = 0.25
"""A damaged packet lasts about 0.02 s; from here on a word may be lost."""


def warnings_of(report: DecodingReport) -> Warnings:
    """In the order of WarningCode."""
    found: list[LectureWarning] = []
    if report.tracks > 1:
        found.append(
            LectureWarning.of(
                WarningCode.SEVERAL_TRACKS,
                tracks=report.tracks,
                used=report.tracks_decoded,
            )
        )
    if report.parts > 1:
        found.append(LectureWarning.of(WarningCode.SEVERAL_RECORDINGS, recordings=report.parts))
    least_sec = max(SHORTEST_SEC, SMALLEST_SHARE * report.decoded_sec)
    for code, seconds, least in (
        (WarningCode.RECORDING_INCOMPLETE, report.missing_sec, 0.0),
        (WarningCode.RECORDING_DAMAGED, report.damaged_sec, SHORTEST_DAMAGE_SEC),
        (WarningCode.OPPOSITE_PHASE, report.inverted_sec, least_sec),
        (WarningCode.BEYOND_FULL_SCALE, report.scaled_sec, least_sec),
        (WarningCode.CLIPPED, report.clipped_sec, least_sec),
    ):
        if seconds > least:
            found.append(LectureWarning.of(code, seconds=max(1, round(seconds))))
    return tuple(found)
