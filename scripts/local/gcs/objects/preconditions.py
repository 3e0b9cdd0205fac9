"""Generation and metageneration preconditions, as in "Request preconditions"."""

from collections.abc import Mapping
from email.message import Message
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.objects.resources import ObjectRecord


class Replacing(StrEnum):
    """Whether an object of the same name may be replaced, which takes the right to delete it."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    FORBIDDEN_FIRST = "forbidden first"
    """Said before any precondition is looked at."""


class Preconditions(BaseModel):
    """All None: none. Generation 0 stands for "there is no such object"."""

    model_config = ConfigDict(frozen=True)

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None
    replacing: Replacing = Replacing.ALLOWED

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Preconditions":
        """`ifGenerationMatch` and its kin, of the JSON API."""
        return cls(
            generation_match=whole_number(query, "ifGenerationMatch"),
            generation_not_match=whole_number(query, "ifGenerationNotMatch"),
            metageneration_match=whole_number(query, "ifMetagenerationMatch"),
            metageneration_not_match=whole_number(query, "ifMetagenerationNotMatch"),
        )

    @classmethod
    def from_headers(cls, headers: Message) -> "Preconditions":
        """`x-goog-if-generation-match` and its kin, of the XML API."""
        return cls(
            generation_match=whole_number(headers, "x-goog-if-generation-match"),
            metageneration_match=whole_number(headers, "x-goog-if-metageneration-match"),
        )

    def check_write(self, current: ObjectRecord | None) -> None:
        """Raises StorageError (412) if the object may not be written or deleted."""
        if self._match_fails(current) or self._not_match_fails(current):
            raise StorageError(
                Refusal.CONDITION_NOT_MET,
                "At least one of the pre-conditions you specified did not hold.",
            )

    def check_create(self, current: ObjectRecord | None) -> None:
        """`check_write` of a new generation. Raises StorageError: 412, or 403 if there is an
        object and the caller may not replace it."""
        if current is not None and self.replacing is Replacing.FORBIDDEN_FIRST:
            raise StorageError(Refusal.ACCESS_DENIED, "Access denied.")
        self.check_write(current)
        if current is not None and self.replacing is Replacing.FORBIDDEN:
            raise StorageError(Refusal.ACCESS_DENIED, "Access denied.")

    def check_read(self, current: ObjectRecord) -> None:
        """Raises StorageError: 412, or 304 where a reader has this version already."""
        if not self._match_fails(current) and self._not_match_fails(current):
            raise StorageError(Refusal.NOT_MODIFIED, "Not Modified")
        self.check_write(current)

    def _match_fails(self, current: ObjectRecord | None) -> bool:
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else 0
        return self.generation_match not in (
            None,
            generation,
        ) or self.metageneration_match not in (None, metageneration)

    def _not_match_fails(self, current: ObjectRecord | None) -> bool:
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else 0
        return (
            self.generation_not_match == generation
            or self.metageneration_not_match == metageneration
        )


def whole_number(values: Mapping[str, str] | Message, key: str) -> int | None:
    """A parameter or header that is a number, None if absent. Raises StorageError."""
    text = values.get(key)
    if text is None:
        return None
    if not str(text).isascii() or not str(text).isdigit():
        raise StorageError(Refusal.INVALID, f"Invalid value for {key}: {text}")
    return int(text)
