"""Kinds of fields that several models share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from functions.ingest.web.media_types import ANY_TYPE, pattern_of_types
from shared.documents.artifacts import ArtifactType
from shared.presets import list_presets
from shared.schema import Schema
from shared.text import SHOWN

_SLUG = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_PRESETS = tuple(name for preset in list_presets() for name in (preset.id, *preset.aliases))
_PRESET = f"^(?:{'|'.join(_PRESETS)})$"
_CONTENT_TYPE = pattern_of_types()
_CRC32C = r"^[A-Za-z0-9+/]{5}[AQgw]==$"
_LANGUAGE = r"^[a-z]{2,3}$"
MODEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$"

STUDY_PARTS = ("lecture", "progress", *(kind.value for kind in ArtifactType), "threads", "marks")
_PARTS = f"(?:{'|'.join(STUDY_PARTS)})"
_INCLUDE = f"^{_PARTS}(?:,{_PARTS})*$"

IN_WORDS = {
    _INCLUDE: f"lists some of {', '.join(STUDY_PARTS)}, with a comma between",
    _SLUG: "has 1 to 64 letters A to Z, digits, _ and -, and begins with a letter or digit",
    _PRESET: f"is one of {', '.join(_PRESETS)}",
    _CONTENT_TYPE: "is not the media type of a recording that can be read; "
    f"{ANY_TYPE} fits every recording",
    _CRC32C: "is the Base64 of the four bytes of a CRC-32C",
    _LANGUAGE: "is a code of ISO 639, as en or de",
    MODEL_PATTERN: "is the name of a model: letters, digits, dots and hyphens",
}
"""Error messages for text that does not match a pattern."""

Include = Annotated[str, StringConstraints(max_length=200, pattern=_INCLUDE)]
"""Parts of a lecture, with a comma between."""
Slug = Annotated[str, StringConstraints(pattern=_SLUG)]
"""A client's name for a lecture or course."""
Title = Annotated[
    str,
    StringConstraints(max_length=300),
    *SHOWN,
]
DEFAULT_PRESET = "exam"
PresetId = Annotated[str, StringConstraints(pattern=_PRESET)]
ContentType = Annotated[str, StringConstraints(max_length=127, pattern=_CONTENT_TYPE)]
Crc32c = Annotated[str, StringConstraints(pattern=_CRC32C)]
"""Base64 of the four big-endian bytes of a CRC-32C, as Cloud Storage writes it."""
Language = Annotated[str, StringConstraints(pattern=_LANGUAGE)]
ModelName = Annotated[str, StringConstraints(pattern=MODEL_PATTERN)]
"""A model's name, never a path: where weights are looked for is the operator's to say."""


_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)


def _in_utc(value: datetime) -> datetime:
    """At either end of time there are moments that UTC has no date for."""
    return min(max(value, _EARLIEST), _LATEST).astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""With an offset; kept and answered in UTC."""


def _whole(value: object) -> object:
    """JSON knows one kind of number: 24.0 is as whole as 24."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


FROM_NUMBER = BeforeValidator(_whole)
Percent = Annotated[float, Field(ge=0, le=100)]


class Problem(Schema):
    """Why something failed: a stable code, and a sentence for people."""

    code: str
    message: str
