"""The few facts that stand under a lecture's title."""

from functions.export.clock import length
from functions.export.document import LectureDocument


def facts(document: LectureDocument) -> tuple[str, ...]:
    """Date, length and preset, as a reader writes them."""
    date = document.date
    return (
        f"{date.day} {date:%B %Y}",
        length(document.duration_sec),
        f"{document.preset_id.replace('-', ' ')} preset",
    )
