"""The lines below a lecture's title: a few facts, and the warnings."""

from functions.export.document import TranscriptDocument
from functions.export.text.clock import length


def facts(document: TranscriptDocument) -> tuple[str, ...]:
    """Date, length and preset, as a reader writes them."""
    date = document.date
    return (
        f"{date.day} {date:%B %Y}",
        length(document.duration_sec),
        f"{document.preset_id.replace('-', ' ')} preset",
    )


def notes(document: TranscriptDocument) -> tuple[str, ...]:
    """What a reader should know of the recording and its recognition, a sentence each."""
    return tuple(warning.message for warning in document.warnings)
