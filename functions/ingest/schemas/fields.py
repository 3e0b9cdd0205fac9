"""Kinds of fields that several models share."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from functions.ingest.media_types import EXTENSIONS
from shared.presets import list_presets
from shared.schema import Schema
from shared.text import SHOWN

Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""A client's name for a lecture or course."""
Title = Annotated[
    str,
    StringConstraints(max_length=300),
    *SHOWN,
]
PresetId = Annotated[
    str,
    StringConstraints(
        pattern="^(?:"
        + "|".join(name for preset in list_presets() for name in (preset.id, *preset.aliases))
        + ")$"
    ),
]
ContentType = Annotated[
    str,
    StringConstraints(
        max_length=127,
        pattern=r"^(?:" + "|".join(EXTENSIONS) + r")(?: ?;[\x20-\x7e]*)?$",
    ),
]
Crc32c = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{5}[AQgw]==$")]
"""Base64 of the four big-endian bytes of a CRC-32C, as Cloud Storage writes it."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$")]
"""A model's name, never a path: where weights are looked for is the operator's to say."""


def _whole(value: object) -> object:
    """JSON knows one kind of number: 24.0 is as whole as 24."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


FROM_NUMBER = BeforeValidator(_whole)
Percent = Annotated[float, Field(ge=0, le=100)]


class Problem(Schema):
    """Why something failed: a stable code, and a sentence for people."""

    code: str
    message: str
