"""The media types that phones, browsers and recorders give to recordings.

The one table for announcements and forms. It names what shared/containers/opening.py opens; what an
upload is gets decided from its bytes.
"""

import re

ANY_TYPE = "application/octet-stream"
EXTENSIONS = {
    ANY_TYPE: "bin",
    "application/mp4": "mp4",
    "application/ogg": "ogg",
    "application/x-matroska": "mkv",
    "audio/3gp": "3gp",
    "audio/3gpp": "3gp",
    "audio/3gpp2": "3g2",
    "audio/aac": "aac",
    "audio/aacp": "aac",
    "audio/aiff": "aiff",
    "audio/amr": "amr",
    "audio/amr-wb": "amr",
    "audio/flac": "flac",
    "audio/m4a": "m4a",
    "audio/matroska": "mka",
    "audio/mp2t": "ts",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/mp4a-latm": "m4a",
    "audio/mpeg": "mp3",
    "audio/mpeg3": "mp3",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/quicktime": "mov",
    "audio/vnd.wav": "wav",
    "audio/vnd.wave": "wav",
    "audio/vorbis": "ogg",
    "audio/w64": "w64",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/webm": "webm",
    "audio/x-aac": "aac",
    "audio/x-aiff": "aiff",
    "audio/x-amr": "amr",
    "audio/x-caf": "caf",
    "audio/x-flac": "flac",
    "audio/x-m4a": "m4a",
    "audio/x-matroska": "mka",
    "audio/x-mp3": "mp3",
    "audio/x-mpeg": "mp3",
    "audio/x-ms-asf": "asf",
    "audio/x-ms-wma": "wma",
    "audio/x-opus": "opus",
    "audio/x-w64": "w64",
    "audio/x-wav": "wav",
    "video/3gp": "3gp",
    "video/3gpp": "3gp",
    "video/3gpp2": "3g2",
    "video/avi": "avi",
    "video/m4v": "m4v",
    "video/matroska": "mkv",
    "video/mp2t": "ts",
    "video/mp4": "mp4",
    "video/msvideo": "avi",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "video/vnd.avi": "avi",
    "video/webm": "webm",
    "video/x-m4v": "m4v",
    "video/x-matroska": "mkv",
    "video/x-ms-asf": "asf",
    "video/x-ms-wmv": "wmv",
    "video/x-msvideo": "avi",
}
"""Media type in lower case, and the ending of the object's name, which only helps people."""


def media_type_of(content_type: str) -> str:
    """Without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def pattern_of_types() -> str:
    """A regular expression of JSON Schema for the table's types in any case, parameters allowed."""
    types = "|".join(map(_in_any_case, EXTENSIONS))
    return rf"^(?:{types})(?: ?;[\x20-\x7e]*)?$"


def _in_any_case(text: str) -> str:
    """JSON Schema's dialect has no flag for it."""
    letters = (f"[{each.upper()}{each}]" if each.isalpha() else re.escape(each) for each in text)
    # Not an escape that every dialect knows.
    return "".join(letters).replace(r"\-", "-")
