"""Values as they are written in the environment."""

from typing import Annotated

from pydantic import BeforeValidator, SecretStr


def _strip(value: object) -> object:
    # A secret typed into Secret Manager often ends in a newline.
    # One that holds nothing else is none: an empty token must not authenticate a request.
    return (value.strip() or None) if isinstance(value, str) else value


Secret = Annotated[SecretStr | None, BeforeValidator(_strip)]
"""A secret without the white space around it; None for one that is empty."""


def entries(listed: str) -> list[str]:
    """What a setting lists, separated by commas."""
    return [entry for each in listed.split(",") if (entry := each.strip())]
