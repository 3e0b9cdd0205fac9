"""The media type of a recording, from its bytes."""

UNKNOWN = "application/octet-stream"

_SUBTYPES = {
    "aac": "aac",
    "aiff": "aiff",
    "amr": "amr",
    "asf": "x-ms-asf",
    "avi": "x-msvideo",
    "caf": "x-caf",
    "flac": "flac",
    "matroska": "x-matroska",
    "mov": "mp4",
    "mp3": "mpeg",
    "mpegts": "mp2t",
    "ogg": "ogg",
    "w64": "x-w64",
    "wav": "wav",
}
"""By the first of FFmpeg's names for a container."""

_WEBM_SOUND = ("opus", "vorbis")


def recorded_type(container: str, codec: str, *, video: bool) -> str:
    """The media type, from FFmpeg's names of container and audio codec."""
    name = container.partition(",")[0]
    subtype = _SUBTYPES.get(name)
    if subtype is None:
        return UNKNOWN
    if name == "matroska" and codec in _WEBM_SOUND:
        subtype = "webm"
    return f"{'video' if video else 'audio'}/{subtype}"
