"""Kinds of files, for stages that do not make them (functions/export/formats/registry.py does)."""

REPEATS_TRANSCRIPT = frozenset({"json", "srt", "txt", "vtt", "zip"})
"""Files that hold the whole transcript, and the archive of all. A file made after the transcript
was deleted does not."""

EXPORT_TYPES = REPEATS_TRANSCRIPT | {"anki", "anki-csv", "docx", "markdown", "pdf"}
