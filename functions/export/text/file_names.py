"""Names of downloaded files: ASCII letters, digits and hyphens, the same on every system."""

import re
import unicodedata

from functions.export.document import TranscriptDocument

_MAX_PART = 48


def file_name(document: TranscriptDocument, extension: str) -> str:
    """`course-lecture.ext`, from the titles, else the slugs, else the ids."""
    course = (
        ascii_slug(document.course)
        or ascii_slug(document.course_slug)
        or f"course-{document.course_id.hex[:8]}"
    )
    lecture = (
        ascii_slug(document.title)
        or ascii_slug(document.lecture_slug)
        or f"lecture-{document.lecture_id.hex[:8]}"
    )
    return f"{course}-{lecture}.{extension}"


def ascii_slug(text: str) -> str:
    """`Müller & Søn` → `muller-s-n`; "" when hardly a letter of it is ASCII."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    letters = sum(char.isalnum() for char in text)
    kept = sum(char.isalnum() for char in plain)
    # "第4回" would become "4": a name that says less than the slug does.
    if kept * 2 < letters:
        return ""
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_PART].rstrip("-")
