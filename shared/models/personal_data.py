"""What a table holds of persons, why, until when, and what deletes it.

Stands beside the columns of each model, and names every one of them: a column that is added
without an entry fails a test. docs/reference/data-map.md is made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PersonalData:
    """Of one table."""

    why: str
    until: str
    deleted_by: str
    columns: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold personal data or lead to a person, and what they hold."""
    other: tuple[str, ...] = ()
    """Columns that do neither."""

    @property
    def named(self) -> tuple[str, ...]:
        return (*self.columns, *self.other)


@dataclass(frozen=True)
class Kept:
    """What something other than a table holds of persons: a folder of the bucket, a message."""

    what: str
    why: str
    until: str
    deleted_by: str


OWNER = "subject of the owner's ID token"
LECTURE_ID = "which lecture"
WITH_LECTURE = "its lecture is deleted"
WITH_MATERIAL = f"{WITH_LECTURE}, or `PLC_RETENTION_MATERIAL_DAYS` have passed, where that is set"
DELETING_MATERIAL = "the row's lecture, by the database (cascade); retention (`material`)"
DELETING_LECTURE = "the row's lecture, by the database (cascade)"
